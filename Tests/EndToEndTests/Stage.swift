import CallDomain
import CurlTransport
import Foundation
import Logging
import OutboundHTTP
import Sandbox
import ServiceLifecycle
import Testing

@testable import CommandLineTool

/// A gateway and the stand-ins, as separate servers on free ports of this machine.
struct Stage: Sendable {
    let client: GatewayClient
    let sandbox: Sandbox
    let transport: any HTTPTransport
    let settings: Settings

    static let apiKey = "end-to-end-test-key"

    /// Creates an agent that takes `{{name}}`.
    func agent(_ name: String = "reminder") async throws -> String {
        let answer = try await client.post(
            "/agents",
            ["name": .string(name), "prompt": "Remind {{name}}.", "template_variables": ["name": "you"]]
        )
        #expect(answer.status == 201)
        return try #require(answer.body["id"]?.stringValue)
    }

    /// Places a call and waits until it is over and both vendors have told everything.
    func completeCall(_ agentID: String, _ number: String, _ more: JSONObject = [:]) async throws -> JSONValue {
        var order: JSONObject = ["phone_number": .string(number)]
        order.merge(more) { $1 }
        let answer = try await client.post("/calls/\(agentID)", .object(order))
        #expect(answer.status == 201)
        let id = try #require(answer.body["id"]?.stringValue)
        let sid = try #require(answer.body["call_sid"]?.stringValue)
        _ = try await sandbox.settled(callSid: sid)
        if let ultravoxCallID = answer.body["ultravox_call_id"]?.stringValue,
            sandbox.snapshot().phoneCall(sid)?.answered != nil
        {
            _ = try await sandbox.settled(ultravoxCallID: ultravoxCallID)
        }
        return try await lookUp(id)
    }

    func lookUp(_ id: String) async throws -> JSONValue {
        let answer = try await client.get("/calls/\(id)")
        #expect(answer.status == 200)
        return answer.body
    }

    /// What reached a vendor, by method and path.
    func requests(_ vendor: Ledger.Vendor, _ method: String, _ pathEnd: String) -> [Ledger.Request] {
        sandbox.ledger().requests.filter { $0.vendor == vendor && $0.method == method && $0.path.hasSuffix(pathEnd) }
    }
}

/// Runs `body` with a gateway and stand-ins, and stops them after it.
func withStage(
    environment: [String: String] = [:],
    logger: Logger = Logger(label: "end-to-end") { _ in SwiftLogNoOpLogHandler() },
    _ body: (Stage) async throws -> Void
) async throws {
    let credentials = SandboxCredentials(environment: [:])
    let engine = try CurlEngine(logger: logger)
    let sandbox = Sandbox(configuration: credentials.configuration(tempo: 0.02), transport: engine, logger: logger)
    try await running([engine, sandbox], logger) {
        let addresses = try await sandbox.addresses()
        let port = try FreePort.find()
        var variables = [
            "TWILIO_ACCOUNT_SID": credentials.accountSid,
            "TWILIO_AUTH_TOKEN": credentials.authToken,
            "TWILIO_PHONE_NUMBER": credentials.phoneNumber,
            "ULTRAVOX_API_KEY": credentials.ultravoxAPIKey,
            "TWILIO_BASE_URL": addresses.twilio,
            "ULTRAVOX_BASE_URL": addresses.ultravox,
            "PUBLIC_BASE_URL": "http://127.0.0.1:\(port)",
            "PORT": "\(port)",
            "API_KEYS": "test:\(Stage.apiKey)",
            "CALLS_PER_SECOND": "1000",
            "SHUTDOWN_GRACE": "0s", "JOURNAL": "none",
        ]
        variables.merge(environment) { $1 }
        let settings = try Settings.load(environment: variables, workingDirectory: nil)
        let gateway = try GatewayProcess(settings: settings, logger: logger)
        try await running(gateway.services, logger) {
            try await gateway.listening()
            try await body(
                Stage(
                    client: GatewayClient(
                        baseURL: settings.publicBaseURL,
                        apiKey: Secret(Stage.apiKey),
                        transport: engine
                    ),
                    sandbox: sandbox,
                    transport: engine,
                    settings: settings
                )
            )
        }
    }
}

private func running(
    _ services: [any Service],
    _ logger: Logger,
    _ body: () async throws -> Void
) async throws {
    let group = ServiceGroup(services: services, logger: logger)
    async let end: Void = group.run()
    do {
        try await body()
    } catch {
        await group.triggerGracefulShutdown()
        // Why the services ended says more than what their end did to `body`.
        try await end
        throw error
    }
    await group.triggerGracefulShutdown()
    try await end
}
