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
    private let clock: any WallClock
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
        clock: any WallClock,
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
                    "the configuration was not read again: mend this setting and send SIGHUP once more",
                    metadata: ["setting": "\(problem.name)", "problem": "\(problem)"]
                )
            }
            return
        }
        let refused = settings.changes(from: running, .refusesAll)
        guard refused.isEmpty else {
            for name in refused {
                logger.error(
                    "the configuration was not read again: this setting has changed, and that needs a restart",
                    metadata: ["setting": "\(name)"]
                )
            }
            return
        }
        let taken = settings.changes(from: applied.current, .takesIt)
        credentials.apply(settings, now: clock.now)
        applied.replace(with: settings)
        logger.notice(
            "the secrets were read again",
            metadata: ["settings": "\(taken.isEmpty ? "none has changed" : taken.joined(separator: ", "))"]
        )
        let left = settings.changes(from: running, .leavesIt)
        if !left.isEmpty {
            logger.warning(
                "some settings have changed and count from the next start on",
                metadata: ["settings": "\(left.joined(separator: ", "))"]
            )
        }
    }
}
