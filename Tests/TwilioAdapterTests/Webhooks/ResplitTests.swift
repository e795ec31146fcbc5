import CallDomain
import TestSupport
import Testing

@testable import TwilioAdapter

/// Twilio's signature has no border between names and values: whoever captured one message can make others of it that
/// verify. None of them may say anything else.
@Suite("Messages split anew")
struct ResplitTests {
    private static let claim = "call_01jd9z7q0v3r2m8k4t6w5x1y0a"
    private static let names = [
        "status-failed-with-error-code", "status-completed-with-recording-and-amd", "amd-human",
        "stream-error", "recording-completed", "voice-outbound", "voice-fallback",
    ]

    private struct Message {
        var query: String
        var pairs: [(name: String, value: String)]
    }

    /// Every way to move, remove or add one border within the pairs, and to take the end of the URL into the form.
    private func variants(of genuine: Message) -> [Message] {
        var variants: [Message] = []
        let pairs = genuine.pairs
        for (index, pair) in pairs.enumerated() {
            let text = Array((pair.name + pair.value).utf8)
            for cut in 0...text.count {
                var split = pairs
                split[index] = (string(text[..<cut]), string(text[cut...]))
                variants.append(Message(query: genuine.query, pairs: split))
                split[index] = (string(text[..<cut]), "")
                split.insert((string(text[cut...]), ""), at: index + 1)
                variants.append(Message(query: genuine.query, pairs: split))
            }
            guard index + 1 < pairs.count else { continue }
            let next = Array((pairs[index + 1].name + pairs[index + 1].value).utf8)
            for cut in 0...next.count {
                var merged = pairs
                merged[index].value += string(next[..<cut])
                merged[index + 1] = (string(next[cut...]), "")
                variants.append(Message(query: genuine.query, pairs: merged))
                if cut == next.count {
                    merged.remove(at: index + 1)
                    variants.append(Message(query: genuine.query, pairs: merged))
                }
            }
        }
        let query = Array(genuine.query.utf8)
        for cut in 0...query.count {
            let rest = string(query[cut...])
            variants.append(Message(query: string(query[..<cut]), pairs: [(rest, "")] + pairs))
            variants.append(
                Message(
                    query: string(query[..<cut]),
                    pairs: [(rest + pairs[0].name, pairs[0].value)] + pairs.dropFirst()
                )
            )
        }
        return variants
    }

    private func string(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("None says anything that the genuine one does not", arguments: names)
    func changesNothing(name: String) throws {
        let sample = try #require(try TwilioWebhookSample.all().first { $0.name == name })
        let kind = try #require(sample.webhookKind)
        let account = try #require(AccountSid(sample.accountSid))
        let key = VerificationKey(Secret(sample.authToken))
        let verifier = WebhookVerifier(keys: [key])
        let path = "https://gw.example.com/webhooks/twilio/\(kind.rawValue)"
        let sorted = sample.params.map { (name: $0[0], value: $0[1]) }.sorted { $0.name < $1.name }
        let genuine = Message(query: "?call=\(Self.claim)", pairs: sorted)
        func form(_ message: Message) -> FormParameters {
            FormParameters(message.pairs.map { FormParameters.Pair($0.name, $0.value) })
        }
        func read(_ message: Message) -> TwilioWebhook.Reading {
            TwilioWebhook.read(kind, query: message.query.dropFirst(), form: form(message), account: account)
        }
        guard case .useful(let original) = read(genuine) else {
            Issue.record("the genuine message was not read")
            return
        }
        let signature = key.signature(url: path + genuine.query, tail: form(genuine).signedText)
        let id = try #require(CallID(Self.claim))
        var verified = 0
        for variant in variants(of: genuine) {
            guard verifier.accepts(signature: signature, url: path + variant.query, body: .form(form(variant))) else {
                continue
            }
            verified += 1
            guard case .useful(let webhook) = read(variant) else { continue }
            #expect(webhook.claimed == id, "\(variant)")
            #expect(webhook.fact.identity == original.fact.identity, "\(variant)")
            // Where it says less, the genuine message prevails whichever comes first.
            let calls = [[original.fact], [webhook.fact, original.fact], [original.fact, webhook.fact]].map { facts in
                var history = CallHistory(id: id)
                for fact in facts {
                    history.merge(CallEvent(callID: id, receivedAt: Timestamp(milliseconds: 0), fact: fact))
                }
                return history.folded
            }
            #expect(calls[1] == calls[0] && calls[2] == calls[0], "\(variant)")
        }
        #expect(verified > 100)
    }
}
