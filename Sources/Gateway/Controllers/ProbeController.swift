import CallDomain
import Crypto
import HTTPTypes
import Hummingbird
import TwilioAdapter

/// `/webhooks/probe`: tells the holder of an API key what arrives of a message that is signed as Twilio signs.
///
/// `switchboard check` sends one through the public address and learns what the way there changes. Nothing is done with
/// the message, and nothing of a secret is told: of each auth token a fingerprint that is good for the probe's nonce.
struct ProbeController: Sendable {
    let verifier: Rotating<WebhookVerifier>
    let urls: WebhookURLs
    let publicBaseURL: String
    let clock: any WallClock

    static let path = "/webhooks/probe"

    func addRoutes(to group: RouterGroup<GatewayContext>) {
        group.post(RouterPath(Self.path), use: answer)
    }

    @Sendable private func answer(_ request: Request, context: GatewayContext) async throws -> Response {
        let body = try await request.bodyBytes(upTo: 64 << 10)
        let target = request.head.path ?? ""
        let signatures = request.headers[values: .twilioSignature]
        var isVerified = false
        if signatures.count == 1, let form = FormParameters(form: body) {
            isVerified = verifier.current.accepts(
                signature: signatures[0],
                url: urls.requested(target: target),
                body: .form(form)
            )
        }
        let nonce = FormParameters(query: request.uri.query ?? "").values(of: "nonce").first ?? ""
        return .json(
            .ok,
            [
                "verified": .bool(isVerified),
                "target": .string(target),
                "body_sha256": .string(Hex.encode(SHA256.hash(data: body))),
                "signatures": .integer(signatures.count),
                "public_base_url": .string(publicBaseURL),
                "time": .string(clock.now.rfc3339),
                "tokens": .array(verifier.current.fingerprints(nonce: nonce).map(JSONValue.string)),
            ]
        )
    }
}
