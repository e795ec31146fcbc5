import FoundationEssentials

/// `<Connect><Stream>`: the callee talks to whatever listens at the URL, which here can only be the other stand-in.
struct MediaStream: Sendable {
    /// One of the codes 31901 to 31941.
    private struct Failure: Error {
        let code: Int
        let message: String
    }

    let talk: CallTalk
    let stream: TwiMLStream
    private let sid = Identifier.sid("MZ")
    private var life: CallLife { talk.life }

    init(talk: CallTalk, stream: TwiMLStream) {
        self.talk = talk
        self.stream = stream
    }

    /// Blocks until the far side closes the stream, or until the call is redirected or over.
    func run() async -> CallTalk.Step {
        let agentCallID: String
        do throws(Failure) {
            agentCallID = try connect()
        } catch {
            life.alert(error.code, error.message)
            report("stream-error", error: "\(error.code): \(error.message)")
            return .next
        }
        report("stream-started")
        defer { report("stream-stopped") }
        while true {
            switch await talk.interruption(before: nil) {
            case .streamClosed(agentCallID):
                return .next
            case .streamClosed:
                continue
            case nil:
                return .over
            case .redirected(let source):
                UltravoxMedia(core: life.core).hangUp(agentCallID)
                return .document(source)
            case .over:
                UltravoxMedia(core: life.core).hangUp(agentCallID)
                return .over
            }
        }
    }

    private func connect() throws(Failure) -> String {
        guard let parts = URLParts(stream.url) else {
            throw Failure(code: 31923, message: "Stream - WebSocket - Malformed URL")
        }
        guard parts.scheme == "wss" else {
            throw Failure(code: 31922, message: "Stream - WebSocket - Unsupported URL scheme")
        }
        if let track = stream.track, track != "inbound_track" {
            throw Failure(code: 31941, message: "Stream - Invalid track configuration")
        }
        // A query is cut off, so whoever expects it there refuses the handshake.
        guard !parts.target.contains("?"), let call = life.call,
            let agentCallID = UltravoxMedia(core: life.core).join(
                stream.url,
                streamSid: sid,
                call: call
            )
        else { throw Failure(code: 31920, message: "Stream - WebSocket - Handshake Error") }
        return agentCallID
    }

    private func report(_ event: String, error: String? = nil) {
        guard let target = stream.statusCallback, let call = life.call else { return }
        var parameters = [
            Parameter("AccountSid", call.accountSid), Parameter("CallSid", call.sid), Parameter("StreamSid", sid),
            Parameter("StreamName", stream.name ?? sid), Parameter("StreamEvent", event),
        ]
        if let error { parameters.append(Parameter("StreamError", error)) }
        parameters.append(Parameter("Timestamp", VendorTime.iso8601(Date())))
        life.post(TwilioWebhook(kind: "stream", callSid: call.sid, target: target, parameters: parameters))
    }
}
