import Logging
import ServiceLifecycle
import UnixSignals

/// Reads the configuration again on SIGHUP and puts its secrets into use; what cannot change while the gateway runs is
/// named, and waits for a restart.
struct SecretsReload: Service {
    let running: Settings
    let credentials: Credentials
    let load: @Sendable () throws(SettingsProblems) -> Settings
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) { reload() }
        }
    }

    /// A configuration that does not load changes nothing.
    func reload() {
        let settings: Settings
        do throws(SettingsProblems) {
            settings = try load()
        } catch {
            for problem in error.problems {
                logger.error(
                    "the configuration was not read again: mend this setting and send SIGHUP once more",
                    metadata: ["setting": "\(problem.name)", "problem": "\(problem)"]
                )
            }
            return
        }
        credentials.apply(settings)
        let changed = zip(running.lines, settings.lines).filter { $0.shown != $1.shown }.map(\.0.name)
        logger.notice("the secrets were read again")
        if !changed.isEmpty {
            logger.warning(
                "some settings have changed and count from the next start on",
                metadata: ["settings": "\(changed.joined(separator: ", "))"]
            )
        }
    }
}
