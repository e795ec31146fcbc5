import Glibc

/// A socket that listens on a free port and accepts nobody: whoever connects stays in its queue, so that nothing has to be
/// waited for to know that nobody came.
final class Canary {
    private let socket: Int32
    let port: UInt16

    /// `nil` where the machine has no such address. If it does not listen, it keeps the port, and whoever connects is
    /// refused.
    init?(loopbackOfIPv6 isIPv6: Bool = false, listens: Bool = true) {
        socket = Glibc.socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isReady = withUnsafeMutablePointer(to: &storage) { [socket] storage in
            if isIPv6 {
                storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    $0.pointee.sin6_family = sa_family_t(AF_INET6)
                    $0.pointee.sin6_addr = in6addr_loopback
                }
            } else {
                storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    $0.pointee.sin_family = sa_family_t(AF_INET)
                    $0.pointee.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
                }
            }
            return storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size) == 0 && (!listens || listen(socket, 64) == 0)
                    && getsockname(socket, $0, &size) == 0
            }
        }
        // The port is at the same place in both.
        port = withUnsafeBytes(of: storage) { in_port_t(bigEndian: $0.load(fromByteOffset: 2, as: in_port_t.self)) }
        if !isReady {
            close(socket)
            return nil
        }
    }

    deinit { close(socket) }

    /// How many have connected since it was asked last.
    func visitors() -> Int {
        var count = 0
        while case let visitor = accept(socket, nil, nil), visitor >= 0 {
            count += 1
            close(visitor)
        }
        return count
    }
}
