import CallDomain
import Crypto
import Foundation
import HTTPTypes
import TestSupport
import Testing
import UltravoxAdapter

@Suite struct WebhookVerifierTests {
    private static let secret = "a-secret-of-at-least-sixteen-characters"
    private static let timestamp = "2026-07-20T15:04:05Z"
    private static let body = Array(#"{"event":"call.joined"}"#.utf8)

    @Test(arguments: try UltravoxWebhookVector.all())
    func `answers every vector as expected`(_ vector: UltravoxWebhookVector) throws {
        #expect(vector.maxAgeSeconds == vector.maxFutureSkewSeconds)
        let verifier = UltravoxWebhookVerifier(
            secrets: vector.secrets.map { Secret($0) },
            tolerance: .seconds(vector.maxAgeSeconds)
        )
        var headers = HTTPFields()
        for (name, value) in vector.headers { headers.append(HTTPField(name: try #require(.init(name)), value: value)) }
        let now = try #require(Timestamp(iso8601: vector.now))
        let body = Array(vector.body.utf8)
        let verdict = verifier.verdict(body: body, headers: headers, now: now)
        if vector.expect.reason == "bad_body" {
            #expect(verdict == .ok)
            #expect(throws: UltravoxWebhook.Useless.badBody) { try UltravoxWebhook.read(body) }
        } else {
            #expect(verdict.rawValue == vector.expect.reason)
            #expect((verdict == .ok) == vector.expect.valid)
        }
        if vector.expect.valid { _ = try UltravoxWebhook.read(body) }
    }

    @Test func `there are 44 vectors`() throws {
        #expect(try UltravoxWebhookVector.all().count == 44)
    }

    @Test func `an empty secret never matches`() {
        #expect(verdict(secrets: [""], signature: Self.signature(secret: "")) == .badSignature)
        #expect(verdict(secrets: [], signature: Self.signature(secret: "")) == .badSignature)
        #expect(verdict(secrets: ["", Self.secret], signature: Self.signature()) == .ok)
    }

    @Test func `a good signature is found among 16 and not among 17`() {
        let bad = Array(repeating: String(repeating: "0", count: 64), count: 15)
        let good = Self.signature()
        #expect(verdict(signature: (bad + [good]).joined(separator: ",")) == .ok)
        #expect(verdict(signature: ([good] + bad + ["x"]).joined(separator: ",")) == .badSignature)
        #expect(verdict(signature: String(repeating: "\(good),", count: 10_000)) == .badSignature)
    }

    @Test(arguments: [" %, ", "\t%\t", ",,%,,", "x ,%"])
    func `blanks and empty candidates do not matter`(_ form: String) {
        #expect(verdict(signature: form.replacing("%", with: Self.signature())) == .ok)
    }

    @Test(arguments: ["%0", "0%", "%;", "%é"])
    func `any other byte does`(_ form: String) {
        #expect(verdict(signature: form.replacing("%", with: Self.signature())) == .badSignature)
    }

    @Test func `a repeated header is refused even if one of them is right`() {
        var headers: HTTPFields = [.signature: Self.signature(), .timestamp: Self.timestamp]
        #expect(verdict(headers) == .ok)
        headers.append(HTTPField(name: .signature, value: Self.signature()))
        #expect(verdict(headers) == .repeatedHeader)
        headers = [.signature: Self.signature(), .timestamp: Self.timestamp]
        headers.append(HTTPField(name: .timestamp, value: Self.timestamp))
        #expect(verdict(headers) == .repeatedHeader)
    }

    @Test func `headers that are missing or empty are refused by name`() {
        #expect(verdict([:]) == .missingSignature)
        #expect(verdict([.timestamp: Self.timestamp, .signature: ""]) == .missingSignature)
        #expect(verdict([.signature: Self.signature()]) == .missingTimestamp)
        #expect(verdict([.signature: Self.signature(), .timestamp: ""]) == .missingTimestamp)
    }

    @Test(arguments: [
        "garbage", "1784559845", "2026-07-20", "2026-07-20 15:04:05Z", "2026-07-20T15:04Z", "2026-02-30T00:00:00Z",
    ])
    func `a signed timestamp that is no full date-time is refused`(_ timestamp: String) {
        let signature = Self.signature(timestamp: timestamp)
        #expect(verdict([.signature: signature, .timestamp: timestamp]) == .badTimestamp)
    }

    @Test func `the window is inclusive on both sides`() {
        for (now, expected) in [
            ("2026-07-20T15:09:05Z", UltravoxWebhookVerifier.Verdict.ok), ("2026-07-20T15:09:05.001Z", .staleTimestamp),
            ("2026-07-20T14:59:05Z", .ok), ("2026-07-20T14:59:04.999Z", .futureTimestamp),
        ] {
            let headers: HTTPFields = [.signature: Self.signature(), .timestamp: Self.timestamp]
            #expect(verdict(headers, now: now, tolerance: .seconds(300)) == expected)
        }
    }

    @Test(arguments: ["}", "\"}", " ", "2", "0", "x"])
    func `a timestamp with anything before or behind it is refused, though it is signed`(more: String) {
        for timestamp in [more + Self.timestamp, Self.timestamp + more, String(Self.timestamp.dropFirst())] {
            let headers: HTTPFields = [.signature: Self.signature(timestamp: timestamp), .timestamp: timestamp]
            // HTTP has no blanks around a value.
            #expect(verdict(headers) == .badTimestamp || timestamp.contains(" "), "\(timestamp)")
        }
    }

    private func verdict(secrets: [String] = [secret], signature: String) -> UltravoxWebhookVerifier.Verdict {
        verdict([.signature: signature, .timestamp: Self.timestamp], secrets: secrets)
    }

    private func verdict(
        _ headers: HTTPFields,
        secrets: [String] = [secret],
        now: String = timestamp,
        tolerance: Duration = .seconds(60)
    ) -> UltravoxWebhookVerifier.Verdict {
        UltravoxWebhookVerifier(secrets: secrets.map { Secret($0) }, tolerance: tolerance)
            .verdict(body: Self.body, headers: headers, now: Timestamp(iso8601: now)!)
    }

    private static func signature(secret: String = secret, timestamp: String = timestamp) -> String {
        let key = SymmetricKey(data: Data(secret.utf8))
        return HMAC<SHA256>.authenticationCode(for: Data(body + Array(timestamp.utf8)), using: key)
            .map { String(format: "%02x", $0) }.joined()
    }
}

extension HTTPField.Name {
    fileprivate static let signature = HTTPField.Name("X-Ultravox-Webhook-Signature")!
    fileprivate static let timestamp = HTTPField.Name("x-ultravox-webhook-timestamp")!
}
