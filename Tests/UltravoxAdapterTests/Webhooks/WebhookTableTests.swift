import CallDomain
import Crypto
import Foundation
import HTTPTypes
import TestSupport
import Testing
import UltravoxAdapter

/// Hostile and broken webhooks, each judged as the gateway judges it: first the signature, then the content.
@Suite struct WebhookTableTests {
    private enum Outcome: Equatable {
        /// 403.
        case refused(UltravoxWebhookVerifier.Verdict)
        /// 204, no effect.
        case useless(UltravoxWebhook.Useless)
        case report(ConversationReport.Event)
    }

    private static let secret = "a-secret-of-at-least-sixteen-characters"
    private static let now = "2026-01-02T03:04:05Z"
    private static let id = "b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b"
    private static let genuine = #"{"event":"call.started","call":{"callId":"\#(id)"}}"#

    private func signature(_ body: [UInt8], _ timestamp: String) -> String {
        let key = SymmetricKey(data: Data(Self.secret.utf8))
        return Hex.encode(HMAC<SHA256>.authenticationCode(for: body + Array(timestamp.utf8), using: key))
    }

    private func judge(_ body: [UInt8], _ headers: HTTPFields) throws -> Outcome {
        let verifier = UltravoxWebhookVerifier(secrets: [Secret(Self.secret)], tolerance: .seconds(300))
        let now = try #require(Timestamp(iso8601: Self.now))
        let verdict = verifier.verdict(body: body, headers: headers, now: now)
        guard verdict == .ok else { return .refused(verdict) }
        do throws(UltravoxWebhook.Useless) {
            return .report(try UltravoxWebhook.read(body).event)
        } catch {
            return .useless(error)
        }
    }

    private func judge(_ body: String = genuine, timestamp: String = now) throws -> Outcome {
        let bytes = Array(body.utf8)
        return try judge(bytes, [.signature: signature(bytes, timestamp), .timestamp: timestamp])
    }

    private static func call(_ members: String, event: String = "call.started") -> String {
        #"{"event":"\#(event)","call":{"callId":"\#(id)"\#(members)}}"#
    }

    @Test func `a genuine message is taken, also from a list with a bad signature`() throws {
        #expect(try judge() == .report(.started))
        let body = Array(Self.genuine.utf8)
        let good = signature(body, Self.now)
        for list in ["bad,\(good)", "\(good),bad", "bad, \(good)", "\(String(good.reversed())),\(good)"] {
            #expect(try judge(body, [.signature: list, .timestamp: Self.now]) == .report(.started))
        }
    }

    @Test func `a missing header never means that nothing is to be checked`() throws {
        let body = Array(Self.genuine.utf8)
        let good = signature(body, Self.now)
        #expect(try judge(body, [:]) == .refused(.missingSignature))
        #expect(try judge(body, [.timestamp: Self.now]) == .refused(.missingSignature))
        #expect(try judge(body, [.signature: good]) == .refused(.missingTimestamp))
        // A signature over the body alone does not do either.
        #expect(try judge(body, [.signature: signature(body, "")]) == .refused(.missingTimestamp))
        #expect(try judge(body, [.signature: signature(body, ""), .timestamp: ""]) == .refused(.missingTimestamp))
    }

    @Test(
        arguments: [
            ("2026-01-02T03:04:05Z", nil), ("2026-01-02T03:04:05+00:00", nil), ("2026-01-02T03:04:05.123456Z", nil),
            ("2026-01-02T04:04:05+01:00", nil), ("2026-01-02T02:59:05Z", nil), ("2026-01-02T03:09:05Z", nil),
            ("2026-01-02T02:59:04Z", .staleTimestamp), ("2026-01-02T02:54:05Z", .staleTimestamp),
            ("2025-12-03T03:04:05Z", .staleTimestamp), ("1970-01-01T00:00:00Z", .staleTimestamp),
            ("0001-01-01T00:00:00Z", .staleTimestamp), ("2026-01-02T03:04:05+23:59", .staleTimestamp),
            ("2026-01-02T03:09:06Z", .futureTimestamp), ("2026-01-02T03:14:05Z", .futureTimestamp),
            ("2027-01-02T03:04:05Z", .futureTimestamp), ("9999-12-31T23:59:59.999999999Z", .futureTimestamp),
            ("garbage", .badTimestamp), ("1767323045", .badTimestamp), ("1767323045000", .badTimestamp),
            ("-1", .badTimestamp),
            ("now", .badTimestamp), ("2026-01-02", .badTimestamp), ("2026-01-02T03:04Z", .badTimestamp),
            ("2026-01-02 03:04:05Z", .badTimestamp), ("20260102T030405Z", .badTimestamp),
            ("2026-01-02T03:04:05Z,2026-01-02T03:04:05Z", .badTimestamp), ("2026-01-02T03:04:05Z\u{0}", .badTimestamp),
            ("２026-01-02T03:04:05Z", .badTimestamp), ("2026-01-02T03:04:61Z", .badTimestamp),
            ("2026-02-30T03:04:05Z", .badTimestamp), ("+2026-01-02T03:04:05Z", .badTimestamp),
            ("2026-01-02T03:04:05." + String(repeating: "0", count: 5000) + "Z", .badTimestamp),
            ("Fri, 02 Jan 2026 03:04:05 GMT", .badTimestamp), ("null", .badTimestamp), ("NaN", .badTimestamp),
        ] as [(String, UltravoxWebhookVerifier.Verdict?)]
    )
    func `a signed timestamp must be a full date-time of the last or next five minutes`(
        timestamp: String,
        refusal: UltravoxWebhookVerifier.Verdict?
    ) throws {
        let outcome = try judge(timestamp: timestamp)
        // A field cannot hold NUL: it comes as something else, which nobody signed.
        if timestamp.utf8.contains(0) {
            guard case .refused = outcome else {
                Issue.record("taken")
                return
            }
        } else {
            #expect(outcome == refusal.map { .refused($0) } ?? .report(.started))
        }
    }

    @Test func `a list of ten thousand signatures costs less than one good one`() throws {
        let body = Array(Self.genuine.utf8) + Array(repeating: UInt8(ascii: " "), count: 4 << 20)
        let good = signature(body, Self.now)
        func cost(_ signature: String, _ expected: UltravoxWebhookVerifier.Verdict) throws -> Duration {
            let verifier = UltravoxWebhookVerifier(secrets: [Secret(Self.secret)], tolerance: .seconds(300))
            let now = try #require(Timestamp(iso8601: Self.now))
            let headers: HTTPFields = [.signature: signature, .timestamp: Self.now]
            // The fastest of several is the one that nothing else disturbed.
            return (0..<5).map { _ in
                ContinuousClock().measure {
                    #expect(verifier.verdict(body: body, headers: headers, now: now) == expected)
                }
            }.min() ?? .zero
        }
        let bad = String(repeating: "0", count: 64)
        let one = try cost(good, .ok)
        #expect(try cost(Array(repeating: good, count: 10_000).joined(separator: ","), .badSignature) < one)
        #expect(try cost(String(repeating: ",", count: 100_000), .badSignature) < one)
        // Each candidate is a comparison, not another HMAC.
        #expect(try cost((Array(repeating: bad, count: 15) + [good]).joined(separator: ","), .ok) < one * 4)
    }

    @Test func `a genuine signature is good for its own bytes and time only`() throws {
        let body = Array(Self.genuine.utf8)
        let good = signature(body, Self.now)
        for other in [body.dropLast() + [0x5D], body + [0x20], body.dropLast(), [], [0xEF, 0xBB, 0xBF] + body] {
            #expect(try judge(Array(other), [.signature: good, .timestamp: Self.now]) == .refused(.badSignature))
        }
        for other in ["2026-01-02T03:04:06Z", "2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05.0Z"] {
            #expect(try judge(body, [.signature: good, .timestamp: other]) == .refused(.badSignature))
        }
        for other in [
            good.uppercased(), "sha256=\(good)", "v1=\(good)", String(good.dropLast()), good + "0", "\"\(good)\"",
        ] {
            #expect(try judge(body, [.signature: other, .timestamp: Self.now]) == .refused(.badSignature))
        }
    }

    @Test func `signed bombs do nothing`() throws {
        let arrays = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(try judge(arrays) == .useless(.badBody))
        // Where nobody looks, it is passed over.
        #expect(try judge(Self.call(#","x":\#(arrays)"#)) == judge(Self.call("")))
        let objects = String(repeating: #"{"a":"#, count: 512) + "1" + String(repeating: "}", count: 512)
        #expect(try judge(objects) == .useless(.badBody))
        #expect(try judge(Self.call(#","x":\#(objects)"#)) == judge(Self.call("")))
        #expect(try judge(String(repeating: "[", count: 1_000_000)) == .useless(.badBody))
        #expect(try judge(#"{"event":"\#(String(repeating: "x", count: 1_000_000))"#) == .useless(.badBody))
    }

    @Test func `what is large but not deep is read`() throws {
        let members = (0..<50_000).map { #""k\#($0)":\#($0)"# }.joined(separator: ",")
        for large in [
            "[" + Array(repeating: "[]", count: 200_000).joined(separator: ",") + "]", "{\(members)}",
            "\"" + String(repeating: "\\u0041", count: 100_000) + "\"", String(repeating: "9", count: 500_000),
            "\"" + String(repeating: "\\uD83D\\uDCA5", count: 50_000) + "\"",
            String(repeating: " ", count: 900_000) + "1",
        ] {
            #expect(try judge(Self.call(#","x":\#(large)"#)) == .report(.started))
        }
    }

    @Test(arguments: [
        "call.exploded", "", "CALL.STARTED", "call.started ", "call", "call.started\\u0000", "ｃall.started",
    ])
    func `an event that is none of Ultravox's has no effect`(event: String) throws {
        #expect(try judge(Self.call("", event: event)) == .useless(.unknownEvent))
    }

    @Test(arguments: try Fixture.files(in: "json/must-reject"))
    func `a signed body that is not JSON has no effect`(file: String) throws {
        let body = try Array(Fixture.bytes(file))
        let headers: HTTPFields = [.signature: signature(body, Self.now), .timestamp: Self.now]
        #expect(try judge(body, headers) == .useless(.badBody))
        // Where nobody looks, it is passed over if one value of it is bad, and the message is useless if its end is open.
        let start = Array(#"{"event":"call.started","call":{"callId":"\#(Self.id)"},"x":"#.utf8)
        let around = start + body + Array("}".utf8)
        let outcome = try judge(around, [.signature: signature(around, Self.now), .timestamp: Self.now])
        let isReadable = (try? JSONParser.parse(around, reading: .lenient)) != nil
        #expect((outcome == .useless(.badBody)) == !isReadable)
    }

    @Test(arguments: [
        #","callId":"00000000-0000-0000-0000-000000000000""#, #","\u0063allId":"00000000-0000-0000-0000-000000000000""#,
        #","metadata":{"switchboard_call_id":"call_01jd9z7q0v3r2m8k4t6w5x1y0a","switchboard_call_id":"x"}"#,
    ])
    func `a call that is named twice is none`(members: String) throws {
        let reason: UltravoxWebhook.Useless =
            members.contains("metadata") ? .malformedCallID : .malformedUltravoxCallID
        #expect(try judge(Self.call(members)) == .useless(reason))
        #expect(try judge(Self.genuine.dropLast() + #","event":"call.ended"}"#) == .useless(.badBody))
        #expect(try judge(Self.genuine.dropLast() + #","call":{}}"#) == .useless(.badBody))
    }
}

extension HTTPField.Name {
    fileprivate static let signature = HTTPField.Name("X-Ultravox-Webhook-Signature")!
    fileprivate static let timestamp = HTTPField.Name("X-Ultravox-Webhook-Timestamp")!
}
