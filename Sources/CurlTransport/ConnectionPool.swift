import CCurl

/// The multi handle: libcurl's connections, and its limits on them.
final class ConnectionPool {
    private(set) var multi: UnsafeMutableRawPointer
    /// Whether a transfer has used it, so that there may be connections to close.
    var isUsed = false
    private let limits: Limits

    struct Limits: Sendable {
        var connections: Int
        var connectionsPerHost: Int
    }

    init(limits: Limits) throws(CurlEngineError) {
        self.limits = limits
        guard let multi = Self.makeMulti(limits) else { throw .libcurl("no multi handle") }
        self.multi = multi
    }

    /// Closes all connections, by replacing the handle: libcurl closes idle ones only when a transfer comes along.
    ///
    /// Only while no transfer is in it. `announce` is given the new handle before the old one is freed.
    func renew(announce: (UnsafeMutableRawPointer) -> Void) {
        isUsed = false
        guard let fresh = Self.makeMulti(limits) else { return }
        let old = multi
        multi = fresh
        announce(fresh)
        curl_multi_cleanup(old)
    }

    /// Frees the handle. Nothing may use the pool afterwards.
    func close() {
        curl_multi_cleanup(multi)
    }

    private static func makeMulti(_ limits: Limits) -> UnsafeMutableRawPointer? {
        guard let multi = curl_multi_init() else { return nil }
        let options: [(CURLMoption, Int)] = [
            (CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)),
            (CURLMOPT_MAX_TOTAL_CONNECTIONS, limits.connections),
            (CURLMOPT_MAX_HOST_CONNECTIONS, limits.connectionsPerHost),
            // By default libcurl keeps more idle connections the more transfers it has.
            (CURLMOPT_MAXCONNECTS, limits.connections),
        ]
        for (option, value) in options where ccurl_multi_setopt_long(multi, option, value) != CURLM_OK {
            curl_multi_cleanup(multi)
            return nil
        }
        return multi
    }
}

@available(*, unavailable)
extension ConnectionPool: Sendable {}
