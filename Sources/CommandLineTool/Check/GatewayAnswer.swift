import CallDomain
import OutboundHTTP

/// An answer that only a gateway of this kind gives: a problem document of ours.
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
                "the gateway that answers at \(base.text) does not have the first key of API_KEYS: restart it or send it "
                    + "SIGHUP if the setting was changed, or let the proxy pass the header X-Switchboard-Probe on; it may "
                    + "be another gateway, or of another version, too"
            )
        case 404:
            self.init(.path, "the gateway at \(base.text) is of another version: update it, or this program")
        case 405:
            self.init(.method, "the proxy makes something else of a POST: let it pass the method on as it is")
        case 415:
            self.init(.header, "the proxy changes Content-Type: let it pass all headers on as they are")
        case 413:
            self.init(.body, "it was made larger on the way: the proxy must pass it on byte for byte")
        case 400: self.init(.body, "it arrived broken: the proxy must pass it on byte for byte")
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
                "the proxy puts something before the path: the gateway got \(arrived); let the proxy pass the path on as "
                    + "it is\(base.path.isEmpty ? "" : ", without \(base.path)")"
            )
        }
        if path.hasSuffix(arrived) || arrived == "/" {
            return ProbeFault(
                .pathPrefix,
                "the proxy strips too much: the gateway got \(arrived) where \(path) was meant; let the proxy strip "
                    + (base.path.isEmpty ? "nothing" : "only \(base.path)")
            )
        }
        return ProbeFault(
            .path,
            "the proxy changes it: the gateway got \(arrived) where \(path) was meant; let the proxy pass it on as it is"
        )
    }
}
