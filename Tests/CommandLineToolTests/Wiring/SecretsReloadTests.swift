import CallDomain
import Gateway
import Testing
import TwilioAdapter

@testable import CommandLineTool

@Suite struct `A reload` {
    /// A gateway's secrets, and the variables that a reload reads.
    private struct Rig {
        let credentials: Credentials
        private let variables: Rotating<[String: String]>
        private let lines = LoggedLines()
        private let reload: SecretsReload

        init(_ given: [String: String] = [:]) throws {
            let variables = Rotating(given)
            let running = try SettingsRig.load(given)
            self.variables = variables
            credentials = Credentials(running)
            reload = SecretsReload(
                running: running,
                credentials: credentials,
                clock: FixedClock(),
                load: { () throws(SettingsProblems) in try SettingsRig.load(variables.current) },
                logger: lines.logger
            )
        }

        /// Reads these variables instead of the last ones, and returns what was logged.
        func callAsFunction(_ given: [String: String]) throws -> [JSONValue] {
            variables.replace(with: given)
            reload.reload()
            return try lines.take()
        }
    }

    private static let token = "0123456789abcdef0123456789abcdef"

    private func settings(_ lines: [JSONValue]) -> [String] { lines.compactMap { $0["settings"]?.stringValue } }

    @Test(arguments: [
        ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000000"),
        ("TWILIO_BASE_URL", "https://api.dublin.ie1.twilio.com"),
        ("ULTRAVOX_BASE_URL", "https://api.example.com"),
    ])
    func `of another account, or to another place, is refused whole`(name: String, value: String) throws {
        let reload = try Rig()
        let changed = ["TWILIO_AUTH_TOKEN": Self.token, "API_KEYS": "other:\(Self.token)"]
        let lines = try reload(changed.merging([name: value]) { $1 })
        #expect(lines.compactMap { $0["level"]?.stringValue } == ["error"])
        #expect(lines.first?["setting"]?.stringValue == name)
        #expect(lines.first?["message"]?.stringValue?.contains("restart") == true)
        #expect(reload.credentials.apiKeys.current.map(\.secret.exposed) == [SettingsRig.apiKey])
        guard case .authToken(let token) = reload.credentials.twilio.current else {
            Issue.record("the auth token signs in")
            return
        }
        #expect(token.exposed == SettingsRig.authToken)
        // With its old value the rest counts.
        #expect(try settings(reload(changed)) == ["TWILIO_AUTH_TOKEN, API_KEYS"])
        #expect(reload.credentials.apiKeys.current.map(\.secret.exposed) == [Self.token])
    }

    @Test func `names every such setting`() throws {
        let places = ["TWILIO_BASE_URL": "https://a.example.com", "ULTRAVOX_BASE_URL": "https://b.example.com"]
        let lines = try Rig()(places)
        #expect(lines.compactMap { $0["setting"]?.stringValue } == ["TWILIO_BASE_URL", "ULTRAVOX_BASE_URL"])
    }

    @Test(arguments: [
        ("TWILIO_AUTH_TOKEN", token), ("TWILIO_AUTH_TOKEN_SECONDARY", token), ("ULTRAVOX_API_KEY", token),
        ("ULTRAVOX_WEBHOOK_SECRETS", token), ("ULTRAVOX_TIMESTAMP_TOLERANCE", "1m"), ("API_KEYS", "other:\(token)"),
    ])
    func `names what it puts into use, once`(name: String, value: String) throws {
        let reload = try Rig()
        let lines = try reload([name: value])
        #expect(lines.compactMap { $0["level"]?.stringValue } == ["notice"])
        #expect(settings(lines) == [name])
        #expect(try settings(reload([name: value])) == ["none changed"])
        #expect(try settings(reload([:])) == [name])
    }

    @Test func `names both halves of an API key of Twilio's`() throws {
        let pair = ["TWILIO_API_KEY_SID": "SK5f0c1b7de1a94c7fb1d9a7c4e0b2d836", "TWILIO_API_KEY_SECRET": Self.token]
        #expect(try settings(Rig()(pair)) == ["TWILIO_API_KEY_SID, TWILIO_API_KEY_SECRET"])
    }

    @Test func `names what waits for a restart until there was one, however it is shown`() throws {
        let reload = try Rig(["UPSTREAM_PROXY": "http://u:p4ssw0rd@proxy.example.com:3128"])
        let changed = ["UPSTREAM_PROXY": "http://u:passw0rd@proxy.example.com:3128", "MAX_CONNECTIONS": "7"]
        for _ in 1...2 {
            let lines = try reload(changed)
            #expect(lines.compactMap { $0["level"]?.stringValue } == ["notice", "warning"])
            #expect(settings(lines) == ["none changed", "UPSTREAM_PROXY, MAX_CONNECTIONS"])
        }
    }

    @Test func `does not speak of a default that is now written down, nor of the client commands`() throws {
        let lines = try Rig()([
            "MAX_CONNECTIONS": "10000", "ULTRAVOX_TIMESTAMP_TOLERANCE": "5m", "SWITCHBOARD_API_KEY": Self.token,
        ])
        #expect(settings(lines) == ["none changed"])
    }

    @Test func `tells no value`() throws {
        let lines = try Rig()([
            "TWILIO_AUTH_TOKEN": Self.token, "UPSTREAM_PROXY": "http://u:p4ssw0rd@proxy.example.com:3128",
            "PUBLIC_BASE_URL": "https://canary.example.com",
        ])
        let text = lines.map { String(decoding: $0.encoded, as: UTF8.self) }.joined()
        for value in [Self.token, "p4ssw0rd", "canary"] { #expect(!text.contains(value)) }
    }

    @Test func `of a configuration that does not load changes nothing`() throws {
        let reload = try Rig()
        let lines = try reload(["API_KEYS": "other:\(Self.token)", "PORT": "x"])
        #expect(lines.compactMap { $0["setting"]?.stringValue } == ["PORT"])
        #expect(reload.credentials.apiKeys.current.map(\.secret.exposed) == [SettingsRig.apiKey])
    }
}
