import CallDomain
import HTTPTypes
import Testing
import UltravoxAdapter

@testable import CommandLineTool

@Suite struct `The callbacks of calls under way` {
    private let start = Timestamp(milliseconds: 1_795_000_000_000)
    /// `MAX_CALL_DURATION` by default, and the time for ring, join and delivery.
    private let longest = Duration.seconds(3600 + 600)

    private static func key(_ number: Int) -> String { "ultravox-key-number-\(number)" }

    private func settings(_ key: Int, _ more: [String: String] = [:]) throws -> Settings {
        try SettingsRig.load(more.merging(["ULTRAVOX_API_KEY": Self.key(key)]) { $1 })
    }

    /// Whether a callback is accepted that Ultravox signs at `now` for a call that was made with that key.
    private func takes(_ credentials: Credentials, _ key: Int, at now: Timestamp) -> Bool {
        let body = Array(#"{"event": "call.ended"}"#.utf8)
        let secret = UltravoxClient.callbackSecret(apiKey: Secret(Self.key(key)))
        let signature = UltravoxWebhookVerifier.signature(of: body, timestamp: now.rfc3339, secret: secret)
        let headers: HTTPFields = [.ultravoxTimestamp: now.rfc3339, .ultravoxSignature: signature]
        return credentials.ultravoxVerifier.current.verdict(body: body, headers: headers, now: now) == .ok
    }

    @Test func `are accepted after two quick changes of the key`() throws {
        let credentials = Credentials(try settings(1))
        #expect(takes(credentials, 1, at: start))
        #expect(!takes(credentials, 2, at: start))
        credentials.apply(try settings(2), now: start)
        credentials.apply(try settings(3), now: start + .seconds(1))
        for key in 1...3 { #expect(takes(credentials, key, at: start + .seconds(2)), "\(key)") }
    }

    @Test func `end with the longest call, without another reload`() throws {
        let credentials = Credentials(try settings(1))
        credentials.apply(try settings(2), now: start)
        credentials.apply(try settings(3), now: start + .seconds(60))
        #expect(takes(credentials, 1, at: start + (longest - .milliseconds(1))))
        #expect(!takes(credentials, 1, at: start + longest))
        #expect(takes(credentials, 2, at: start + longest))
        #expect(!takes(credentials, 2, at: start + longest + .seconds(60)))
        #expect(takes(credentials, 3, at: start + longest + .seconds(86_400)))
    }

    @Test func `are not prolonged by reloads that change nothing`() throws {
        let credentials = Credentials(try settings(1))
        for minute in 0..<60 { credentials.apply(try settings(2), now: start + .seconds(60 * minute)) }
        #expect(takes(credentials, 1, at: start + (longest - .milliseconds(1))))
        #expect(!takes(credentials, 1, at: start + longest))
    }

    @Test func `last as long as the gateway's own MAX_CALL_DURATION allows`() throws {
        let credentials = Credentials(try settings(1, ["MAX_CALL_DURATION": "10m"]))
        // This one waits for a restart.
        credentials.apply(try settings(2, ["MAX_CALL_DURATION": "4h"]), now: start)
        #expect(takes(credentials, 1, at: start + .seconds(1199)))
        #expect(!takes(credentials, 1, at: start + .seconds(1200)))
    }

    @Test func `of a key that has come back do not end`() throws {
        let credentials = Credentials(try settings(1))
        credentials.apply(try settings(2), now: start)
        credentials.apply(try settings(1), now: start + .seconds(1))
        #expect(takes(credentials, 1, at: start + .seconds(86_400)))
        #expect(takes(credentials, 2, at: start + longest))
        #expect(!takes(credentials, 2, at: start + longest + .seconds(1)))
    }

    @Test func `are of a few keys at a time`() throws {
        let credentials = Credentials(try settings(0))
        for key in 1...20 { credentials.apply(try settings(key), now: start) }
        let taken = (0...20).filter { takes(credentials, $0, at: start) }
        #expect(taken == Array(20 - Credentials.mostFormerSecrets...20))
    }

    @Test func `are not in the fingerprints that a probe is told`() throws {
        let credentials = Credentials(try settings(1))
        credentials.apply(try settings(2), now: start)
        let current = UltravoxClient.callbackSecret(apiKey: Secret(Self.key(2)))
        #expect(
            credentials.ultravoxVerifier.current.fingerprints(nonce: "once")
                == [UltravoxWebhookVerifier.fingerprint(of: current, nonce: "once")]
        )
    }
}
