import CallDomain
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Reads the configuration again on SIGHUP and puts its secrets into use; what cannot change while the gateway runs is
/// named, and waits for a restart. ``ReloadEffect`` says which is which.
struct SecretsReload: Service {
    private let running: Settings
    /// Whose secrets are in use.
    private let applied: Rotating<Settings>
    private let credentials: Credentials
    private let clock: any TimeSource
    private let load: @Sendable () throws(SettingsProblems) -> Settings
    private let logger: Logger

    /// - Parameters:
    ///   - running: the settings that the gateway was started with.
    ///   - credentials: made of them.
    ///   - clock: for secrets that count for a while after they were replaced.
    ///   - load: reads the configuration as it is now.
    ///   - logger: names settings, never values.
    init(
        running: Settings,
        credentials: Credentials,
        clock: any TimeSource,
        load: @escaping @Sendable () throws(SettingsProblems) -> Settings,
        logger: Logger
    ) {
        self.running = running
        applied = Rotating(running)
        self.credentials = credentials
        self.clock = clock
        self.load = load
        self.logger = logger
    }

    func run() async {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) { await reloadAside() }
        }
    }

    /// On a thread of its own: a disk may be slow. A stop does not wait for it.
    private func reloadAside() async {
        let (end, announceEnd) = AsyncStream.makeStream(of: Void.self)
        Thread.detachNewThread {
            reload()
            announceEnd.finish()
        }
        for await _ in end {}
    }

    /// A configuration that does not load, or that is of another account, changes nothing.
    func reload() {
        let settings: Settings
        do throws(SettingsProblems) {
            settings = try load()
        } catch {
            for problem in error.problems {
                logger.error(
                    "configuration not reloaded: correct this setting and send SIGHUP again",
                    metadata: ["setting": "\(problem.name)", "problem": "\(problem)"]
                )
            }
            return
        }
        let refused = settings.changes(from: running, .refusesAll)
        guard refused.isEmpty else {
            for name in refused {
                logger.error(
                    "configuration not reloaded: a change of this setting needs a restart",
                    metadata: ["setting": "\(name)"]
                )
            }
            return
        }
        let taken = settings.changes(from: applied.current, .takesIt)
        credentials.apply(settings, now: clock.now)
        applied.replace(with: settings)
        logger.notice(
            "secrets reloaded",
            metadata: ["settings": "\(taken.isEmpty ? "none changed" : taken.joined(separator: ", "))"]
        )
        let left = settings.changes(from: running, .leavesIt)
        if !left.isEmpty {
            logger.warning(
                "some changed settings take effect at the next start",
                metadata: ["settings": "\(left.joined(separator: ", "))"]
            )
        }
    }
}
