import CallDomain
import HTTPTypes
import OutboundHTTP

extension ProbeFault {
    /// Something answered, and it was not the gateway.
    init(stranger answer: OutboundResponse, _ base: BaseURL) {
        switch answer.status {
        case 300..<400: self = Self.redirect(to: answer.headers[.location] ?? "", from: base)
        case 401, 407:
            self.init(
                .access,
                "\(base.text) asks for a password, which the vendors do not have: let the proxy pass /webhooks/ on "
                    + "without one"
            )
        case 403:
            self.init(
                .access,
                "the proxy at \(base.text) refuses the probe itself (status 403): allow /webhooks/ in its rules; the "
                    + "gateway verifies every message"
            )
        case 413:
            self.init(.access, "the proxy at \(base.text) rejects a small body as too large: raise its limit to 1 MiB")
        case 502...504:
            self.init(
                .upstream,
                "the proxy at \(base.text) answers \(answer.status), it does not reach the gateway: start the gateway, "
                    + "or correct the address and port that the proxy passes requests on to",
                isUnreached: true
            )
        default:
            self.init(
                .host,
                "another program answers at \(base.text) (status \(answer.status)): correct PUBLIC_BASE_URL, or let the "
                    + "proxy pass /webhooks/ on to this gateway"
            )
        }
    }

    /// Vendors do not follow a redirect, and it would not be the URL that they signed.
    private static func redirect(to location: String, from base: BaseURL) -> ProbeFault {
        let cure = "set PUBLIC_BASE_URL to the final address, or end the redirect for /webhooks/"
        guard let target = origin(of: location, seenAt: base) else {
            return ProbeFault(.path, "\(base.text) redirects to another path; \(cure)")
        }
        if target.scheme != base.scheme {
            return ProbeFault(
                .scheme,
                "PUBLIC_BASE_URL says \(base.scheme.rawValue), but the address redirects to \(target.scheme.rawValue); "
                    + cure
            )
        }
        if target.host.lowercased() != base.host.lowercased() {
            return ProbeFault(
                .host,
                "PUBLIC_BASE_URL says \(base.host), but the address redirects to \(target.host); \(cure)"
            )
        }
        if target.effectivePort != base.effectivePort {
            return ProbeFault(
                .port,
                "PUBLIC_BASE_URL says port \(base.effectivePort), but the address redirects to port "
                    + "\(target.effectivePort); \(cure)"
            )
        }
        return ProbeFault(.path, "\(base.text) redirects to another path; \(cure)")
    }
}

extension ProbeFault {
    /// Scheme, host and port of where a redirect leads; `nil` if it names none.
    private static func origin(of location: String, seenAt base: BaseURL) -> BaseURL? {
        let absolute = location.hasPrefix("//") ? "\(base.scheme.rawValue):\(location)" : location
        guard let slashes = absolute.firstRange(of: "://") else { return nil }
        let authority = absolute[slashes.upperBound...].prefix { !"/?#".contains($0) }
        return try? BaseURL(absolute[..<slashes.lowerBound].lowercased() + "://" + authority)
    }
}

extension BaseURL {
    /// The port that is meant where none is written, too.
    var effectivePort: Int { port ?? (scheme == .https ? 443 : 80) }
}
