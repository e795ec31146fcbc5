import OutboundHTTP

/// The proxy of a configuration, checked as far as it decides what this transport does.
struct ProxyURL: Equatable {
    /// As libcurl takes it; empty for no proxy.
    let text: String
    let isLoopback: Bool

    /// - Throws: ``CurlEngineError/unusableProxy(reason:)``.
    init(_ configuration: CurlConfiguration) throws(CurlEngineError) {
        guard let proxy = configuration.proxy else {
            (text, isLoopback) = ("", false)
            return
        }
        guard configuration.peerAddresses == .any else {
            // The proxy would open the connection, and resolve the name in its own way.
            throw .unusableProxy(reason: "it would bypass the check of peer addresses")
        }
        guard proxy.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .unusableProxy(reason: "a character is not visible ASCII")
        }
        let parts = proxy.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["http", "https", "socks5", "socks5h"].contains(parts[0].lowercased()) else {
            throw .unusableProxy(reason: "it does not begin with http://, https://, socks5:// or socks5h://")
        }
        let authority = parts[1].prefix { !"/?#".contains($0) }
        let place = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        let host = place.hasPrefix("[") ? place.dropFirst().prefix { $0 != "]" } : place.prefix { $0 != ":" }
        guard !host.isEmpty else { throw .unusableProxy(reason: "it has no host") }
        text = proxy
        isLoopback = RequestURL.isLoopback(host.lowercased())
    }
}
