/// A URL as text, split by hand so that every byte but the port stays as it was received.
struct SignedURL {
    /// Up to and with the host.
    private let head: Substring
    /// The digits behind the colon; `nil` without a colon.
    private let port: Substring?
    /// Path and query.
    private let tail: Substring
    private let isHTTPS: Bool

    /// - Returns: `nil` if `text` has no scheme.
    init?(_ text: String) {
        guard let schemeEnd = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            text[schemeEnd...].utf8.starts(with: "://".utf8)
        else { return nil }
        isHTTPS = text[..<schemeEnd].lowercased() == "https"
        let authorityStart = text.utf8.index(schemeEnd, offsetBy: 3)
        let delimiters = Array("/?#".utf8)
        let authorityEnd = text[authorityStart...].utf8.firstIndex { delimiters.contains($0) } ?? text.endIndex
        tail = text[authorityEnd...]
        let authority = text[authorityStart..<authorityEnd].utf8
        let hostStart = authority.lastIndex(of: UInt8(ascii: "@")).map { authority.index(after: $0) } ?? authorityStart
        // Colons within the brackets of an IPv6 address start no port.
        let bracket = authority[hostStart...].lastIndex(of: UInt8(ascii: "]")) ?? hostStart
        if let colon = authority[bracket...].firstIndex(of: UInt8(ascii: ":")) {
            head = text[..<colon]
            port = text[authority.index(after: colon)..<authorityEnd]
        } else {
            head = text[..<authorityEnd]
            port = nil
        }
    }

    /// The two forms that Twilio may have signed: without port, and with the given one or the scheme's.
    ///
    /// For voice over https Twilio drops the port; its libraries test both, because not all of its products do.
    /// - SeeAlso: https://www.twilio.com/docs/usage/webhooks/webhooks-security
    var forms: [String] {
        let port = port ?? (isHTTPS ? "443" : "80")
        return [String(head + tail), "\(head):\(port)\(tail)"]
    }

    /// The raw text between the first `?` and the end or the fragment.
    var query: Substring {
        guard let mark = tail.utf8.firstIndex(of: UInt8(ascii: "?")) else { return "" }
        let rest = tail[tail.utf8.index(after: mark)...]
        return rest[..<(rest.utf8.firstIndex(of: UInt8(ascii: "#")) ?? rest.endIndex)]
    }
}
