import CallDomain
import HTTPTypes
import OutboundHTTP

/// Names what is wrong with the way from the public address to the gateway, and the cure.
enum ProbeDiagnosis {
    /// The probe got no answer.
    static func fault(of error: TransportError, _ base: BaseURL) -> String {
        let hairpin = "; if this machine cannot reach its own public address at all, run the check from outside"
        switch error.cause {
        case .nameResolution:
            return "host: the name \(base.host) cannot be resolved: correct PUBLIC_BASE_URL or the DNS record"
        case .tls:
            return "certificate: \(base.host) shows none that is valid for it (\(error.detail)): mend it at the proxy; "
                + "Twilio and Ultravox refuse it, too"
        case .connect:
            return "port: nothing answers at \(base.text): start the gateway and the proxy, or correct PUBLIC_BASE_URL"
                + hairpin
        case .timeout: return "no answer from \(base.text) in time: check firewall and proxy\(hairpin)"
        case .connectionLost, .answerTooLarge, .cancelled, .stopped, .invalidRequest:
            return "the connection to \(base.text) broke (\(error.detail)): check the proxy's log"
        }
    }

    /// - Returns: `nil` if the probe arrived as it was signed.
    static func fault(
        sent: PublicProbe.Sent,
        answer: OutboundResponse,
        now: Timestamp,
        tolerance: Duration
    ) -> String? {
        if (300..<400).contains(answer.status) { return redirect(answer, sent.base) }
        let body = (try? JSONParser.parse(answer.body)) ?? .null
        if let isVerified = body["verified"]?.boolValue {
            return isVerified ? clock(body, now, tolerance) : difference(sent, body)
        }
        let isOurs = body["type"]?.stringValue?.hasPrefix("urn:switchboard:") == true
        switch (isOurs, answer.status) {
        case (true, 404): return path(sent, arrived: body["instance"]?.stringValue ?? "")
        case (true, 401):
            return
                "API key: the gateway that answers at \(sent.base.text) does not know this configuration's first API "
                + "key: it is another one, or it must be restarted (or get SIGHUP) after the change of API_KEYS"
        case (true, _):
            return "the gateway answers \(answer.status): \(body["detail"]?.stringValue ?? "no reason given")"
        case (false, 502...504):
            return
                "upstream: the proxy at \(sent.base.text) answers \(answer.status): start the gateway, or correct the "
                + "address and port to which the proxy passes requests on"
        case (false, _):
            return "host: another program answers at \(sent.base.text) (status \(answer.status), no answer of this "
                + "gateway's): correct PUBLIC_BASE_URL, or let the proxy pass \(PublicProbe.path) on"
        }
    }

    private static func redirect(_ answer: OutboundResponse, _ base: BaseURL) -> String {
        let location = answer.headers[.location] ?? ""
        let advice =
            "Twilio signs the address that it was given: set PUBLIC_BASE_URL to the final one, or end the redirect"
        let authority = location.prefix { $0 != "?" && $0 != "#" }
        guard let parts = authority.firstRange(of: "://") else {
            return "path: \(base.text) redirects to another path. \(advice)"
        }
        let scheme = String(authority[..<parts.lowerBound]).lowercased()
        let rest = authority[parts.upperBound...].prefix { $0 != "/" }
        let isBracketed = rest.hasPrefix("[")
        let colon =
            isBracketed ? rest.lastIndex(of: "]").flatMap { rest[$0...].firstIndex(of: ":") } : rest.lastIndex(of: ":")
        let host = String(colon.map { rest[..<$0] } ?? rest).lowercased()
        let port = colon.flatMap { Int(rest[rest.index(after: $0)...]) } ?? (scheme == "https" ? 443 : 80)
        if scheme != base.scheme.rawValue {
            return
                "scheme: PUBLIC_BASE_URL says \(base.scheme.rawValue), but the address redirects to \(scheme). \(advice)"
        }
        if host != base.host.lowercased() {
            return "host: PUBLIC_BASE_URL says \(base.host), but the address redirects to another host. \(advice)"
        }
        let ours = base.port ?? (base.scheme == .https ? 443 : 80)
        if port != ours { return "port: PUBLIC_BASE_URL says \(ours), but the address redirects to \(port). \(advice)" }
        return "path: \(base.text) redirects to another path. \(advice)"
    }

    /// A gateway answered that knows no such path.
    private static func path(_ sent: PublicProbe.Sent, arrived: String) -> String {
        let prefix = sent.base.path
        if !prefix.isEmpty, arrived.hasPrefix(prefix) {
            return "path prefix: the proxy does not strip \(prefix): the gateway got \(arrived). Let the proxy strip it"
        }
        if PublicProbe.path.hasSuffix(arrived), arrived != PublicProbe.path {
            return
                "path prefix: the proxy strips too much: the gateway got \(arrived) where \(PublicProbe.path) was sent"
        }
        if arrived.hasSuffix(PublicProbe.path), arrived != PublicProbe.path {
            return "path prefix: the proxy puts something before the path: the gateway got \(arrived)"
        }
        return
            "path: the gateway that answers got \(arrived) where \(PublicProbe.path) was sent, or is of another version"
    }

    private static func clock(_ body: JSONValue, _ now: Timestamp, _ tolerance: Duration) -> String? {
        guard let theirs = body["time"]?.stringValue.flatMap(Timestamp.init(iso8601:)) else { return nil }
        let drift = theirs > now ? theirs - now : now - theirs
        guard drift > tolerance else { return nil }
        return "clock: the gateway's is \(drift.wholeSeconds) s from this machine's, more than "
            + "ULTRAVOX_TIMESTAMP_TOLERANCE: set both by NTP"
    }

    /// The probe arrived, and its signature did not hold.
    private static func difference(_ sent: PublicProbe.Sent, _ body: JSONValue) -> String {
        let target = body["target"]?.stringValue ?? ""
        if body["signatures"]?.intValue != 1 {
            return "header: the proxy drops or doubles X-Twilio-Signature: let it pass on all headers as they are"
        }
        if target != sent.target {
            let path = target.prefix { $0 != "?" }
            guard path.elementsEqual(PublicProbe.path) else {
                return "path: the proxy changed it: the gateway got \(path)"
            }
            return
                "query: it was changed on the way: the proxy must pass it on as it is, neither decoded, sorted nor cut"
        }
        if body["body_sha256"]?.stringValue != sent.bodyDigest {
            return "body: it was changed on the way: the proxy must pass it on byte for byte"
        }
        if let running = body["public_base_url"]?.stringValue.flatMap({ try? BaseURL($0) }), running != sent.base {
            let restart = "restart it, or correct the setting"
            if running.scheme != sent.base.scheme {
                return "scheme: the running gateway has a PUBLIC_BASE_URL of \(running.scheme.rawValue): \(restart)"
            }
            if running.host != sent.base.host {
                return "host: the running gateway has PUBLIC_BASE_URL \(running.text): \(restart)"
            }
            if running.port != sent.base.port {
                return "port: the running gateway has PUBLIC_BASE_URL \(running.text): \(restart)"
            }
            return "path prefix: the running gateway has PUBLIC_BASE_URL \(running.text): \(restart)"
        }
        let known = body["tokens"]?.arrayValue?.compactMap(\.stringValue) ?? []
        if let first = sent.tokenFingerprints.first, !known.contains(first) {
            return
                "token: the running gateway has another TWILIO_AUTH_TOKEN than this configuration: restart it (or send "
                + "SIGHUP), or correct the setting"
        }
        return "signature: it does not hold although nothing seems changed: check the proxy for rules on headers"
    }
}
