import Logging
import OutboundHTTP

/// What the parts of the sandbox share.
struct SandboxCore: Sendable {
    let configuration: SandboxConfiguration
    let state: Watched<SandboxState>
    let jobs: JobQueue
    let transport: any HTTPTransport
    let pace: Pace
    let logger: Logger

    /// Logs that a webhook was not delivered, with the reason.
    func noteUndelivered(_ kind: String, to url: String, _ reason: String) {
        logger.warning("webhook not delivered", metadata: ["kind": "\(kind)", "url": "\(url)", "reason": "\(reason)"])
    }
}
