import CallDomain
import Crypto
import HTTPTypes
import Hummingbird
import TwilioAdapter
import UltravoxAdapter

/// `/webhooks/probe`: tells the holder of an API key what arrives of a message that is signed as the vendors sign.
///
/// `switchboard check` sends one through the public address and learns what the way there changes. Nothing is done with
/// the message, and nothing of a secret is told: of each one that counts a fingerprint, good for the probe's nonce.
struct ProbeController: Sendable {
    let twilioVerifier: Rotating<WebhookVerifier>
    let ultravoxVerifier: Rotating<UltravoxWebhookVerifier>
    let urls: WebhookURLs
    let publicBaseURL: String
    let accountSid: AccountSid
    let clock: any WallClock

    private static let maximumBody = 64 << 10

    func addRoutes(to group: RouterGroup<GatewayContext>) {
        group.post("webhooks/probe", use: answer)
    }

    @Sendable private func answer(
        _ request: Request,
        context: GatewayContext
    ) async throws
        -> Response
    {
        let body = try await request.bodyBytes(upTo: Self.maximumBody)
        let target = request.head.path ?? ""
        let nonce = FormParameters(query: request.uri.query ?? "").values(of: "nonce").first ?? ""
        return .json(
            .ok,
            [
                "target": .string(target),
                "body_sha256": .string(Hex.encode(SHA256.hash(data: body))),
                "content_type": .optional(request.headers[.contentType]),
                "host": .optional(request.head.authority),
                "forwarded": [
                    "proto": .optional(request.headers[.xForwardedProto]),
                    "host": .optional(request.headers[.xForwardedHost]),
                    "port": .optional(request.headers[.xForwardedPort]),
                ],
                "twilio_signatures": .integer(request.headers[values: .twilioSignature].count),
                "twilio_verified": .bool(isTwilios(request, body, target)),
                "twilio_keys": .array(twilioVerifier.current.fingerprints(nonce: nonce).map(JSONValue.string)),
                "ultravox_verdict": .string(
                    ultravoxVerifier.current.verdict(body: body, headers: request.headers, now: clock.now)
                        .rawValue
                ),
                "ultravox_keys": .array(ultravoxVerifier.current.fingerprints(nonce: nonce).map(JSONValue.string)),
                "account_sid": .string(accountSid.text),
                "public_base_url": .string(publicBaseURL),
                "time": .string(clock.now.rfc3339),
            ]
        )
    }

    private func isTwilios(_ request: Request, _ body: [UInt8], _ target: String) -> Bool {
        let signatures = request.headers[values: .twilioSignature]
        guard signatures.count == 1, let form = FormParameters(form: body) else { return false }
        return twilioVerifier.current.accepts(
            signature: signatures[0],
            url: urls.requested(target: target),
            body: .form(form)
        )
    }
}

extension HTTPField.Name {
    static let xForwardedProto = Self.known("X-Forwarded-Proto")
    static let xForwardedHost = Self.known("X-Forwarded-Host")
    static let xForwardedPort = Self.known("X-Forwarded-Port")
}
