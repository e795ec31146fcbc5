/// Which elements TwiML has, and where each may stand. Names are case-sensitive.
///
/// What Twilio does not know it passes over with a warning (12200), so that a document with a slip serves silence.
/// - SeeAlso: https://www.twilio.com/docs/voice/twiml#twiml-verbs-for-programmable-voice and the verbs of Twilio's own
///   libraries; <https://www.twilio.com/docs/voice/twiml/stream>
enum TwiMLSchema {
    private static let speech = ["break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"]
    private static let spoken = ["Pause", "Play", "Say"]

    /// What may stand in an element; what is not here takes no elements.
    private static let children: [String: [String]] = [
        "Response": [
            "Connect", "Dial", "Echo", "Enqueue", "Gather", "Hangup", "Leave", "Pause", "Pay", "Play", "Prompt",
            "Queue",
            "Record", "Redirect", "Refer", "Reject", "Say", "Sms", "Start", "Stop",
        ],
        "Connect": [
            "AiSession", "Autopilot", "Conversation", "ConversationRelay", "ConversationRelaySession", "Room", "Stream",
            "VirtualAgent",
        ],
        "Start": ["MediaFilter", "Recording", "Siprec", "Stream", "Transcription"],
        "Stop": ["MediaFilter", "Recording", "Siprec", "Stream", "Transcription"],
        "Stream": ["Parameter"], "ConversationRelay": ["Language", "Parameter"],
        "VirtualAgent": ["Config", "Parameter"],
        "Siprec": ["Parameter"], "Transcription": ["Config", "Parameter"], "Hangup": ["Parameter"],
        "Reject": ["Parameter"],
        "Dial": ["Application", "Client", "Conference", "Number", "Queue", "Sim", "Sip", "WhatsApp"],
        "Application": ["ApplicationSid", "Parameter"], "Client": ["Identity", "Parameter"],
        "Sip": ["Headers", "Uri"], "Headers": ["Header"], "Refer": ["Sip"], "Enqueue": ["Task"],
        "Gather": spoken, "Prompt": spoken, "Pay": ["Parameter", "Prompt"], "Say": speech,
        "emphasis": speech, "lang": speech, "p": speech, "prosody": speech, "s": speech, "w": speech,
    ]

    /// Whose text means something.
    private static let textual: Set = [
        "Play", "Redirect", "Dial", "Number", "Client", "Identity", "Sip", "Uri", "Sim", "Conference", "Queue",
        "Enqueue",
        "Task", "Sms", "WhatsApp", "Application", "ApplicationSid", "Room", "Conversation", "Autopilot", "Say",
        "phoneme",
        "say-as", "sub",
    ]

    static let streamAttributes = ["url", "name", "track", "statusCallback", "statusCallbackMethod", "connectorName"]

    private static let allNames = Set(children.keys).union(children.values.joined())

    /// - Throws: the first element that Twilio would pass over, with the spelling or the place that would do.
    static func check(_ element: TwiMLElement) throws(TwiMLFault) {
        let allowed = children[element.name] ?? []
        for child in element.children {
            guard allowed.contains(child.name) else { throw child.fault(complaint(about: child, in: element, allowed)) }
            try check(child)
        }
        let isTextual = textual.contains(element.name) || speech.contains(element.name)
        if !isTextual, element.text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) {
            throw element.fault("text directly in <\(element.name)> is not spoken: put it into <Say>")
        }
        if element.name == "Stream" {
            for name in element.attributes.keys.sorted() where !streamAttributes.contains(name) {
                throw element.fault(complaint(aboutAttribute: name))
            }
        }
    }

    private static func complaint(about child: TwiMLElement, in parent: TwiMLElement, _ allowed: [String]) -> String {
        let name = VendorText.bounded(child.name, to: 64)
        if let meant = allNames.sorted().first(where: { $0 != child.name && $0.lowercased() == child.name.lowercased() }
        ) {
            return "<\(name)> is not TwiML, whose names are case-sensitive: write <\(meant)>"
        }
        if let meant = allowed.first(where: { isNear($0, child.name) }) {
            return "<\(name)> is not TwiML: did you mean <\(meant)>?"
        }
        let places = children.filter { $0.value.contains(child.name) }.keys.sorted()
        guard !places.isEmpty else {
            return "<\(name)> is not a verb of TwiML; <\(parent.name)> takes "
                + (allowed.isEmpty ? "no elements" : allowed.joined(separator: ", "))
        }
        return "<\(name)> does not belong in <\(parent.name)>, but in "
            + places.map { "<\($0)>" }.joined(separator: " or ")
    }

    private static func complaint(aboutAttribute name: String) -> String {
        let shown = VendorText.bounded(name, to: 64)
        let meant = streamAttributes.first { $0.lowercased() == name.lowercased() || isNear($0, name) }
        return "<Stream> has no attribute \(shown): "
            + (meant.map { "write \($0)" } ?? "it knows \(streamAttributes.joined(separator: ", "))")
    }

    /// Whether one slip makes one word the other: a character too many, too few, another, or two exchanged.
    private static func isNear(_ left: String, _ right: String) -> Bool {
        let (a, b) = (Array(left.lowercased()), Array(right.lowercased()))
        guard abs(a.count - b.count) <= 1, min(a.count, b.count) >= 3 else { return false }
        let head = zip(a, b).prefix { $0 == $1 }.count
        let tail = zip(a.dropFirst(head).reversed(), b.dropFirst(head).reversed()).prefix { $0 == $1 }.count
        let (restA, restB) = (a.count - head - tail, b.count - head - tail)
        if restA <= 1, restB <= 1 { return true }
        return restA == 2 && restB == 2 && a[head] == b[head + 1] && a[head + 1] == b[head]
    }
}
