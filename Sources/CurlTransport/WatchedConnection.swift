import Glibc

/// One of libcurl's connections, as far as it can be watched from here: its socket, and what its peer said of its end.
///
/// Used on the engine's thread alone.
final class WatchedConnection {
    let socket: Int32
    /// A request was sent over it, so whoever gets it now reuses it.
    var hasCarried = false
    /// How many transfers use it.
    var users = 0
    /// It speaks HTTP/1, so while it is idle the peer has nothing to say but that it closes.
    var isHTTP1 = false
    /// The peer is closing it, or has.
    private(set) var isClosing = false
    /// Of GOAWAY: no HTTP/2 stream above this one was or will be processed.
    private(set) var lastStream: Int?

    init(socket: Int32) { self.socket = socket }

    func received(goAway last: Int) {
        lastStream = min(lastStream ?? last, last)
    }

    /// Lets libcurl, too, find it dead: it does not see that a peer ended TLS without closing the socket.
    func markClosing() {
        isClosing = true
        if users == 0 { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    /// Asks the socket whether the peer has closed it, or is about to.
    ///
    /// A TLS connection may also have a session ticket waiting; then it is taken for a closing one, and costs a handshake.
    func lookForEnd() {
        guard !isClosing else { return }
        var state = pollfd(fd: socket, events: Int16(POLLIN) | Self.peerHasClosed, revents: 0)
        guard poll(&state, 1, 0) > 0 else { return }
        let ends = Self.peerHasClosed | Int16(POLLHUP) | Int16(POLLERR) | Int16(POLLNVAL)
        if state.revents & ends != 0 || isHTTP1 { markClosing() }
    }

    /// `POLLRDHUP`, which glibc shows with _GNU_SOURCE alone.
    private static let peerHasClosed: Int16 = 0x2000
}

/// The sockets that libcurl has open, told by its callbacks.
final class WatchedConnections {
    private var bySocket: [Int32: WatchedConnection] = [:]

    func opened(_ socket: Int32) { bySocket[socket] = WatchedConnection(socket: socket) }

    func closed(_ socket: Int32) { bySocket[socket] = nil }

    /// The connection with both of these ends: Linux gives one local port to connections to several peers.
    func connection(with ends: ConnectionEnds) -> WatchedConnection? {
        bySocket.values.first { connection in
            ConnectionEnds.End(connection.socket, getsockname) == ends.local
                && ConnectionEnds.End(connection.socket, getpeername) == ends.peer
        }
    }
}

@available(*, unavailable)
extension WatchedConnection: Sendable {}

@available(*, unavailable)
extension WatchedConnections: Sendable {}

/// Both ends of a TCP connection, which no two open ones share.
struct ConnectionEnds {
    struct End: Equatable {
        /// As `inet_ntop` writes it, and libcurl too.
        let address: String
        let port: Int

        init(address: String, port: Int) {
            self.address = address
            self.port = port
        }

        /// The end that `ask` tells of: `getsockname` or `getpeername`.
        init?(
            _ socket: Int32,
            _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
        ) {
            var storage = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let isKnown = withUnsafeMutablePointer(to: &storage) { pointer in
                // SAFETY: the storage is large and aligned enough for an address of any family.
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(socket, $0, &size) == 0 }
            }
            guard isKnown else { return nil }
            let family = Int32(storage.ss_family)
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            let parts: (port: in_port_t, isWritten: Bool)? = withUnsafeBytes(of: &storage) { bytes in
                switch family {
                case AF_INET:
                    let end = bytes.load(as: sockaddr_in.self)
                    return withUnsafeBytes(of: end.sin_addr) {
                        (end.sin_port, inet_ntop(family, $0.baseAddress, &text, socklen_t(text.count)) != nil)
                    }
                case AF_INET6:
                    let end = bytes.load(as: sockaddr_in6.self)
                    return withUnsafeBytes(of: end.sin6_addr) {
                        (end.sin6_port, inet_ntop(family, $0.baseAddress, &text, socklen_t(text.count)) != nil)
                    }
                default: return nil
                }
            }
            guard let parts, parts.isWritten else { return nil }
            port = Int(in_port_t(bigEndian: parts.port))
            address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    let local: End
    let peer: End
}
