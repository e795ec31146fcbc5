import CallDomain
import CurlTransport
import Foundation
import Gateway
import HTTPTypes
import Logging
import OutboundHTTP
import ServiceLifecycle
import Testing

@testable import CommandLineTool

/// The probe and the gateway that it is for, over a socket.
@Suite(.timeLimit(.minutes(1))) struct `A running gateway` {
    private static let secondary = "0123456789abcdef0123456789abcdef"

    private struct Running {
        let gateway: GatewayProcess
        let engine: CurlEngine
        let variables: [String: String]

        /// What the probe finds that is sent with the same configuration, changed by `changes`.
        func finding(_ changes: [String: String] = [:]) async throws -> Finding {
            let settings = try SettingsRig.load(variables.merging(changes) { $1 })
            return await PublicProbe(settings: settings, transport: engine, clock: SystemClock()).finding()
        }

        /// The status of an answer of `/webhooks/probe`.
        func status(_ headers: HTTPFields, _ method: HTTPRequest.Method = .post) async throws -> Int {
            let url = (variables["PUBLIC_BASE_URL"] ?? "") + ProbeMessage.path
            let body: [UInt8]? = method == .post ? [] : nil
            return try await engine.send(.init(method: method, url: url, headers: headers, body: body)).status
        }
    }

    private func withGateway(
        _ given: [String: String] = [:],
        _ body: (Running) async throws -> Void
    ) async throws {
        let port = try FreePort.find()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let variables = given.merging([
            "PUBLIC_BASE_URL": "http://127.0.0.1:\(port)", "PORT": "\(port)", "SHUTDOWN_GRACE": "0s", "JOURNAL": "none",
            "TWILIO_BASE_URL": "http://127.0.0.1:9", "ULTRAVOX_BASE_URL": "http://127.0.0.1:9",
        ]) { $1 }
        let gateway = try GatewayProcess(settings: try SettingsRig.load(variables), logger: logger)
        let engine = try CurlEngine(logger: logger)
        let group = ServiceGroup(services: gateway.services, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await gateway.listening()
            try await body(Running(gateway: gateway, engine: engine, variables: variables))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func `is found to be well`() async throws {
        try await withGateway(["TWILIO_AUTH_TOKEN_SECONDARY": Self.secondary]) { running in
            let found = try await running.finding()
            #expect(found.outcome == .ok)
            #expect(found.text.hasSuffix(" unchanged"), "\(found.text)")
        }
    }

    @Test func `tells nothing to a key without a proof, nor to a proof that is old or another's`() async throws {
        try await withGateway { running in
            let key = Secret(SettingsRig.apiKey)
            let now = SystemClock().now
            func proof(_ age: Duration, by key: Secret) -> HTTPFields {
                let time = Timestamp(milliseconds: now.milliseconds - age.milliseconds)
                return [.probeProof: ProbeProof(nonce: "one", time: time).text(by: key)]
            }
            let name = try #require(HTTPField.Name("X-API-Key"))
            #expect(try await running.status([name: key.exposed]) == 401)
            #expect(try await running.status([:]) == 401)
            #expect(try await running.status(proof(.seconds(330), by: key)) == 401)
            #expect(try await running.status(proof(.seconds(-330), by: key)) == 401)
            #expect(try await running.status(proof(.zero, by: Secret("another-key-0123456789"))) == 401)
            #expect(try await running.status(proof(.zero, by: key), .get) == 405)
            #expect(try await running.status(proof(.zero, by: key)) == 200)
            var twice = proof(.zero, by: key)
            twice.append(HTTPField(name: .probeProof, value: twice[.probeProof] ?? ""))
            #expect(try await running.status(twice) == 401)
        }
    }

    @Test func `that was not told of a removed secret is warned of`() async throws {
        let more = ["TWILIO_AUTH_TOKEN_SECONDARY": Self.secondary, "ULTRAVOX_WEBHOOK_SECRETS": Self.secondary]
        try await withGateway(more) { running in
            let found = try await running.finding(["TWILIO_AUTH_TOKEN_SECONDARY": "", "ULTRAVOX_WEBHOOK_SECRETS": ""])
            #expect(found.outcome == .warning)
            #expect(found.text.contains("TWILIO_AUTH_TOKEN_SECONDARY"))
            #expect(found.text.contains("ULTRAVOX_WEBHOOK_SECRETS"))
        }
    }

    @Test func `that takes the callbacks of a former key is well`() async throws {
        try await withGateway { running in
            let rotated = ["ULTRAVOX_API_KEY": "another-ultravox-key-0001"]
            #expect(try await running.finding(rotated).text.contains("another ULTRAVOX_API_KEY"))
            let settings = try SettingsRig.load(running.variables.merging(rotated) { $1 })
            running.gateway.credentials.apply(settings, now: SystemClock().now)
            let found = try await running.finding(rotated)
            #expect(found.outcome == .ok, "\(found.text)")
        }
    }

    @Test func `that lacks the first API key is told by name`() async throws {
        try await withGateway { running in
            let found = try await running.finding(["API_KEYS": "other:\(Self.secondary)"])
            #expect(found.outcome == .failed)
            #expect(found.text.hasPrefix("API key: ") && found.text.contains("SIGHUP"), "\(found.text)")
        }
    }
}
