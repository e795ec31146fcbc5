package import OutboundHTTP

/// A URL that events are delivered to, checked as far as can be without asking for its host's addresses. These are checked
/// whenever a connection to one is opened.
package struct DeliveryURL: Sendable, Hashable {
    /// The URL as given.
    package let text: String

    /// Why a text is no such URL. The description tells what to do.
    package enum Problem: Error, Sendable, Equatable, CustomStringConvertible {
        case length
        case request(RequestURL.Problem)
        /// Plain http; the flag says whether it would do for this machine.
        case plain(allowsLoopback: Bool)
        case host
        /// A public address in a spelling that is not read alike everywhere; this is the right one.
        case spelling(IPAddress)
        /// Why no event is sent to the address or the host, as a sentence without its end.
        case notPublic(String)

        package var description: String {
            switch self {
            case .length: "must be a URL of 1 to \(DeliveryURL.longest) characters"
            case .request(let problem): Self.advice(on: problem)
            case .plain(allowsLoopback: false):
                "must begin with https://; only with ENVIRONMENT=development may it be http:// to this machine"
            case .plain(allowsLoopback: true): "must begin with https://; http:// is for 127.0.0.1, [::1] and localhost"
            case .host: "must name a host by its domain name in ASCII, or by its address"
            case .spelling(let address):
                "must spell the address \(address.isIPv6 ? "[\(address)]" : "\(address)")"
            case .notPublic(let reason):
                "must lead to a host on the public Internet: \(reason); only with ENVIRONMENT=development may it be this machine"
            }
        }

        private static func advice(on problem: RequestURL.Problem) -> String {
            switch problem {
            case .notVisibleASCII: "must have no spaces and ASCII characters only: percent-encode all others"
            case .scheme: "must begin with https://"
            case .userinfo: "must have no user name or password before the host: put a token into the path or the query"
            case .fragment: "must have no fragment: remove # and what follows"
            case .backslash: "must have no backslash: write / or %5C"
            case .host: Self.host.description
            case .port: "must have a port from 1 to 65535, or none"
            case .path: "must have no . or .. between the slashes of its path"
            case .plainToRemoteHost: Self.plain(allowsLoopback: false).description
            }
        }
    }

    /// With `allowsLoopback`, for development, the receiver may run on this machine, also with plain http.
    /// - Throws: ``Problem``.
    package init(_ text: String, allowsLoopback: Bool) throws(Problem) {
        guard (1...Self.longest).contains(text.utf8.count) else { throw .length }
        let url: RequestURL
        do throws(RequestURL.Problem) {
            url = try RequestURL(text)
        } catch {
            throw error == .plainToRemoteHost ? .plain(allowsLoopback: allowsLoopback) : .request(error)
        }
        if url.isPlain, !allowsLoopback { throw .plain(allowsLoopback: false) }
        try Self.check(host: url.host, allowsLoopback: allowsLoopback)
        self.text = text
    }

    /// In characters.
    package static let longest = 2048

    private static func check(host: String, allowsLoopback: Bool) throws(Problem) {
        if let address = IPAddress(host) {
            guard !allowsLoopback || !address.isLoopback else { return }
            if let reason = address.reasonNotPublic { throw .notPublic(reason) }
            guard address.isIPv6 || host == address.description else { throw .spelling(address) }
            return
        }
        guard host.utf8.count <= 253 else { throw .host }
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let hyphen = UInt8(ascii: "-")
        guard labels.allSatisfy({ (1...63).contains($0.count) && $0.first != hyphen && $0.last != hyphen }),
            let last = labels.last, !isNumber(last)
        else { throw .host }
        if !allowsLoopback, last.elementsEqual("localhost".utf8) {
            throw .notPublic("\(host) is this machine")
        }
    }

    /// To some readers it makes the whole host an address (WHATWG URL, "ends in a number").
    private static func isNumber(_ label: Substring.UTF8View) -> Bool {
        if label.starts(with: "0x".utf8) {
            return label.dropFirst(2).allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        }
        return label.allSatisfy { (0x30...0x39).contains($0) }
    }
}
