import ArgumentParser
import CurlTransport
import Foundation
import HTTPTypes
import Logging
import OutboundHTTP

/// `switchboard health`: asks a running gateway on this machine whether it is up, for containers that have no curl.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Exits with 0 if a gateway on this machine is up, and with 1 if not.",
        discussion: """
            Asks /health/live where HOST and PORT say that serve listens: it reads the same environment and .env. Exit \
            code 78 if they do not say where.
            """
    )

    @Option(help: "The gateway's address, in place of HOST and PORT, such as http://127.0.0.1:8080.")
    var url: String?

    @Flag(help: "Asks /health/ready: whether the gateway accepts work.")
    var ready = false

    func validate() throws {
        if let url { _ = try GatewayAddress.checked(url, option: "--url") }
    }

    func run() async throws {
        let given = try url.map { try GatewayAddress.checked($0, option: "--url") }
        let address = try (given ?? Self.ownAddress()) + (ready ? "/health/ready" : "/health/live")
        let engine = try CurlEngine(logger: Logger(label: "health") { _ in SwiftLogNoOpLogHandler() })
        do {
            let request = OutboundRequest(method: .get, url: address, timeout: .seconds(2))
            guard try await engine.send(request).status == 200 else { throw ExitCode(1) }
        } catch let error as TransportError {
            try FileHandle.standardError.write(contentsOf: Data("\(address): \(error.detail)\n".utf8))
            throw ExitCode(1)
        }
    }

    private static func ownAddress() throws -> String {
        do throws(SettingsProblems) {
            return try LocalAddress.load(
                environment: ProcessInfo.processInfo.environment,
                workingDirectory: URL(filePath: FileManager.default.currentDirectoryPath)
            ).url
        } catch {
            let advice = "Say where the gateway is with --url, such as --url http://127.0.0.1:8080."
            try FileHandle.standardError.write(contentsOf: Data("\(error)\n\(advice)\n".utf8))
            throw ExitCode(78)
        }
    }
}
