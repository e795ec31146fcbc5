import CallDomain
import TestSupport
import Testing

@testable import TwilioAdapter

/// Messages in which a parameter of Twilio's is missing and its name stands inside of the one before it, or of one that
/// Twilio does not send. Each is signed here for what it is, so that the signature is no reason to refuse it.
@Suite("Messages of odd shape")
struct OddShapeTests {
    private static let claim = "call_01jd9z7q0v3r2m8k4t6w5x1y0a"
    private static let names = [
        "status-failed-with-error-code", "status-completed-with-recording-and-amd", "amd-human",
        "stream-error", "recording-completed", "voice-outbound", "voice-fallback",
    ]

    /// A genuine message of a SIP endpoint, which chooses its own name, and of one that is called.
    private static let addresses = [
        "From": "sip:alice.FromCity.Gus.SipCallId@example.com",
        "Caller": "sip:alice.FromCity.Gus.SipCallId@example.com",
        "To": "sip:Wu.Zed@example.com", "Called": "sip:Wu.Zed@example.com",
    ]

    @Test(
        "None of a call between SIP endpoints says anything that the genuine one does not",
        arguments: ["status-completed-with-recording-and-amd", "voice-outbound", "voice-fallback"]
    )
    func saysLessOfAddresses(name: String) throws { try checkShapes(of: name, changing: Self.addresses) }

    @Test("None says anything that the genuine one does not", arguments: names)
    func saysLess(name: String) throws { try checkShapes(of: name) }

    private func checkShapes(of name: String, changing changes: [String: String] = [:]) throws {
        let sample = try #require(try TwilioWebhookSample.all().first { $0.name == name })
        let kind = try #require(sample.webhookKind)
        let account = try #require(AccountSid(sample.accountSid))
        let key = VerificationKey(Secret(sample.authToken))
        let url = "https://gw.example.com/webhooks/twilio/\(kind.rawValue)?call=\(Self.claim)"
        let id = try #require(CallID(Self.claim))
        let genuine = sample.params.map { (name: $0[0], value: changes[$0[0]] ?? $0[1]) }.sorted { $0.name < $1.name }
        func read(_ pairs: OddShapes.Pairs) -> TwilioWebhook.Reading {
            let form = FormParameters(pairs.map { FormParameters.Pair($0.name, $0.value) })
            let signature = key.signature(url: url, tail: form.signedText)
            #expect(WebhookVerifier(keys: [key]).accepts(signature: signature, url: url, body: .form(form)))
            return TwilioWebhook.read(kind, query: "call=\(Self.claim)", form: form, account: account)
        }
        guard case .useful(let original) = read(genuine) else {
            Issue.record("the genuine message was not read")
            return
        }
        if !changes.isEmpty { #expect(original.fact.unread.isEmpty) }
        var taken = 0
        for shape in OddShapes.all(of: genuine) {
            guard case .useful(let webhook) = read(shape) else { continue }
            taken += 1
            #expect(webhook.claimed == id, "\(shape)")
            #expect(webhook.fact.identity == original.fact.identity, "\(shape)")
            // The genuine message prevails whichever comes first.
            let calls = [[original.fact], [webhook.fact, original.fact], [original.fact, webhook.fact]].map { facts in
                var history = CallHistory(id: id)
                for fact in facts {
                    history.merge(CallEvent(callID: id, receivedAt: Timestamp(milliseconds: 0), fact: fact))
                }
                return (history.folded, history.timeline)
            }
            #expect(calls[1].0 == calls[0].0 && calls[2].0 == calls[0].0, "\(shape)")
            #expect(calls[1].1 == calls[0].1 && calls[2].1 == calls[0].1, "\(shape)")
            // Alone, it leaves out and adds nothing.
            var alone = CallHistory(id: id)
            alone.merge(CallEvent(callID: id, receivedAt: Timestamp(milliseconds: 0), fact: webhook.fact))
            let (told, known) = (texts(of: alone.folded), texts(of: calls[0].0))
            for (field, text) in told { #expect(known[field] == text, "\(field) of \(shape)") }
        }
        #expect(taken >= 5)
    }

    /// What a call says that came from fields beside.
    private func texts(of call: Call) -> [String: String] {
        [
            "phoneNumber": call.phoneNumber, "from": call.from, "to": call.to, "answeredBy": call.answeredBy,
            "duration": call.duration.map(String.init), "errorCode": call.error?.code,
            // Where Twilio gives no words, ours stand there.
            "errorMessage": call.error.flatMap { $0.message.contains("Twilio") ? nil : $0.message },
            "sipResponseCode": call.error?.sipResponseCode.map(String.init), "streamError": call.stream?.error,
            "recordingURL": call.recording?.url, "recordingDuration": call.recording?.duration.map(String.init),
        ].compactMapValues(\.self)
    }
}
