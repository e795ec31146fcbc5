import Foundation
import TestSupport
import Testing

@Suite("Fixtures are whole")
struct FixtureTests {
    private struct SignatureVector: Decodable {
        let name: String
        let valid: Bool
    }

    @Test("All signature vectors of Twilio are there")
    func signatureVectors() throws {
        let vectors: [SignatureVector] = try Fixture.decode(from: "twilio/signature-vectors.json")
        #expect(vectors.count == 216)
        #expect(Set(vectors.map(\.name)).count == 216)
        #expect(Set(vectors.map(\.valid)) == [true, false])
    }

    @Test("Each of Twilio's sample webhooks stands alone")
    func twilioSamples() throws {
        let samples = try TwilioWebhookSample.all()
        #expect(samples.count == 38)
        for sample in samples {
            #expect((sample.body == nil) == (sample.method == "GET"), "\(sample.name)")
            #expect(sample.headers.contains(["X-Twilio-Signature", sample.signature]), "\(sample.name)")
            #expect(sample.params.contains(["AccountSid", sample.accountSid]), "\(sample.name)")
            let wire = try #require(sample.body ?? URL(string: sample.url)?.query(), "\(sample.name)")
            let pairs = wire.split(separator: "&").map { pair in
                pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    .map { $0.replacing("+", with: " ").removingPercentEncoding ?? "" }
            }
            #expect(Array(pairs.suffix(sample.params.count)) == sample.params, "\(sample.name)")
        }
    }

    @Test("Each delivery of Ultravox stands alone, and every reason for refusal occurs")
    func ultravoxVectors() throws {
        let vectors = try UltravoxWebhookVector.all()
        #expect(vectors.count == 44)
        #expect(vectors.allSatisfy { !$0.secrets.isEmpty && !$0.now.isEmpty })
        #expect(vectors.allSatisfy { $0.expect.valid == ($0.expect.reason == "ok") })
        #expect(
            Set(vectors.map(\.expect.reason)) == [
                "ok", "missing_signature", "missing_timestamp", "bad_timestamp", "stale_timestamp", "future_timestamp",
                "bad_signature", "bad_body",
            ]
        )
    }
}
