import HTTPTypes
import Hummingbird
import Synchronization

/// Lets only a few look-ups be worked on at the same time; the others wait in order of arrival.
///
/// Under more load than a processor can do, everything that runs takes its turn in one queue, also the taking of new
/// connections and webhooks, which come over new connections. With this the queue stays short: webhooks pass within
/// milliseconds, and look-ups, whose work is all on this machine, are answered one after the other instead of all late.
struct TakingTurns: RouterMiddleware {
    /// Look-ups that wait for no vendor: such a wait would hold a turn for nothing.
    private static let routes: Set<String> = ["/calls", "/calls/{id}", "/dead-letters"]

    private let turns: Turns

    init(most: Int) { turns = Turns(most: most) }

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get || request.method == .head,
            let route = context.endpointPath, Self.routes.contains(route)
        else { return try await next(request, context) }
        await turns.begin()
        defer { turns.end() }
        return try await next(request, context)
    }
}

/// So many at a time, first come first served.
private final class Turns: Sendable {
    private typealias Waiter = CheckedContinuation<Void, Never>

    private let state: Mutex<(free: Int, waiting: [Waiter])>

    init(most: Int) { state = Mutex((most, [])) }

    func begin() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Hands the turn on, or gives it back.
    func end() {
        let next: Waiter? = state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
