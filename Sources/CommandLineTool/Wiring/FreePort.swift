import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds a TCP port of the loopback interface that nobody uses.
///
/// Webhooks are signed over our own address, so demo and tests must know the port before the gateway listens on it.
/// The ports tried lie below those that the system lends to outgoing connections and to listeners on port 0, and none
/// is given out twice in a process: nothing but a stranger's program can take one before it is used.
enum FreePort {
    struct None: Error, CustomStringConvertible {
        var description: String { "no free TCP port on 127.0.0.1: \(String(cString: strerror(errno)))" }
    }

    private static let candidates = 20_000..<32_000
    private static let attempts = 200
    private static let given = Mutex<Set<Int>>([])

    static func find() throws -> Int {
        for _ in 0..<attempts {
            let port = Int.random(in: candidates)
            guard given.withLock({ $0.insert(port).inserted }), isFree(port) else { continue }
            return port
        }
        throw None()
    }

    private static func isFree(_ port: Int) -> Bool {
        #if canImport(Glibc)
        let stream = Int32(SOCK_STREAM.rawValue)
        #else
        let stream = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, stream, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
