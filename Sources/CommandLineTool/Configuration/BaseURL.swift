import Foundation

/// An `http` or `https` URL that ends with its path: where something is to be found, and what paths are appended to.
///
/// Read byte by byte, without a lenient parser that would repair what it does not understand.
struct BaseURL: Sendable, Equatable {
    enum Scheme: String, Sendable {
        case http
        case https
    }

    let scheme: Scheme
    /// As written; an IPv6 address in its brackets.
    let host: String
    let port: Int?
    /// Empty, or a slash and segments without a slash at the end.
    let path: String

    /// The URL as written, without a slash at its end.
    var text: String { "\(scheme.rawValue)://\(host)\(port.map { ":\($0)" } ?? "")\(path)" }

    /// Scheme, host and port as a browser writes them in `Origin`.
    var origin: String {
        let isUsual = port == nil || port == (scheme == .https ? 443 : 80)
        return "\(scheme.rawValue)://\(host.lowercased())\(isUsual ? "" : port.map { ":\($0)" } ?? "")"
    }

    /// `localhost`, an address of `127.0.0.0/8` in four decimal parts, or `::1`.
    var isLoopback: Bool {
        host.lowercased() == "localhost" || host == "[::1]" || host.hasPrefix("127.") && Self.isIPv4(host)
    }

    init(_ text: String) throws(ValueFault) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ValueFault("has a character that is not visible ASCII")
        }
        let rest: Substring
        if text.hasPrefix("https://") {
            (scheme, rest) = (.https, text.dropFirst(8))
        } else if text.hasPrefix("http://") {
            (scheme, rest) = (.http, text.dropFirst(7))
        } else {
            throw ValueFault("does not begin with https:// or http://, in lower case")
        }
        guard !rest.utf8.contains(UInt8(ascii: "#")) else { throw ValueFault("has a fragment") }
        guard !rest.utf8.contains(UInt8(ascii: "?")) else { throw ValueFault("has a query") }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else { throw ValueFault("has user information before the host") }
        (host, port) = try Self.hostAndPort(authority)
        path = try Self.path(rest.dropFirst(authority.count))
    }

    /// Checks a host name or an IPv4 address, or an IPv6 address in brackets.
    ///
    /// Underscores pass: private names have them.
    static func isHost(_ text: String) -> Bool {
        if text.hasPrefix("["), text.hasSuffix("]") {
            var address = in6_addr()
            return inet_pton(AF_INET6, String(text.dropFirst().dropLast()), &address) == 1
        }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard text.utf8.count <= 253,
            labels.allSatisfy({ label in
                (1...63).contains(label.count) && label.allSatisfy { isLetterOrDigit($0) || $0 == 0x2D || $0 == 0x5F }
                    && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
            })
        else { return false }
        // Numbers at the end make it an address, in one of the many spellings that readers disagree about.
        guard let last = labels.last, last.allSatisfy({ 0x30...0x39 ~= $0 }) else { return true }
        return isIPv4(text)
    }

    private static func hostAndPort(_ authority: Substring) throws(ValueFault) -> (String, Int?) {
        let end =
            if authority.hasPrefix("["), let bracket = authority.firstIndex(of: "]") {
                authority.index(after: bracket)
            } else {
                authority.firstIndex(of: ":") ?? authority.endIndex
            }
        guard isHost(String(authority[..<end])) else { throw ValueFault("has no valid host") }
        let rest = authority[end...]
        guard !rest.isEmpty else { return (String(authority[..<end]), nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
            let port = Int(digits), (1...65_535).contains(port)
        else { throw ValueFault("has no valid port") }
        return (String(authority[..<end]), port)
    }

    private static func path(_ text: Substring) throws(ValueFault) -> String {
        let path = text.hasSuffix("/") ? text.dropLast() : text
        guard !path.isEmpty else { return "" }
        for segment in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard !segment.isEmpty else { throw ValueFault("has an empty segment in its path") }
            guard ![".", "..", "%2e", ".%2e", "%2e.", "%2e%2e"].contains(segment.lowercased()) else {
                throw ValueFault("has . or .. in its path")
            }
            guard isSegment(segment) else { throw ValueFault("has an invalid character in its path") }
        }
        return String(path)
    }

    /// RFC 3986 `pchar`s.
    private static func isSegment(_ segment: Substring) -> Bool {
        var rest = segment.utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard rest.count >= 2, rest.prefix(2).allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
                    return false
                }
                rest = rest.dropFirst(2)
            } else if !isLetterOrDigit(byte), !"-._~!$&'()*+,;=:@".utf8.contains(byte) {
                return false
            }
        }
        return true
    }

    private static func isIPv4(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.count) && part.allSatisfy { 0x30...0x39 ~= $0 }
                    && (part.count == 1 || part.first != 0x30)
                    && UInt8(String(decoding: part, as: UTF8.self)) != nil
            }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte
    }
}
