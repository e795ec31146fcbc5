import CallDomain
import OutboundHTTP

/// An answer that only a Switchboard gateway gives: one of our problem documents.
struct GatewayAnswer: Sendable {
    let status: Int
    /// The path as the gateway saw it.
    let path: String
    let detail: String
    /// By the gateway's clock.
    let time: Timestamp?

    /// - Returns: `nil` of anybody else's answer.
    init?(_ answer: OutboundResponse) {
        guard let body = try? JSONParser.parse(answer.body),
            body["type"]?.stringValue?.utf8.starts(with: "urn:switchboard:problem:".utf8) == true,
            let path = body["instance"]?.stringValue
        else { return nil }
        status = answer.status
        self.path = path
        detail = body["detail"]?.stringValue ?? ""
        time = body["timestamp"]?.stringValue.flatMap(Timestamp.init(iso8601:))
    }
}

extension ProbeFault {
    /// The gateway refused in words a message that was sent to `path` below `base`.
    init(_ answer: GatewayAnswer, sentTo path: String, _ base: BaseURL) {
        if answer.path != path {
            self = Self.moved(path, arrivedAs: answer.path, base)
            return
        }
        switch answer.status {
        case 401:
            self.init(
                .apiKey,
                "the gateway that answers at \(base.text) does not have the first key of API_KEYS. Send it SIGHUP or "
                    + "restart it if the setting was changed, and let the proxy pass on the header X-Switchboard-Probe. "
                    + "It may also be another gateway or another version"
            )
        case 404:
            self.init(.path, "the gateway at \(base.text) is another version: update it, or this program")
        case 405:
            self.init(.method, "the proxy changes the method POST: it must pass the method on unchanged")
        case 415:
            self.init(.header, "the proxy changes Content-Type: it must pass all headers on unchanged")
        case 413:
            self.init(.body, "the proxy makes it larger: it must pass the body on byte for byte")
        case 400: self.init(.body, "it arrives damaged: the proxy must pass the body on byte for byte")
        default: self.init(.gateway, "it answers \(answer.status): \(answer.detail)")
        }
    }

    private static func moved(_ path: String, arrivedAs arrived: String, _ base: BaseURL) -> ProbeFault {
        if !base.path.isEmpty, arrived == base.path + path {
            return ProbeFault(
                .pathPrefix,
                "the proxy does not strip the path prefix \(base.path): the gateway got \(arrived); let the proxy strip "
                    + "it"
            )
        }
        if arrived.hasSuffix(path) {
            return ProbeFault(
                .pathPrefix,
                "the proxy adds something before the path: the gateway got \(arrived); the proxy must pass the path on "
                    + "unchanged\(base.path.isEmpty ? "" : ", without \(base.path)")"
            )
        }
        if path.hasSuffix(arrived) || arrived == "/" {
            return ProbeFault(
                .pathPrefix,
                "the proxy strips too much: the gateway got \(arrived) instead of \(path); the proxy must strip "
                    + (base.path.isEmpty ? "nothing" : "only \(base.path)")
            )
        }
        return ProbeFault(
            .path,
            "the proxy changes it: the gateway got \(arrived) instead of \(path); the proxy must pass it on unchanged"
        )
    }
}
