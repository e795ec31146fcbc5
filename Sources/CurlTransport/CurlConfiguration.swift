/// What holds for every request of one ``CurlEngine``.
package struct CurlConfiguration: Sendable {
    /// A PEM file with certificates to trust in addition to the system's (`UPSTREAM_CA_FILE`).
    package var additionalCAFile: String?
    /// The proxy's URL: `http`, `https`, `socks5` or `socks5h`, credentials allowed (`UPSTREAM_PROXY`).
    ///
    /// `nil` means no proxy; the environment is never consulted. Requests to `http` URLs (loopback) go through it only
    /// if it stands on loopback itself, so that no clear text leaves the machine.
    package var proxy: String?
    /// Open connections in all. Further requests wait, and their waiting counts in their time-out.
    package var maximumConnections: Int
    /// Open connections to one host. One HTTP/2 connection serves many requests.
    package var maximumConnectionsPerHost: Int
    /// A connection that was idle for longer is not used again, and is closed once nothing is in flight.
    ///
    /// Shorter than the idle time of common servers (60 s): the outcome of a `POST` on a connection that the server is
    /// about to close is unknown.
    package var idleLifetime: Duration
    /// A connection that is older takes no further request.
    package var connectionLifetime: Duration
    /// Bytes of an answer's status line and headers, interim answers and trailers included.
    package var maximumAnswerHeaderBytes: Int
    /// Which addresses connections may go to.
    package var peerAddresses: PeerAddresses
    /// Names with their addresses, `name:port:address[,address]…`, which are not looked up: for tests.
    var knownHosts: [String] = []

    package init(
        additionalCAFile: String? = nil,
        proxy: String? = nil,
        maximumConnections: Int = 128,
        maximumConnectionsPerHost: Int = 32,
        idleLifetime: Duration = .seconds(30),
        connectionLifetime: Duration = .seconds(300),
        maximumAnswerHeaderBytes: Int = 64 << 10,
        peerAddresses: PeerAddresses = .any
    ) {
        self.additionalCAFile = additionalCAFile
        self.proxy = proxy
        self.maximumConnections = maximumConnections
        self.maximumConnectionsPerHost = maximumConnectionsPerHost
        self.idleLifetime = idleLifetime
        self.connectionLifetime = connectionLifetime
        self.maximumAnswerHeaderBytes = maximumAnswerHeaderBytes
        self.peerAddresses = peerAddresses
    }
}

/// Why a ``CurlEngine`` cannot start, or had to stop.
package enum CurlEngineError: Error, Sendable, Equatable, CustomStringConvertible {
    /// libcurl refused to start: its own message.
    case libcurl(String)
    /// The operating system gave no thread: the error number.
    case thread(Int32)
    /// ``CurlConfiguration/additionalCAFile`` cannot be read, or holds no certificate.
    case unusableCAFile(path: String, reason: String)
    /// ``CurlConfiguration/proxy`` is not the URL of a proxy. The URL is not repeated: it may hold a password.
    case unusableProxy(reason: String)

    package var description: String {
        switch self {
        case .libcurl(let message): "libcurl does not start: \(message)"
        case .thread(let number): "no thread for libcurl: error \(number)"
        case .unusableCAFile(let path, let reason): "certificate file \(path): \(reason)"
        case .unusableProxy(let reason): "proxy: \(reason)"
        }
    }
}
