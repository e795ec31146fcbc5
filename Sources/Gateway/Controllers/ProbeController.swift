import CallDomain
import Crypto
import HTTPTypes
import Hummingbird
import TwilioAdapter
import UltravoxAdapter

/// `/webhooks/probe`: reports to the holder of an API key what arrives of a message that is signed like the vendors'.
///
/// `switchboard check` sends such a message through the public address and finds what the proxies on the way change.
/// The key itself is not sent, see ``ProbeProof``. The message changes nothing, and the report contains no secret, only
/// a fingerprint of each secret in use, valid for the nonce of the probe.
struct ProbeController: Sendable {
    let keys: Rotating<[APIKey]>
    let twilioVerifier: Rotating<WebhookVerifier>
    let ultravoxVerifier: Rotating<UltravoxWebhookVerifier>
    let urls: WebhookURLs
    let publicBaseURL: String
    let accountSid: AccountSid
    let clock: any TimeSource

    /// In bytes.
    static let maximumBody = 64 << 10

    func addRoutes(to group: RouterGroup<GatewayContext>) {
        group.post("webhooks/probe", use: answer)
    }

    @Sendable private func answer(_ request: Request, context: GatewayContext) async throws -> Response {
        // Before the body is read: only the proof opens this path.
        let texts = request.headers[values: .probeProof]
        guard texts.count == 1, let (proof, key) = ProbeProof.read(texts[0], keys: keys.current) else {
            throw Problem.noProof
        }
        context.trace.note(caller: key.name)
        guard proof.isTimely(at: clock.now) else { throw Problem.untimelyProof }
        let body = try await request.bodyBytes(upTo: Self.maximumBody)
        let document = report(of: request, body, proof)
        var response = Response.json(.ok, document)
        response.headers[.probeProof] = proof.answer(document.encoded, by: key.secret)
        return response
    }

    private func report(of request: Request, _ body: [UInt8], _ proof: ProbeProof) -> JSONValue {
        let target = request.head.path ?? ""
        let nonce = proof.nonce
        let apiKeys = keys.current.map { proof.fingerprint(of: $0.secret) }
        return [
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
            "api_keys": .array(apiKeys.map(JSONValue.string)),
            "account_sid": .string(accountSid.text),
            "public_base_url": .string(publicBaseURL),
            "time": .string(clock.now.rfc3339),
        ]
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

extension Problem {
    fileprivate static var noProof: Problem {
        proofRefused(
            "X-Switchboard-Probe does not prove that the sender has an API key of this gateway. The command "
                + "switchboard check sends probes."
        )
    }

    fileprivate static var untimelyProof: Problem {
        proofRefused("The probe's time is more than \(ProbeProof.lifetime.wholeSeconds) s from this gateway's clock.")
    }

    private static func proofRefused(_ detail: String) -> Problem {
        var problem = Problem(.unauthorized, detail)
        problem.headers[.wwwAuthenticate] = "Switchboard-Probe realm=\"switchboard\""
        return problem
    }
}

extension HTTPField.Name {
    static let xForwardedProto = Self.known("X-Forwarded-Proto")
    static let xForwardedHost = Self.known("X-Forwarded-Host")
    static let xForwardedPort = Self.known("X-Forwarded-Port")
}
