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
        discussion: "Asks /health/live on the port that PORT names."
    )

    @Option(help: "The gateway's address instead, such as http://127.0.0.1:8080.")
    var url: String?

    @Flag(help: "Asks /health/ready: whether it takes work.")
    var ready = false

    func run() async throws {
        let port = ProcessInfo.processInfo.environment["PORT"].flatMap(Int.init) ?? 8080
        let address = (url ?? "http://127.0.0.1:\(port)") + (ready ? "/health/ready" : "/health/live")
        let engine = try CurlEngine(logger: Logger(label: "health") { _ in SwiftLogNoOpLogHandler() })
        do {
            let request = OutboundRequest(method: .get, url: address, timeout: .seconds(2))
            guard try await engine.send(request).status == 200 else { throw ExitCode(1) }
        } catch let error as TransportError {
            try FileHandle.standardError.write(contentsOf: Data("\(address): \(error.detail)\n".utf8))
            throw ExitCode(1)
        }
    }
}
