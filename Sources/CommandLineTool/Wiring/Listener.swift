import Hummingbird
import ServiceLifecycle

/// The HTTP server as a service.
struct Listener<Application: ApplicationProtocol>: Service {
    let application: Application
    let settings: Settings
    /// Called when the server has ended, or could not begin: whoever waits for it hears of that, too.
    let announceEnd: @Sendable () -> Void

    func run() async throws {
        defer { announceEnd() }
        do {
            try await application.run()
        } catch {
            guard let problem = CannotListen(error, settings) else { throw error }
            throw problem
        }
    }
}
