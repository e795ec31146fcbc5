import Glibc
import Testing

@testable import CurlTransport

/// Linux gives one local port to several connections if their peers differ.
@Suite struct WatchedConnectionTests {
    @Test func `connections that share a local port are told apart by their peers' addresses`() throws {
        let sockets = try Self.connectionsOfOneLocalPort()
        try withExtendedLifetime(sockets) { try Self.check(sockets[0], sockets[1]) }
    }

    private static func check(_ first: TestSocket, _ second: TestSocket) throws {
        let (own, peer) = (try first.end(getsockname), try first.end(getpeername))
        let other = try second.end(getpeername)
        try #require(try own == second.end(getsockname) && peer.port == other.port && peer != other)
        let connections = WatchedConnections()
        connections.opened(first.number)
        connections.opened(second.number)
        #expect(connections.connection(with: ConnectionEnds(local: own, peer: peer))?.socket == first.number)
        #expect(connections.connection(with: ConnectionEnds(local: own, peer: other))?.socket == second.number)
        let nobody = ConnectionEnds.End(address: "127.0.0.3", port: peer.port)
        #expect(connections.connection(with: ConnectionEnds(local: own, peer: nobody)) == nil)
    }

    /// Two connections to servers of the same port at two addresses, and these servers' sockets.
    private static func connectionsOfOneLocalPort() throws -> [TestSocket] {
        // The port that is free at one address may be in use at the other.
        for _ in 0..<50 {
            let (server, other) = (TestSocket(), TestSocket())
            try #require(server.apply(bind, "127.0.0.1", port: 0) && listen(server.number, 1) == 0)
            let port = try server.end(getsockname).port
            guard other.apply(bind, "127.0.0.2", port: port), listen(other.number, 1) == 0 else { continue }
            let (first, second) = (TestSocket(), TestSocket())
            try #require(first.apply(bind, "127.0.0.1", port: 0))
            guard second.apply(bind, "127.0.0.1", port: try first.end(getsockname).port),
                first.apply(connect, "127.0.0.1", port: port), second.apply(connect, "127.0.0.2", port: port)
            else { continue }
            return [first, second, server, other]
        }
        throw NoPort()
    }

    private struct NoPort: Error {}
    private struct NoEnd: Error {}

    /// A TCP socket, closed with this object.
    private final class TestSocket {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)

        init() {
            var yes: Int32 = 1
            setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        }

        deinit { close(number) }

        /// - Returns: whether it succeeded.
        func apply(
            _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32,
            _ address: String,
            port: Int
        ) -> Bool {
            var end = sockaddr_in()
            end.sin_family = sa_family_t(AF_INET)
            end.sin_port = in_port_t(port).bigEndian
            end.sin_addr = in_addr(s_addr: inet_addr(address))
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            return withUnsafePointer(to: &end) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { function(number, $0, size) == 0 }
            }
        }

        func end(
            _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
        ) throws -> ConnectionEnds.End {
            guard let end = ConnectionEnds.End(number, ask) else { throw NoEnd() }
            return end
        }
    }
}
