/// A URL that requests are sent to: absolute, `https`, or `http` to a loopback host.
///
/// Read byte by byte, and more narrowly than libcurl reads it, so that both agree on the host: no userinfo, no fragment,
/// no control character, space or backslash, no percent sign in the host, no `.` or `..` among the path's segments
/// (libcurl would fold them, and an identifier in a path could climb out of its place).
package struct RequestURL: Sendable, Equatable {
    /// The URL as given.
    package let text: String
    /// `http`.
    package let isPlain: Bool
    /// The host in lower case, an IPv6 address without its brackets.
    package let host: String

    package enum Problem: String, Error {
        case notVisibleASCII = "URL has a character that is not visible ASCII"
        case scheme = "URL is not https"
        case userinfo = "URL has userinfo"
        case fragment = "URL has a fragment"
        case backslash = "URL has a backslash"
        case host = "URL has no valid host"
        case port = "URL has no valid port"
        case path = "URL has a path with . or .. as a segment"
        case plainToRemoteHost = "plain http is for loopback hosts only"
    }

    package init(_ text: String) throws(Problem) {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .notVisibleASCII }
        guard !bytes.contains(UInt8(ascii: "#")) else { throw .fragment }
        guard !bytes.contains(UInt8(ascii: "\\")) else { throw .backslash }

        let scheme: String
        if Self.hasPrefix(bytes, "https://") {
            scheme = "https://"
            isPlain = false
        } else if Self.hasPrefix(bytes, "http://") {
            scheme = "http://"
            isPlain = true
        } else {
            throw .scheme
        }

        let rest = bytes.dropFirst(scheme.utf8.count)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.contains(UInt8(ascii: "@")) else { throw .userinfo }
        let (hostBytes, port) = try Self.split(authority)
        if let port {
            guard (1...5).contains(port.count), port.allSatisfy(Self.isDigit),
                let number = Int(String(decoding: port, as: UTF8.self)), (1...65535).contains(number)
            else { throw .port }
        }
        host = String(decoding: hostBytes, as: UTF8.self).lowercased()
        let path = rest[end...].prefix { $0 != UInt8(ascii: "?") }
        for segment in path.split(separator: UInt8(ascii: "/")) where Self.isDotSegment(segment) { throw .path }
        if isPlain, !Self.isLoopback(host) { throw .plainToRemoteHost }
        self.text = text
    }

    /// `localhost`, an address of `127.0.0.0/8` in four decimal parts, or `::1`.
    package static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].elementsEqual("127".utf8) else { return false }
        return parts.allSatisfy { part in
            // A leading zero means octal to some readers.
            (1...3).contains(part.count) && part.allSatisfy(isDigit) && (part.count == 1 || part.first != 0x30)
                && (UInt8(String(decoding: part, as: UTF8.self)) != nil)
        }
    }

    private static func split(
        _ authority: ArraySlice<UInt8>
    ) throws(Problem) -> (host: ArraySlice<UInt8>, port: ArraySlice<UInt8>?) {
        let host: ArraySlice<UInt8>
        let afterHost: ArraySlice<UInt8>
        if authority.first == UInt8(ascii: "[") {
            guard let close = authority.firstIndex(of: UInt8(ascii: "]")) else { throw .host }
            host = authority[authority.index(after: authority.startIndex)..<close]
            afterHost = authority[authority.index(after: close)...]
            guard IPAddress(String(decoding: host, as: UTF8.self))?.isIPv6 == true else { throw .host }
        } else {
            let colon = authority.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
            host = authority[..<colon]
            afterHost = authority[colon...]
            guard !host.isEmpty, host.first != UInt8(ascii: "."), host.allSatisfy(isHostByte) else { throw .host }
        }
        if afterHost.isEmpty { return (host, nil) }
        guard afterHost.first == UInt8(ascii: ":") else { throw .host }
        return (host, afterHost.dropFirst())
    }

    private static func isDotSegment(_ segment: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: segment, as: UTF8.self).lowercased()
        return [".", "..", "%2e", ".%2e", "%2e.", "%2e%2e"].contains(text)
    }

    private static func hasPrefix(_ bytes: [UInt8], _ prefix: String) -> Bool {
        String(decoding: bytes.prefix(prefix.utf8.count), as: UTF8.self).lowercased() == prefix
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
    }
}
