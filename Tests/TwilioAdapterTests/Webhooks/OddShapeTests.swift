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

    private typealias Pairs = [(name: String, value: String)]

    /// Every way to put one or more parameters, or the end of one, into the value of the one before it, or into the name or
    /// the value of one that Twilio does not send.
    private func oddShapes(of genuine: Pairs) -> [Pairs] {
        var shapes: [Pairs] = []
        for index in genuine.indices {
            for end in genuine.indices[(index + 1)...] {
                let swallowed = genuine[(index + 1)...end].map { $0.name + $0.value }.joined()
                var shape = genuine
                shape[index].value += swallowed
                shape.removeSubrange((index + 1)...end)
                shapes.append(shape)
            }
            let pair = genuine[index]
            for (name, value) in [
                ("Zz" + pair.name, pair.value), ("Zz", pair.name + pair.value), (pair.name + pair.value, ""),
                (pair.name + pair.value.prefix(1), String(pair.value.dropFirst())),
                (String(pair.name.prefix(1)), pair.name.dropFirst() + pair.value),
            ] where name != pair.name {
                var shape = genuine
                shape[index] = (name, value)
                shapes.append(shape)
            }
        }
        return shapes
    }

    @Test("None says anything that the genuine one does not", arguments: names)
    func saysLess(name: String) throws {
        let sample = try #require(try TwilioWebhookSample.all().first { $0.name == name })
        let kind = try #require(sample.webhookKind)
        let account = try #require(AccountSid(sample.accountSid))
        let key = VerificationKey(Secret(sample.authToken))
        let url = "https://gw.example.com/webhooks/twilio/\(kind.rawValue)?call=\(Self.claim)"
        let id = try #require(CallID(Self.claim))
        let genuine = sample.params.map { (name: $0[0], value: $0[1]) }.sorted { $0.name < $1.name }
        func read(_ pairs: Pairs) -> TwilioWebhook.Reading {
            let form = FormParameters(pairs.map { FormParameters.Pair($0.name, $0.value) })
            let signature = key.signature(url: url, tail: form.signedText)
            #expect(WebhookVerifier(keys: [key]).accepts(signature: signature, url: url, body: .form(form)))
            return TwilioWebhook.read(kind, query: "call=\(Self.claim)", form: form, account: account)
        }
        guard case .useful(let original) = read(genuine) else {
            Issue.record("the genuine message was not read")
            return
        }
        var taken = 0
        for shape in oddShapes(of: genuine) {
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
            "phoneNumber": call.phoneNumber, "from": call.from, "answeredBy": call.answeredBy,
            "duration": call.duration.map(String.init), "errorCode": call.error?.code,
            // Where Twilio gives no words, ours stand there.
            "errorMessage": call.error.flatMap { $0.message.contains("Twilio") ? nil : $0.message },
            "sipResponseCode": call.error?.sipResponseCode.map(String.init), "streamError": call.stream?.error,
            "recordingURL": call.recording?.url, "recordingDuration": call.recording?.duration.map(String.init),
        ].compactMapValues(\.self)
    }
}
