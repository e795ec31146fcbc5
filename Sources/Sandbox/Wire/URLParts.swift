/// An absolute URL taken apart by hand, so that nothing in it is decoded or normalised.
struct URLParts {
    var scheme: String
    /// `user:password`, without the `@`.
    var credentials: String?
    /// With the brackets of an IPv6 address.
    var host: String
    var port: String?
    /// Path and query.
    var target: String
    var fragment: String?

    init?(_ url: String) {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }), let separator = url.firstRange(of: "://") else {
            return nil
        }
        scheme = String(url[..<separator.lowerBound])
        var rest = url[separator.upperBound...]
        if let hash = rest.firstIndex(of: "#") {
            fragment = String(rest[rest.index(after: hash)...])
            rest = rest[..<hash]
        }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        target = String(rest[end...])
        var authority = rest[..<end]
        if let at = authority.lastIndex(of: "@") {
            credentials = String(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            port = String(authority[authority.index(after: colon)...])
            authority = authority[..<colon]
        }
        host = String(authority)
        guard !scheme.isEmpty, !host.isEmpty, port.map({ UInt16($0) != nil }) ?? true else { return nil }
    }

    /// Without fragment.
    var requestURL: String {
        "\(scheme)://" + (credentials.map { "\($0)@" } ?? "") + host + (port.map { ":\($0)" } ?? "") + target
    }
}
