import Foundation
import TestSupport
import Testing

@Suite("The checker of vendors' parameters")
struct ParameterTableTests {
    private static let call: [(name: String, value: String)] = [
        ("To", "+12125550187"), ("From", "+12025550143"),
        ("Url", "https://gw.example.com/webhooks/twilio/voice?call=1"),
        ("StatusCallback", "https://gw.example.com/webhooks/twilio/status#rc=2"), ("StatusCallbackEvent", "initiated"),
        ("StatusCallbackEvent", "completed"), ("Timeout", "30"), ("TimeLimit", "3630"), ("AsyncAmd", "true"),
        ("MachineDetection", "Enable"), ("Record", "false"), ("Passports", "a,b"),
    ]

    @Test("The tables themselves are sound")
    func tablesAreSound() {
        for table in [
            ParameterTable.twilioCreateCall, .twilioUpdateCall, .twilioListCalls, .twilioAnswers, .ultravoxRequests,
            .ultravoxAnswers,
        ] {
            #expect(table.flaws() == [])
        }
    }

    @Test("A table with flaws shows them")
    func flawedTablesAreShown() throws {
        let text =
            #"{"A":{"b":{"type":"array:object:C"},"d":{"type":"string","pattern":"("},"$exactlyOneOf":[["b","e"]]}}"#
        let table = try ParameterTable(json: Data(text.utf8), direction: .request, formType: "F")
        #expect(
            table.flaws() == [
                "A.b: type C is not in the table", "A.d: pattern ( does not compile",
                "A: a rule names the unknown field e", "F: the form's type is not in the table",
            ]
        )
    }

    @Test(
        "A table with an unknown type or property is refused",
        arguments: [
            #"{"A":{"b":{"type":"text"}}}"#, #"{"A":{"b":{"type":"map"}}}"#,
            #"{"A":{"b":{"type":"string","nulable":true}}}"#,
            #"{"A":{"b":{}}}"#,
        ]
    )
    func misspelledTablesAreRefused(text: String) {
        #expect(throws: DecodingError.self) { try ParameterTable(json: Data(text.utf8), direction: .request) }
    }

    @Test("A well-formed order of a call passes")
    func goodFormPasses() {
        #expect(ParameterTable.twilioCreateCall.violations(inForm: Self.call) == [])
        #expect(ParameterTable.twilioUpdateCall.violations(inForm: [("Status", "completed")]) == [])
        #expect(
            ParameterTable.twilioListCalls.violations(inForm: [
                ("Status", "in-progress"), ("StartTime>", "2026-11-22T11:46:05Z"), ("PageSize", "1000"),
            ]) == []
        )
    }

    @Test(
        "A planted violation in a form is found",
        arguments: [
            ("Nonsense", "1", "Nonsense: unknown parameter"),
            ("to", "+12125550187", "to: unknown parameter"),
            ("Timeout", "60", "Timeout: given more than once"),
            ("StatusCallbackEvent", "initiated ringing", "StatusCallbackEvent: \"initiated ringing\" is none of"),
            ("Method", "PUT", "Method: \"PUT\" is none of GET, POST"),
            ("MachineDetectionTimeout", "60", "MachineDetectionTimeout: 60 is above 59"),
            ("MachineDetectionTimeout", "+5", "MachineDetectionTimeout: +5 is no integer"),
            ("MachineDetectionTimeout", "30.5", "MachineDetectionTimeout: 30.5 is no integer"),
            ("MachineDetectionTimeout", "soon", "MachineDetectionTimeout: \"soon\" is no number"),
            ("FallbackUrl", "/fallback", "FallbackUrl: \"/fallback\" is no uri"),
            ("FallbackUrl", "", "FallbackUrl: \"\" is no uri"),
            ("SendDigits", "1e", "SendDigits: \"1e\" does not match"),
            ("ApplicationSid", "AP12", "ApplicationSid: \"AP12\" does not match"),
            ("Twiml", String(repeating: "x", count: 4_001), "Twiml: 4001 characters are more than 4000"),
        ]
    )
    func plantedFormViolations(name: String, value: String, message: String) {
        let found = ParameterTable.twilioCreateCall.violations(inForm: Self.call + [(name, value)])
        #expect(found.contains { $0.hasPrefix(message) }, "found \(found)")
    }

    @Test("Missing and contradicting parameters of a form are found")
    func missingParameters() {
        let found = ParameterTable.twilioCreateCall.violations(inForm: [("To", "0049 30"), ("Record", "yes")])
        #expect(found.count == 4, "found \(found)")
        #expect(found.contains("From: missing"))
        #expect(found.contains { $0.hasPrefix("To: \"0049 30\" does not match") })
        #expect(found.contains("Record: \"yes\" is neither true nor false"))
        #expect(found.contains { $0.contains("atLeastOneOf Url, Twiml, ApplicationSid") })
        let both: [(name: String, value: String)] = [("Url", "https://h/"), ("Twiml", "<Response/>")]
        #expect(ParameterTable.twilioUpdateCall.violations(inForm: both).count == 1)
        #expect(ParameterTable.twilioAnswers.violations(inForm: both) == ["this table describes no form"])
    }

    @Test("Every sample delivery of Ultravox is a documented event with a documented call")
    func sampleWebhooksPass() throws {
        let files = try Fixture.files(in: "ultravox/webhooks")
        #expect(files.count == 10)
        for file in files {
            let found = ParameterTable.ultravoxAnswers.violations(inJSON: try Fixture.bytes(file), as: "WebhookEvent")
            #expect(found == [], "\(file)")
        }
    }

    @Test(
        "A planted violation in a call is found",
        arguments: [
            ("\"joined\":null", "\"joined\":\"today\"", "call.joined: \"today\" is no datetime"),
            ("\"joined\":null", "\"joined\":0", "call.joined: 0 is no datetime"),
            ("\"joined\":null", "\"joined\":null,\"status\":\"live\"", "call.status: unknown field"),
            ("\"joined\":null", "\"joined\":null,\"joined\":null", "call.joined: given more than once"),
            ("\"joined\":null,", "", "call.joined: missing"),
            ("\"recordingEnabled\":true", "\"recordingEnabled\":0", "call.recordingEnabled: 0 is no boolean"),
            ("\"recordingEnabled\":true", "\"recordingEnabled\":null", "call.recordingEnabled: may not be null"),
            ("BILLING_STATUS_PENDING", "PENDING", "call.billingStatus: \"PENDING\" is none of"),
            (
                "\"duration\":\"15s\"", "\"duration\":\"15000ms\"",
                "call.inactivityMessages[1].duration: \"15000ms\" is no"
            ),
            ("\"duration\":\"15s\"", "\"length\":\"15s\"", "call.inactivityMessages[1].length: unknown field"),
            (
                "\"billedSideInputTokens\":null", "\"billedSideInputTokens\":1.0",
                "call.billedSideInputTokens: 1.0 is no"
            ),
            ("\"event\":\"call.started\"", "\"event\":\"call.exploded\"", "event: \"call.exploded\" is none of"),
        ]
    )
    func plantedCallViolations(good: String, bad: String, message: String) throws {
        let text = String(decoding: try Fixture.bytes("ultravox/webhooks/call.started.json"), as: UTF8.self)
        let planted = try #require(text.firstRange(of: good).map { text.replacingCharacters(in: $0, with: bad) })
        let found = ParameterTable.ultravoxAnswers.violations(inJSON: Data(planted.utf8), as: "WebhookEvent")
        #expect(found.count == 1)
        #expect(found.contains { $0.hasPrefix(message) }, "found \(found)")
    }

    @Test(
        "Requests to Ultravox are checked at any depth",
        arguments: [
            (#"{"metadata":{"switchboard_call_id":"call_1"},"medium":{"twilio":{}},"joinTimeout":"50s"}"#, nil),
            (#"{"firstSpeakerSettings":{"user":{"fallback":{"delay":"5s","text":"Hello?"}}}}"#, nil),
            (#"{"callbacks":{"ended":{"url":"https://gw.example.com/webhooks/ultravox","secrets":["s"]}}}"#, nil),
            (#"{"metadata":{"n":1}}"#, "metadata.n: 1 is no string"),
            (#"{"metadata":{"ultravox.x":"1"}}"#, "metadata.ultravox.x: the name does not match"),
            (#"{"systemPrompt":"x"}"#, "systemPrompt: unknown field"),
            (
                #"{"callbacks":{"ended":"https://gw.example.com"}}"#,
                "callbacks.ended: \"https://gw.example.com\" is no object"
            ),
            (#"{"medium":{"twilio":{},"webRtc":{}}}"#, "medium: atMostOneOf webRtc, twilio"),
            (#"{"firstSpeakerSettings":{}}"#, "firstSpeakerSettings: exactlyOneOf user, agent"),
            (#"{"maxDuration":3600}"#, "maxDuration: 3600 is no duration"),
            (#"{"toolOverrides":[]}"#, "toolOverrides: an array is no object"),
            (#"[]"#, "StartAgentCall: an array is no object"),
            (#"{"voice":"a","voice":"b"}"#, "voice: given more than once"),
            (#"{"voice":"a",}"#, "not strict JSON: byte 13: expected a name"),
        ] as [(String, String?)]
    )
    func agentCallRequests(text: String, message: String?) {
        let found = ParameterTable.ultravoxRequests.violations(inJSON: Data(text.utf8), as: "StartAgentCall")
        #expect(found.count == (message == nil ? 0 : 1), "found \(found)")
        if let message {
            #expect(found.contains { $0.hasPrefix(message) }, "found \(found)")
        }
    }

    @Test("What only the vendor sets is refused in requests, what it never returns in answers")
    func directionsAreKept() {
        let requests = ParameterTable.ultravoxRequests
        let template = #"{"callTemplate":{"updated":"2026-03-08T19:04:22Z","temperature":1.5},"agentId":null}"#
        #expect(
            Set(requests.violations(inJSON: Data(template.utf8), as: "PatchAgent")) == [
                "callTemplate.updated: only the vendor sets this", "callTemplate.temperature: 1.5 is above 1",
                "agentId: only the vendor sets this", "agentId: may not be null",
            ]
        )
        let secrets = #"{"sharedSecrets":["0123456789abcdef"]}"#
        #expect(requests.violations(inJSON: Data(secrets.utf8), as: "CallTemplate") == [])
        #expect(
            ParameterTable.ultravoxAnswers.violations(inJSON: Data(secrets.utf8), as: "CallTemplate")
                == ["sharedSecrets: the vendor never returns this"]
        )
        let hangUp = #"{"type":"hang_up","message":"Goodbye."}"#
        #expect(requests.violations(inJSON: Data(hangUp.utf8), as: "SendDataMessage/hang_up") == [])
        #expect(requests.violations(inJSON: Data("{}".utf8), as: "Nonsense").count == 1)
    }
}
