/// The first line of a request: `METHOD SP TARGET SP VERSION`, read more strictly than the decoder does.
///
/// Only paths are targets here (RFC 9112, 3.2.1), and `*` for OPTIONS. Neither an absolute-form target, which could
/// name another host than `Host`, nor a CONNECT is for us.
enum RequestLine {
    private typealias Part = Slice<UnsafeRawBufferPointer>

    private static let space = UInt8(ascii: " ")
    private static let longestMethod = 24
    private static let longestDecision = 64

    /// Without CONNECT, and without TRACE, which would return to a script what a browser must hide from it.
    private static let known: [StaticString] = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"]

    /// The methods that are served on some path.
    static var methods: [String] { known.map(\.description) }

    /// The problem of a whole line, without its line end.
    static func refusal(of line: UnsafeRawBufferPointer, limits: ConnectionLimits) -> Refusal? {
        if let refusal = refusal(ofBeginning: line, limits: limits) { return refusal }
        guard let methodEnd = line.firstIndex(of: space) else { return .requestLine }
        guard let targetEnd = line[(methodEnd + 1)...].firstIndex(of: space) else { return .requestLine }
        let (method, target, version) = (
            line[..<methodEnd], line[(methodEnd + 1)..<targetEnd], line[(targetEnd + 1)...]
        )
        guard isVersion(version), target.allSatisfy(isVisible) else { return .requestLine }
        guard version.elementsEqual("HTTP/1.1".utf8) || version.elementsEqual("HTTP/1.0".utf8) else { return .version }
        if method.elementsEqual("CONNECT".utf8) { return .target }
        guard isKnown(method) else { return .method }
        if target.elementsEqual("*".utf8) { return method.elementsEqual("OPTIONS".utf8) ? nil : .target }
        return isPath(target) ? nil : .target
    }

    /// The problem of a line whose end has not arrived yet, so that a line that can only be refused is not kept.
    static func refusal(ofBeginning line: UnsafeRawBufferPointer, limits: ConnectionLimits) -> Refusal? {
        let methodEnd = line.firstIndex(of: space) ?? line.endIndex
        guard methodEnd > 0, line[..<methodEnd].allSatisfy(isTokenCharacter) else { return .requestLine }
        guard methodEnd <= longestMethod else { return .method }
        guard methodEnd < line.endIndex else { return nil }
        let rest = line[(methodEnd + 1)...]
        let targetEnd = rest.firstIndex(of: space) ?? rest.endIndex
        guard rest[..<targetEnd].count <= limits.requestTarget else { return .targetTooLong }
        // A space, a version, and the CR of the line end.
        return rest[targetEnd...].count <= 1 + "HTTP/1.1\r".utf8.count ? nil : .requestLine
    }

    /// Whether a refusal of the message has no body: that of a webhook, and that of HEAD, whose answers have none. As much
    /// of the line as there is decides.
    static func wantsBareRefusal(_ line: UnsafeRawBufferPointer) -> Bool {
        // No longer than what decides: bytes without a space are not all looked at.
        let line = line.prefix(longestDecision)
        guard let methodEnd = line.firstIndex(of: space) else { return false }
        if line[..<methodEnd].elementsEqual("HEAD".utf8) { return true }
        return WebhookTarget(line[(methodEnd + 1)...].prefix { $0 != space }) != nil
    }

    private static func isKnown(_ method: Part) -> Bool {
        for word in known where word.utf8CodeUnitCount == method.count {
            if method.elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)) {
                return true
            }
        }
        return false
    }

    /// A fragment is never sent, and parsers differ about the other four, which belong into no URI (RFC 3986).
    private static func isPath(_ target: Part) -> Bool {
        target.first == UInt8(ascii: "/")
            && target.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "#"), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"):
                    false
                default: true
                }
            }
    }

    /// `HTTP/` and two digits with a dot between, in upper case (RFC 9112, 2.3).
    private static func isVersion(_ version: Part) -> Bool {
        let start = version.startIndex
        return version.count == 8 && version.starts(with: "HTTP/".utf8)
            && isDigit(version[start + 5]) && version[start + 6] == UInt8(ascii: ".") && isDigit(version[start + 7])
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }

    /// RFC 9110, 5.6.2.
    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
