import CallDomain
import EventDelivery
import Foundation
import HTTPTypes
import TestSupport
import Testing

@Suite
struct WebhookSecretTests {
    /// One entry of `fixtures/standard-webhooks.json`.
    struct Vector: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let secret: String
        let id: String
        /// In seconds.
        let timestamp: Int64
        let body: String
        let signature: String

        var testDescription: String { name }
    }

    static func vectors() throws -> [Vector] { try Fixture.decode(from: "standard-webhooks.json") }

    private static func text(_ count: Int, of byte: UInt8 = 0xA5) -> String {
        "whsec_" + Data(repeating: byte, count: count).base64EncodedString()
    }

    @Test(arguments: try vectors())
    func `signs as other libraries do`(vector: Vector) throws {
        let secret = try WebhookSecret(vector.secret)
        let body = Array(vector.body.utf8)
        for milliseconds: Int64 in [0, 999] {
            let time = Timestamp(milliseconds: vector.timestamp * 1000 + milliseconds)
            #expect(secret.signature(id: vector.id, timestamp: time, body: body) == vector.signature)
            let headers = secret.headers(id: vector.id, timestamp: time, body: body)
            #expect(
                headers.map { [$0.name.rawName, $0.value] } == [
                    ["webhook-id", vector.id], ["webhook-timestamp", "\(vector.timestamp)"],
                    ["webhook-signature", vector.signature],
                ]
            )
        }
    }

    @Test
    func `the vectors are all there`() throws {
        #expect(try Self.vectors().count == 11)
    }

    @Test
    func `another id, time, body or secret has another signature`() throws {
        let (time, body) = (Timestamp(milliseconds: 1_791_000_000_000), Array("{}".utf8))
        let secret = try WebhookSecret(Self.text(32))
        let signatures = [
            secret.signature(id: "msg_1", timestamp: time, body: body),
            secret.signature(id: "msg_2", timestamp: time, body: body),
            secret.signature(id: "msg_1", timestamp: time + .seconds(1), body: body),
            secret.signature(id: "msg_1", timestamp: time, body: body + [0x0A]),
            try WebhookSecret(Self.text(32, of: 1)).signature(id: "msg_1", timestamp: time, body: body),
        ]
        #expect(Set(signatures).count == signatures.count)
    }

    @Test(arguments: 24...64)
    func `24 to 64 bytes are a secret`(count: Int) throws {
        #expect(try WebhookSecret(Self.text(count)).text == Self.text(count))
    }

    private static let secret = text(32)
    private static let base64 = secret.dropFirst(6)

    @Test(arguments: [
        "", "whsec", "WHSEC_\(base64)", "\(base64)", " \(secret)", "whsk_\(base64)", "\u{FF57}hsec_\(base64)",
    ])
    func `a secret begins with its prefix`(text: String) {
        #expect(throws: WebhookSecret.Problem.prefix) { try WebhookSecret(text) }
    }

    @Test(arguments: [
        "\(secret.dropLast())", "\(secret)=", "\(secret)\n", "whsec_ \(base64)", "\(text(24))\u{0}",
        "whsec_\(String(repeating: "-_", count: 16))", "whsec_\(String(repeating: "Ä", count: 16))",
        // The last character before the padding has bits that no byte gets.
        "whsec_\(String(repeating: "A", count: 42))B=",
    ])
    func `a secret is standard base64`(text: String) {
        #expect(throws: WebhookSecret.Problem.base64) { try WebhookSecret(text) }
    }

    @Test(arguments: [0, 1, 23, 65, 4096])
    func `fewer or more bytes are none`(count: Int) {
        #expect(throws: WebhookSecret.Problem.size) { try WebhookSecret(Self.text(count)) }
    }

    @Test
    func `a random one has 32 bytes and is read back`() throws {
        let secrets = (0..<100).map { _ in WebhookSecret.random() }
        #expect(Set(secrets.map(\.text)).count == secrets.count)
        for secret in secrets {
            #expect(secret.text.utf8.count == 50)
            let time = Timestamp(milliseconds: 0)
            #expect(
                try WebhookSecret(secret.text).signature(id: "a", timestamp: time, body: [])
                    == secret.signature(id: "a", timestamp: time, body: [])
            )
        }
    }

    @Test
    func `it is not printed`() throws {
        let secret = WebhookSecret.random()
        let base64 = secret.text.dropFirst(6)
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), String(describing: Optional(secret)), dumped] {
            #expect(!text.contains(base64))
        }
        for problem in WebhookSecret.Problem.allCases { #expect(problem.description.contains("must")) }
    }
}
