import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// `switchboard serve`: the gateway.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the gateway.",
        discussion: "Configured by environment variables, or a .env file here; the README lists them."
    )

    func run() async throws {
        let settings: Settings
        do {
            settings = try Settings.load(
                environment: ProcessInfo.processInfo.environment,
                workingDirectory: URL(filePath: FileManager.default.currentDirectoryPath)
            )
        } catch {
            try FileHandle.standardError.write(contentsOf: Data("\(error)\n".utf8))
            throw ExitCode(78)
        }
        let logger = Logger.process(level: settings.logLevel, format: settings.logFormat)
        // The end of a terminal must not end calls; nothing is read again yet.
        signal(SIGHUP, SIG_IGN)
        for warning in settings.warnings {
            logger.warning("a setting deserves a second look", metadata: ["setting": "\(warning)"])
        }
        if !settings.withoutEffect.isEmpty {
            logger.warning(
                "some settings have no effect in this version",
                metadata: ["settings": "\(settings.withoutEffect.joined(separator: ", "))"]
            )
        }
        let gateway: GatewayProcess
        do {
            gateway = try GatewayProcess(settings: settings, logger: logger)
        } catch {
            try FileHandle.standardError.write(contentsOf: Data("switchboard cannot start: \(error)\n".utf8))
            throw ExitCode(78)
        }
        var configuration = ServiceGroupConfiguration(
            services: gateway.services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = settings.shutdownGrace
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as AddressInUse {
            try FileHandle.standardError.write(contentsOf: Data("switchboard cannot start: \(error)\n".utf8))
            throw ExitCode(78)
        }
        logger.info("stopped")
    }
}
