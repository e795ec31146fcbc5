import Synchronization
import TestSupport

/// A request as a test server read it.
struct ReceivedRequest: Sendable {
    var method: String
    var target: String
    /// Names in lower case.
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    var connection: Int
    /// The HTTP/2 stream.
    var stream = 0

    func values(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }
}

/// What reached a test server.
final class Ledger: Sendable {
    private struct State {
        var connections = 0
        var ended = 0
        var requests: [ReceivedRequest] = []
        var byteCount = 0
    }

    private let state = Mutex(State())

    var connections: Int { state.withLock(\.connections) }
    var requests: [ReceivedRequest] { state.withLock(\.requests) }
    /// Bytes of requests, after decryption.
    var byteCount: Int { state.withLock(\.byteCount) }

    /// - Returns: the number of the connection, from 1.
    func connect() -> Int {
        state.withLock {
            $0.connections += 1
            return $0.connections
        }
    }

    /// A server's end of a connection has ended, or has sent all that it will.
    func ended() { state.withLock { $0.ended += 1 } }

    /// Returns when so many have.
    func untilEnded(_ count: Int) async {
        await eventually { state.withLock { $0.ended >= count } }
    }

    /// Returns when a request for `target` has arrived.
    func untilReceived(_ target: String) async {
        await eventually { state.withLock { $0.requests.contains { $0.target == target } } }
    }

    func received(_ request: ReceivedRequest) { state.withLock { $0.requests.append(request) } }
    func received(bytes: Int) { state.withLock { $0.byteCount += bytes } }
}

/// Something that happens once, and that others wait for.
final class Happening: Sendable {
    private let hasHappened = Atomic(false)

    func happen() { hasHappened.store(true, ordering: .releasing) }

    func wait() async {
        await eventually { hasHappened.load(ordering: .acquiring) }
    }
}
