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
}
