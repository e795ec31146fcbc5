extension TwiMLTemplate.Name {
    /// Checks that a document can do what it is sent for.
    ///
    /// - `connect.xml` gives the audio to the agent: `<Connect><Stream url="{{join_url}}">`, and nothing before it that
    ///   ends the document.
    /// - `unavailable.xml` and `fallback.xml` tell somebody on the line what is the matter, or hand them on.
    /// - `reject.xml` turns a caller away: `<Reject>` as its first verb, or words, or a hang-up.
    /// - `hangup.xml` ends the call.
    ///
    /// - Parameters:
    ///   - root: of the document with its gaps filled.
    ///   - joinURL: what `{{join_url}}` was filled with, and no other gap.
    ///   - streamStatusURL: the same of `{{stream_status_url}}`.
    /// - Throws: the line, and what is missing.
    func checkDuty(_ root: TwiMLElement, joinURL: String, streamStatusURL: String) throws(TwiMLFault) {
        guard !root.children.isEmpty else {
            throw root.fault("<Response> is empty, so that whoever is on the line hears nothing: \(advice)")
        }
        switch self {
        case .connect: try checkConnect(root, joinURL: joinURL, streamStatusURL: streamStatusURL)
        case .unavailable, .fallback:
            guard root.reached.contains(where: \.isHeard) else {
                throw root.fault("whoever is on the line hears nothing: \(advice)")
            }
        case .reject:
            let rejects = root.children.first { $0.name == "Reject" }
            if let rejects, rejects !== root.children.first {
                throw rejects.fault(
                    "<Reject> must be the first verb: after another one the call is answered and billed"
                )
            }
            guard root.reached.contains(where: { $0.isHeard || $0.endsCall }) else {
                throw root.fault("the caller is not turned away: \(advice)")
            }
        case .hangup:
            if let other = root.reached.first(where: { !$0.endsCall && !Self.mayPrecedeHangup.contains($0.name) }) {
                throw other.fault("hangup.xml ends the call, and <\(other.name)> goes on with it: \(advice)")
            }
            guard root.reached.contains(where: \.endsCall) else { throw root.fault("the call is not ended: \(advice)") }
        }
    }

    private static let mayPrecedeHangup: Set = ["Say", "Play", "Pause", "Stop"]

    private var advice: String {
        switch self {
        case .connect:
            "write <Connect><Stream url=\"{{join_url}}\" statusCallback=\"{{stream_status_url}}\"/></Connect>"
        case .unavailable, .fallback: "write <Say language=\"{{language}}\">{{message}}</Say>"
        case .reject: "write <Reject/>"
        case .hangup: "write <Hangup/>"
        }
    }

    private func checkConnect(
        _ root: TwiMLElement,
        joinURL: String,
        streamStatusURL: String
    ) throws(TwiMLFault) {
        let isJoin = { (element: TwiMLElement) in element.name == "Stream" && element.attributes["url"] == joinURL }
        guard let connect = root.children.first(where: { $0.name == "Connect" && $0.children.contains(where: isJoin) })
        else {
            throw missingStream(root, isJoin)
        }
        if let end = root.children.prefix(while: { $0 !== connect }).first(where: \.endsDocument) {
            throw end.fault("<\(end.name)> ends the document, so that <Connect> behind it is never reached: remove it")
        }
        guard connect.children.count == 1, let stream = connect.children.first else {
            throw connect.fault("<Connect> takes one <Stream> and nothing else: remove the others")
        }
        if let track = stream.attributes["track"], track != "inbound_track" {
            throw stream.fault("in <Connect> the track can only be inbound_track (Twilio's error 31941): leave it out")
        }
        let method = stream.attributes["statusCallbackMethod"] ?? "POST"
        if stream.attributes["statusCallback"] == streamStatusURL, method.uppercased() != "POST" {
            throw stream.fault("statusCallbackMethod must be POST: the gateway takes nothing else")
        }
    }

    private func missingStream(_ root: TwiMLElement, _ isJoin: (TwiMLElement) -> Bool) -> TwiMLFault {
        if let start = root.children.first(where: { $0.name == "Start" && $0.children.contains { $0.name == "Stream" } }
        ) {
            return start.fault("<Start><Stream> only listens, and the agent is never heard: \(advice)")
        }
        let connects = root.children.filter { $0.name == "Connect" }
        if let stream = connects.flatMap(\.children).first(where: { $0.name == "Stream" }) {
            return stream.fault("url of <Stream> must be \"{{join_url}}\" and nothing else: \(advice)")
        }
        guard let connect = connects.first else { return root.fault("the agent is not connected: \(advice)") }
        return connect.fault("<Connect> has no <Stream>: \(advice)")
    }
}

extension TwiMLElement {
    /// The verbs that Twilio gets to, one after the other.
    fileprivate var reached: [TwiMLElement] {
        let end = children.firstIndex(where: \.endsDocument) ?? children.count - 1
        return Array(children.prefix(end + 1))
    }

    fileprivate var endsDocument: Bool { endsCall || ["Redirect", "Leave", "Refer", "Enqueue"].contains(name) }
    fileprivate var endsCall: Bool { name == "Hangup" || name == "Reject" }

    /// Whether somebody on the line hears something, or is handed on to something.
    fileprivate var isHeard: Bool {
        switch name {
        case "Say": hasWords
        case "Play": hasWords || attributes["digits"] != nil
        case "Pause", "Hangup", "Reject", "Leave", "Start", "Stop", "Sms": false
        default: true
        }
    }
}
