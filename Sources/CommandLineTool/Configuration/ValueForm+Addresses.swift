import CallDomain
import Foundation

extension ValueForm where Value == String {
    /// A vendor's origin.
    static var origin: Self {
        Self("an origin such as https://api.example.com; plain http for loopback hosts only") {
            (text) throws(ValueFault) in
            let url = try BaseURL(text)
            try refuseClearText(url)
            guard url.path.isEmpty else { throw ValueFault("has a path") }
            return url.text
        }
        .spelled { $0 }
    }

    /// Where the other side reaches something, with an optional path that its own paths are appended to.
    static var baseURL: Self {
        Self("a URL such as https://calls.example.com or https://example.com/calls; plain http for loopback hosts only")
        { (text) throws(ValueFault) in
            let url = try BaseURL(text)
            try refuseClearText(url)
            return url.text
        }
        .spelled { $0 }
    }

    /// A ``baseURL`` that Twilio and Ultravox can call back.
    ///
    /// The host keeps its spelling: Twilio signs it as written. Underscores make Twilio refuse a StatusCallback; the
    /// length leaves room for our paths within Ultravox's 200 characters of a callback URL.
    static var publicBaseURL: Self {
        Self(good: baseURL.good + ", at most 120 characters") { (text, surroundings) throws(ValueFault) in
            let url = try baseURL.parse(text, surroundings)
            guard url.utf8.count <= 120 else { throw ValueFault("is longer than 120 characters") }
            guard try !BaseURL(url).host.utf8.contains(UInt8(ascii: "_")) else {
                throw ValueFault("has an underscore in its host, which Twilio refuses")
            }
            return url
        }
        .spelled { $0 }
    }

    /// What a server listens on: a host name or an address, an IPv6 one without brackets.
    static var listenAddress: Self {
        Self("a host name or an IP address without port, such as 127.0.0.1, 0.0.0.0 or ::") { text in
            BaseURL.isHost(text) && !text.hasPrefix("[") || text.contains(":") && BaseURL.isHost("[\(text)]")
                ? text : nil
        }
    }

    /// A PEM file with at least one certificate, and no broken one: its absolute path.
    static var certificateFile: Self {
        Self(good: "the path of a readable file with PEM certificates") { (text, surroundings) throws(ValueFault) in
            let content: String
            do throws(ValueFault) {
                content = try surroundings.smallTextFile(text, isRegular: true)
            } catch {
                throw ValueFault("names a file that \(error.wrong)")
            }
            try PEMCertificates.check(content)
            return surroundings.absolutePath(text)
        }
    }

    /// The absolute path of a directory.
    static var directory: Self {
        Self(good: "the path of a directory that exists") { (text, surroundings) throws(ValueFault) in
            guard surroundings.isDirectory(text) else { throw ValueFault("is not a directory") }
            return surroundings.absolutePath(text)
        }
    }

    private static func refuseClearText(_ url: BaseURL) throws(ValueFault) {
        guard url.scheme == .https || url.isLoopback else {
            throw ValueFault("has plain http to a host that is not loopback")
        }
    }
}

extension ValueForm where Value == [String] {
    /// Origins of web pages, each as a browser writes it.
    static var webOrigins: Self {
        .list("origins of web pages with commas between them, such as https://app.example.com,http://localhost:3000") {
            (text) throws(ValueFault) in
            let url = try BaseURL(text)
            guard url.path.isEmpty else { throw ValueFault("has a path") }
            return url.origin
        }
        .spelled { $0.joined(separator: ",") }
    }
}

extension ValueForm where Value == Secret {
    /// The URL of a proxy; a secret, because a password may stand in it.
    static var proxy: Self {
        Self("http://host:port, https://…, socks5://… or socks5h://…, with user:password@ before the host if needed") {
            (text) throws(ValueFault) in
            guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw ValueFault("has a character that is not visible ASCII")
            }
            guard let end = text.range(of: "://"),
                ["http", "https", "socks5", "socks5h"].contains(text[..<end.lowerBound])
            else { throw ValueFault("does not begin with http://, https://, socks5:// or socks5h://") }
            let place = text[end.upperBound...].split(separator: "@", omittingEmptySubsequences: false)
            guard place.count <= 2, let address = place.last, let url = try? BaseURL("http://\(address)"),
                url.path.isEmpty
            else { throw ValueFault("has no valid host and port") }
            return Secret(text)
        }
    }
}
