import Hummingbird

/// Routes that answer while a client runs wild or the vendors are slow: what stops calls, and what shows them.
///
/// An operator may have a single API key, the one of the client that must be stopped.
enum VitalRoute: String, CaseIterable {
    case hangUp = "/calls/{id}/hangup"
    case dialing = "/dialing"
    case metrics = "/metrics"

    /// Determined from the matched route, not from the requested path: a path may end in a slash, and an agent may be
    /// called `hangup`.
    init?(_ context: GatewayContext) {
        guard let route = context.endpointPath else { return nil }
        self.init(rawValue: route)
    }

    var path: RouterPath { RouterPath(rawValue) }
}
