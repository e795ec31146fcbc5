import ArgumentParser
import CallDomain
import CurlTransport
import Foundation
import Logging
import Sandbox
import ServiceLifecycle

/// `switchboard sandbox`: the stand-ins for Twilio and Ultravox alone.
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Runs stand-ins for Twilio and Ultravox on this machine, to try a gateway without an account.",
        discussion: """
            Uses the credentials in the gateway's environment variables (TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, \
            TWILIO_PHONE_NUMBER, ULTRAVOX_API_KEY), or generates and prints them. Set TWILIO_BASE_URL and \
            ULTRAVOX_BASE_URL of a gateway to the addresses that it prints. The last four digits of the called number \
            choose what happens. PUT /_sandbox/numbers sets where the calls of the account's numbers go, and which caller IDs \
            are verified, as switchboard check reads them; GET shows it.
            """
    )

    @Option(help: "TCP port of the Twilio stand-in; 0 picks a free one.")
    var twilioPort = 0

    @Option(help: "TCP port of the Ultravox stand-in; 0 picks a free one.")
    var ultravoxPort = 0

    @Option(help: "Factor for every delay of a call: 1 for people, 0.01 for tests.")
    var tempo = 1.0

    func validate() throws {
        guard (0...65_535).contains(twilioPort), (0...65_535).contains(ultravoxPort) else {
            throw ValidationError("A port is a number from 0 to 65535.")
        }
        guard tempo > 0, tempo <= 100 else { throw ValidationError("The tempo is a number above 0, at most 100.") }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let credentials = SandboxCredentials(environment: environment)
        let logger = Logger.process(level: .warning, format: nil)
        let engine = try CurlEngine(logger: logger)
        var configuration = credentials.configuration(tempo: tempo)
        configuration.twilioPort = twilioPort
        configuration.ultravoxPort = ultravoxPort
        let sandbox = Sandbox(configuration: configuration, transport: engine, logger: logger)
        let announcement = Announcement {
            let addresses = try await sandbox.addresses()
            let made = credentials.madeUp.map { "\($0.name)=\($0.value)\n" }.joined()
            let scenarios = Scenario.all.map { "# called number ending in \($0.suffix): \($0.summary)\n" }.joined()
            let advice = credentials.advice(twilio: addresses.twilio, ultravox: addresses.ultravox)
            let lines = "twilio \(addresses.twilio)\nultravox \(addresses.ultravox)\nready\n"
            try FileHandle.standardOutput.write(contentsOf: Data((made + scenarios + advice + lines).utf8))
        }
        let services: [any Service] = [engine, sandbox, announcement]
        do {
            try await StopSignals(group: ServiceGroup(services: services, logger: logger), logger: logger).run()
        } catch {
            let ports = "port \(twilioPort) or \(ultravoxPort)"
            let options = "--twilio-port and --ultravox-port"
            guard let problem = CannotListen(error, address: ports, portSetting: options) else { throw error }
            LogWriter.standardError.say("The sandbox cannot start: \(problem)")
            throw ExitCode(78)
        }
    }
}

/// Says something once and then waits for the stop.
struct Announcement: Service {
    let say: @Sendable () async throws -> Void

    func run() async throws {
        try await say()
        try? await gracefulShutdown()
    }
}

/// The credentials that a gateway and the stand-ins share.
struct SandboxCredentials: Sendable {
    let accountSid: String
    let authToken: String
    let phoneNumber: String
    let ultravoxAPIKey: String
    private let apiKeySid: String?
    private let apiKeySecret: String?
    /// Those that the environment did not give.
    let madeUp: [(name: String, value: String)]

    init(environment: [String: String]) {
        var madeUp: [(name: String, value: String)] = []
        func value(_ name: String, _ invent: () -> String) -> String {
            if let given = environment[name], !given.isEmpty { return given }
            let value = invent()
            madeUp.append((name, value))
            return value
        }
        accountSid = value("TWILIO_ACCOUNT_SID") { "AC" + Self.hex(32) }
        authToken = value("TWILIO_AUTH_TOKEN") { Self.hex(32) }
        phoneNumber = value("TWILIO_PHONE_NUMBER") { "+12025550143" }
        ultravoxAPIKey = value("ULTRAVOX_API_KEY") { Self.hex(8) + "." + Self.hex(32) }
        apiKeySid = environment["TWILIO_API_KEY_SID"]
        apiKeySecret = environment["TWILIO_API_KEY_SECRET"]
        self.madeUp = madeUp
    }

    func configuration(tempo: Double) -> SandboxConfiguration {
        SandboxConfiguration(
            accountSid: accountSid,
            authToken: authToken,
            apiKeySid: apiKeySid,
            apiKeySecret: apiKeySecret,
            phoneNumbers: [phoneNumber],
            ultravoxAPIKey: ultravoxAPIKey,
            tempo: tempo
        )
    }

    /// The lines for a gateway's `.env` to use the stand-ins, as comments, because programs read the other lines.
    /// Credentials from the environment are not repeated.
    func advice(twilio: String, ultravox: String) -> String {
        let lines =
            ["To try a gateway, copy these lines without the # into a .env and run switchboard serve beside it."]
            + madeUp.map { "\($0.name)=\($0.value)" }
            + [
                "TWILIO_BASE_URL=\(twilio)", "ULTRAVOX_BASE_URL=\(ultravox)",
                "PUBLIC_BASE_URL=http://127.0.0.1:8080", "API_KEYS=dev:\(Self.hex(32))",
            ]
        return lines.map { "# \($0)\n" }.joined()
    }

    static func hex(_ digits: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return Hex.encode((0..<digits / 2).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
}
