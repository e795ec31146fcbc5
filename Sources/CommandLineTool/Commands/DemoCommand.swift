import ArgumentParser
import CallDomain
import CurlTransport
import Foundation
import Logging
import Sandbox
import ServiceLifecycle
import UnixSignals

/// `switchboard demo`: a gateway, stand-ins for both vendors and a guided tour, all in this process.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows the gateway at work against stand-ins of the vendors; needs no account and no network."
    )

    @Flag(help: "Keep the gateway and the stand-ins running after the tour, for your own requests.")
    var keep = false

    @Option(help: "Factor for every delay of a call: 1 for people, 0.01 for tests.")
    var tempo = 1.0

    func validate() throws {
        guard tempo > 0, tempo <= 100 else { throw ValidationError("The tempo is a number above 0, at most 100.") }
    }

    func run() async throws {
        let terminal = Terminal()
        // Failures show in the tour; log lines would only break its tables.
        let logger = Logger.process(level: .critical, format: .text)
        let engine = try CurlEngine(logger: logger)
        let credentials = SandboxCredentials(environment: [:])
        let sandbox = Sandbox(configuration: credentials.configuration(tempo: tempo), transport: engine, logger: logger)
        let vendors = ServiceGroup(services: [engine, sandbox], logger: logger)
        do {
            try await running(vendors) {
                try await withGateway(credentials, sandbox: sandbox, logger: logger) { settings, gateway in
                    let client = GatewayClient(
                        baseURL: settings.publicBaseURL,
                        apiKey: Self.apiKey,
                        transport: engine
                    )
                    try await introduce(terminal, settings)
                    let tour = Tour(
                        client: client,
                        terminal: terminal,
                        accountSid: settings.accountSid,
                        clock: SystemClock()
                    )
                    let agentID = try await tour.run()
                    conclude(terminal, client, agentID)
                    if keep { await gateway.run() }
                }
            }
        } catch {
            terminal.line()
            terminal.line(terminal.styled("  The demo failed: ", .red, .bold) + "\(error)")
            throw ExitCode(1)
        }
    }

    private static let apiKey = Secret("demo-" + SandboxCredentials.hex(24))

    /// Waits for Ctrl-C.
    private struct Interruption {
        func run() async {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
                signal(SIGINT, SIG_IGN)
                source.setEventHandler {
                    source.cancel()
                    // A second one ends the process.
                    signal(SIGINT, SIG_DFL)
                    continuation.resume()
                }
                source.activate()
            }
        }
    }

    private func withGateway(
        _ credentials: SandboxCredentials,
        sandbox: Sandbox,
        logger: Logger,
        _ body: (Settings, Interruption) async throws -> Void
    ) async throws {
        let addresses = try await sandbox.addresses()
        let port = try FreePort.find()
        let settings = try Settings.load(
            environment: [
                "TWILIO_ACCOUNT_SID": credentials.accountSid,
                "TWILIO_AUTH_TOKEN": credentials.authToken,
                "TWILIO_PHONE_NUMBER": credentials.phoneNumber,
                "ULTRAVOX_API_KEY": credentials.ultravoxAPIKey,
                "TWILIO_BASE_URL": addresses.twilio,
                "ULTRAVOX_BASE_URL": addresses.ultravox,
                "PUBLIC_BASE_URL": "http://127.0.0.1:\(port)",
                "PORT": "\(port)",
                "API_KEYS": "demo:\(Self.apiKey.exposed)",
                "CALLS_PER_SECOND": "10",
                "SHUTDOWN_GRACE": "0s",
                "JOURNAL": "none",
            ],
            workingDirectory: nil
        )
        let gateway = try GatewayProcess(settings: settings, logger: logger)
        let group = ServiceGroup(services: gateway.services, logger: logger)
        try await running(group) {
            try await gateway.listening()
            try await body(settings, Interruption())
        }
    }

    /// Runs `body` while the services run, and stops them after it.
    private func running(_ services: ServiceGroup, _ body: () async throws -> Void) async throws {
        async let end: Void = services.run()
        do {
            try await body()
        } catch {
            await services.triggerGracefulShutdown()
            // Why the services ended says more than what their end did to `body`.
            try await end
            throw error
        }
        await services.triggerGracefulShutdown()
        try await end
    }

    private func introduce(_ terminal: Terminal, _ settings: Settings) async throws {
        terminal.line()
        terminal.line(terminal.styled("  Switchboard", .bold) + "  a gateway between phone calls and AI voice agents")
        for (name, address) in [
            ("gateway", settings.publicBaseURL), ("twilio", settings.twilioBaseURL + " (stand-in)"),
            ("ultravox", settings.ultravoxBaseURL + " (stand-in)"),
        ] {
            terminal.line("  " + terminal.styled(Terminal.column(name, 10), .faint) + address)
        }
    }

    private func conclude(_ terminal: Terminal, _ client: GatewayClient, _ agentID: String) {
        terminal.line()
        terminal.line(terminal.styled("  All steps succeeded.", .green, .bold))
        guard keep else {
            return terminal.line("  To try it by hand: scripts/demo --keep")
        }
        terminal.line("  The gateway runs until Ctrl-C. Paste into another terminal (the key is for this run only):")
        terminal.line()
        for line in [
            "export SB=\(client.baseURL)", "export KEY=\(client.apiKey.exposed)", "export AGENT=\(agentID)",
            "curl -s $SB/calls/$AGENT -H \"X-API-Key: $KEY\" -H 'Content-Type: application/json' \\",
            "  -d '{\"phone_number\": \"+12125550100\", \"template_context\": {\"name\": \"Jane\"}}'",
            "curl -s $SB/calls -H \"X-API-Key: $KEY\"",
        ] {
            terminal.line("    " + line)
        }
        terminal.line()
        terminal.line("  Or open \(client.baseURL)/docs in a browser: requests can be tried there, with the same key.")
        terminal.line()
        terminal.line("  The last four digits of the called number choose what happens:")
        for scenario in Scenario.all.prefix(10) {
            terminal.line("    " + terminal.styled("…\(scenario.suffix)  ", .cyan) + scenario.summary)
        }
        terminal.line()
    }
}
