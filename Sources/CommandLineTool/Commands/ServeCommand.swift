import ArgumentParser
import CallDomain
import Foundation
import Logging
import ServiceLifecycle

/// `switchboard serve`: the gateway.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the gateway.",
        discussion: "Reads environment variables and a .env file here; docs/configuration.md lists the settings."
    )

    @OptionGroup var options: SettingOptions

    func run() async throws {
        // The end of a terminal must not end calls; the signal asks to read the secrets again.
        signal(SIGHUP, SIG_IGN)
        let given = options.given
        let load: @Sendable (Bool) throws(SettingsProblems) -> Settings = { (isStart) throws(SettingsProblems) in
            try Settings.load(
                environment: ProcessInfo.processInfo.environment,
                options: given,
                workingDirectory: URL(filePath: FileManager.default.currentDirectoryPath),
                // New secrets do not wait for templates, which are in use already.
                withTemplates: isStart,
                pipesWithin: isStart ? Surroundings.patienceAtStart : Surroundings.patienceAtReload
            )
        }
        let settings: Settings
        do {
            settings = try load(true)
        } catch {
            LogWriter.standardError.say("\(error)")
            throw ExitCode(78)
        }
        let logger = Logger.process(level: settings.logLevel, format: settings.logFormat)
        for warning in settings.warnings {
            logger.warning("a setting may be a mistake", metadata: ["setting": "\(warning)"])
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
        } catch let failure as JournalFailure {
            throw Self.end(failure)
        } catch {
            LogWriter.standardError.say("switchboard cannot start: \(error)")
            throw ExitCode(78)
        }
        let reload = SecretsReload(
            running: settings,
            credentials: gateway.credentials,
            clock: SystemClock(),
            load: { () throws(SettingsProblems) in try load(false) },
            logger: logger
        )
        let stop = StopSignals(
            group: ServiceGroup(services: [reload] + gateway.services, logger: logger),
            grace: settings.shutdownGrace,
            logger: logger,
            prepare: { await gateway.stopListening() }
        )
        do {
            try await stop.run()
        } catch let failure as JournalFailure {
            throw Self.end(failure)
        } catch let error as CannotListen {
            LogWriter.standardError.say("switchboard cannot start: \(error)")
            // A port in use may become free; all other causes need a change by the operator.
            throw ExitCode(error.cause == .taken ? 1 : 78)
        } catch {
            LogWriter.standardError.say("switchboard has stopped, which it should not have: \(error)")
            throw ExitCode(1)
        }
    }

    private static func end(_ failure: JournalFailure) -> ExitCode {
        LogWriter.standardError.say("switchboard cannot start: the journal: \(failure.text).")
        switch failure.kind {
        case .inUse: return ExitCode(1)
        case .fault, .closed: return ExitCode(78)
        }
    }
}
