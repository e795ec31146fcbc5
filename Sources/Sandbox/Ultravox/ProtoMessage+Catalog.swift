/// The messages of agents and agent calls, field by field. <https://api.ultravox.ai/api/schema/>
extension ProtoMessage {
    /// A message by its name without `ultravox.v1.`.
    static func named(_ name: String) -> ProtoMessage? {
        catalog[name].map { ProtoMessage(name: name, fields: $0) }
    }

    private static let catalog = Dictionary(
        uniqueKeysWithValues: table.split(separator: "\n").map { line in
            let words = line.split(separator: " ")
            let fields = words.dropFirst().map { word in
                let halves = word.split(separator: ":", maxSplits: 1)
                return (String(halves[0]), type(halves[1]))
            }
            return (String(words[0]), Dictionary(uniqueKeysWithValues: fields))
        }
    )

    private static func type(_ text: Substring) -> ProtoType {
        switch text {
        case "string": .string
        case "bool": .bool
        case "number": .number
        case "integer": .integer
        case "duration": .duration
        case "structure": .structure
        case "value": .value
        case _ where text.hasPrefix("["): .list(type(text.dropFirst().dropLast()))
        case _ where text.hasPrefix("{"): .map(type(text.dropFirst().dropLast()))
        case _ where text.hasSuffix(")"): enumeration(text)
        case _: .message(String(text))
        }
    }

    private static func enumeration(_ text: Substring) -> ProtoType {
        let prefix = text.prefix { $0 != "(" }
        let cases = text.dropFirst(prefix.count + 1).dropLast().split(separator: "|")
        return .enumeration(Set(cases.map { String(prefix + $0) }))
    }

    /// One message a line: its name, then `field:type`. `[T]` is a list, `{T}` a map, `PREFIX_(A|B)` an enumeration.
    private static let table = """
        AutomaticParameter name:string location:PARAMETER_LOCATION_(UNSPECIFIED|QUERY|PATH|HEADER|BODY) \
        knownValue:KNOWN_PARAM_(UNSPECIFIED|CALL_ID|CONVERSATION_HISTORY|OUTPUT_SAMPLE_RATE|CALL_STATE|\
        CALL_STAGE_ID|THREAD_ID|THREAD_STATES|CALL_METADATA)
        BaseClientToolDetails
        BaseDataConnectionToolDetails
        BaseHttpToolDetails baseUrlPattern:string httpMethod:string
        BaseToolDefinition modelToolName:string description:string dynamicParameters:[DynamicParameter] \
        staticParameters:[StaticParameter] automaticParameters:[AutomaticParameter] \
        requirements:ToolRequirements timeout:duration precomputable:bool http:BaseHttpToolDetails \
        client:BaseClientToolDetails dataConnection:BaseDataConnectionToolDetails \
        defaultReaction:AGENT_REACTION_(UNSPECIFIED|SPEAKS|LISTENS|SPEAKS_ONCE) \
        staticResponse:StaticToolResponse
        CallMedium webRtc:CallMedium_WebRtcMedium twilio:CallMedium_TwilioMedium \
        serverWebSocket:CallMedium_WebSocketMedium telnyx:CallMedium_TelnyxMedium plivo:CallMedium_PlivoMedium \
        exotel:CallMedium_ExotelMedium sip:CallMedium_SipMedium
        CallMedium_DtmfHandling ignore:bool userTextMessage:CallMedium_DtmfUserTextMessage
        CallMedium_DtmfUserTextMessage text:string urgency:URGENCY_(UNSPECIFIED|IMMEDIATE|SOON|LATER)
        CallMedium_ExotelMedium dtmfHandling:CallMedium_DtmfHandling
        CallMedium_PlivoMedium outgoing:PlivoMedium_OutgoingRequestParams dtmfHandling:CallMedium_DtmfHandling
        CallMedium_SipMedium incoming:SipMedium_SipIncoming outgoing:SipMedium_SipOutgoing
        CallMedium_TelnyxMedium outgoing:TelnyxMedium_OutgoingRequestParams dtmfHandling:CallMedium_DtmfHandling
        CallMedium_TwilioMedium outgoing:TwilioMedium_OutgoingRequestParams dtmfHandling:CallMedium_DtmfHandling
        CallMedium_WebRtcMedium dataMessages:EnabledDataMessages
        CallMedium_WebSocketMedium inputSampleRate:integer outputSampleRate:integer clientBufferSizeMs:integer \
        dataMessages:EnabledDataMessages mediaIdleTimeout:duration
        CallTemplate name:string created:string updated:string medium:CallMedium \
        initialOutputMedium:MESSAGE_MEDIUM_(UNSPECIFIED|VOICE|TEXT) joinTimeout:duration maxDuration:duration \
        vadSettings:VadSettings recordingEnabled:bool firstSpeakerSettings:FirstSpeakerSettings \
        systemPrompt:string temperature:number model:string voice:string externalVoice:ExternalVoice \
        voiceOverrides:ExternalVoice languageHint:string timeExceededMessage:string \
        inactivityMessages:[TimedMessage] selectedTools:[SelectedTool] dataConnection:DataConnectionConfig \
        contextSchema:structure sharedSecrets:[string] \
        retentionPolicy:CALL_RETENTION_POLICY_(UNSPECIFIED|RETAIN|AUTO_DELETE)
        Callback url:string secrets:[string]
        Callbacks joined:Callback ended:Callback billed:Callback
        CartesiaVoice voiceId:string model:string speed:number emotion:string emotions:[string] \
        generationConfig:CartesiaVoice_CartesiaGenerationConfig
        CartesiaVoice_CartesiaGenerationConfig volume:number speed:number emotion:string \
        pronunciationDictId:string
        DataConnectionAudioConfig sampleRate:integer channelMode:CHANNEL_MODE_(UNSPECIFIED|MIXED|SEPARATED)
        DataConnectionConfig websocketUrl:string audioConfig:DataConnectionAudioConfig \
        dataMessages:EnabledDataMessages headers:{string}
        DynamicParameter name:string location:PARAMETER_LOCATION_(UNSPECIFIED|QUERY|PATH|HEADER|BODY) \
        schema:structure required:bool
        ElevenLabsVoice voiceId:string model:string speed:number useSpeakerBoost:bool style:number \
        similarityBoost:number stability:number \
        pronunciationDictionaries:[ElevenLabsVoice_PronunciationDictionaryReference] \
        optimizeStreamingLatency:integer maxSampleRate:integer enableSsmlParsing:bool
        ElevenLabsVoice_PronunciationDictionaryReference dictionaryId:string versionId:string
        EnabledDataMessages pong:bool state:bool transcript:bool clientToolInvocation:bool \
        dataConnectionToolInvocation:bool playbackClearBuffer:bool callStarted:bool debug:bool callEvent:bool \
        toolUsed:bool userStartedSpeaking:bool userStoppedSpeaking:bool invokingTool:bool
        ExternalVoice elevenLabs:ElevenLabsVoice cartesia:CartesiaVoice lmnt:LmntVoice google:GoogleVoice \
        inworld:InworldVoice respeecher:RespeecherVoice generic:GenericVoice
        FallbackAgentGreeting delay:duration text:string prompt:string
        FirstSpeakerSettings user:FirstSpeakerSettings_UserGreeting agent:FirstSpeakerSettings_AgentGreeting
        FirstSpeakerSettings_AgentGreeting uninterruptible:bool text:string prompt:string delay:duration
        FirstSpeakerSettings_UserGreeting fallback:FallbackAgentGreeting
        GenericVoice url:string headers:{string} body:structure responseSampleRate:integer \
        responseWordsPerMinute:integer responseMimeType:string jsonAudioFieldPath:string \
        jsonByteEncoding:JSON_BYTE_ENCODING_(UNSPECIFIED|BASE64|HEX)
        GoogleVoice voiceId:string speakingRate:number
        HeaderApiKeyRequirement name:string
        HttpAuthRequirement scheme:string
        InCallTimespan start:duration end:duration
        InworldVoice voiceId:string modelId:string speakingRate:number temperature:number \
        applyTextNormalization:bool
        LmntVoice voiceId:string model:string speed:number conversational:bool
        Message role:MESSAGE_ROLE_(UNSPECIFIED|USER|AGENT|TOOL_CALL|TOOL_RESULT) text:string invocationId:string \
        toolName:string errorDetails:string medium:MESSAGE_MEDIUM_(UNSPECIFIED|VOICE|TEXT) \
        callStageMessageIndex:integer callStageId:string callState:structure timespan:InCallTimespan \
        wallClockTimespan:InCallTimespan metadata:structure
        PlivoMedium_OutgoingRequestParams to:string from:string additionalParams:structure
        QueryApiKeyRequirement name:string
        RespeecherVoice voiceId:string model:string seed:integer temperature:number topK:integer topP:number \
        minP:number presencePenalty:number repetitionPenalty:number frequencyPenalty:number
        SecurityOptions options:[SecurityRequirements]
        SecurityRequirement queryApiKey:QueryApiKeyRequirement headerApiKey:HeaderApiKeyRequirement \
        httpAuth:HttpAuthRequirement
        SecurityRequirements requirements:{SecurityRequirement} \
        ultravoxCallTokenRequirement:UltravoxCallTokenRequirement
        SelectedTool toolId:string toolName:string temporaryTool:BaseToolDefinition nameOverride:string \
        descriptionOverride:string authTokens:{string} parameterOverrides:{value} transitionId:string
        SipMedium_SipIncoming
        SipMedium_SipOutgoing to:string from:string username:string password:string
        StartAgentCallRequest templateContext:structure initialMessages:[Message] metadata:{string} \
        medium:CallMedium joinTimeout:duration maxDuration:duration recordingEnabled:bool \
        initialOutputMedium:MESSAGE_MEDIUM_(UNSPECIFIED|VOICE|TEXT) firstSpeakerSettings:FirstSpeakerSettings \
        dataConnection:DataConnectionConfig experimentalSettings:structure callbacks:Callbacks voice:string \
        voiceOverrides:ExternalVoice toolOverrides:ToolOverrides \
        retentionPolicy:CALL_RETENTION_POLICY_(UNSPECIFIED|RETAIN|AUTO_DELETE) sharedSecrets:[string] \
        agentId:string
        StaticParameter name:string location:PARAMETER_LOCATION_(UNSPECIFIED|QUERY|PATH|HEADER|BODY) value:value
        StaticToolResponse responseText:string
        TelnyxMedium_OutgoingRequestParams to:string from:string additionalParams:structure
        TimedMessage duration:duration message:string \
        endBehavior:END_BEHAVIOR_(UNSPECIFIED|HANG_UP_SOFT|HANG_UP_STRICT)
        ToolOverrides remove:[string] removeAll:bool add:[SelectedTool]
        ToolRequirements httpSecurityOptions:SecurityOptions requiredParameterOverrides:[string]
        TwilioMedium_OutgoingRequestParams to:string from:string additionalParams:structure
        UltravoxCallTokenRequirement scopes:[string]
        VadSettings turnEndpointDelay:duration minimumTurnDuration:duration minimumInterruptionDuration:duration \
        frameActivationThreshold:number
        """
}
