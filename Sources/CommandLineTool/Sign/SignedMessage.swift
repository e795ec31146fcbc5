import CallDomain
import HTTPTypes
import TwilioAdapter
import UltravoxAdapter

/// A webhook as a vendor would send it, signed.
struct SignedMessage: Sendable {
    /// Path and query below the public base.
    let target: String
    let headers: HTTPFields
    let body: [UInt8]

    /// A form that Twilio would send to `target` below `base`, which is what it signs.
    ///
    /// A `body` that is no form has no signature that would hold.
    static func twilio(_ target: String, base: String, body: [UInt8], key: VerificationKey) -> SignedMessage {
        let form = FormParameters(form: body) ?? FormParameters([])
        return SignedMessage(
            target: target,
            headers: [
                .contentType: "application/x-www-form-urlencoded",
                .twilioSignature: key.signature(url: base + target, form: form),
            ],
            body: body
        )
    }

    /// A body that Ultravox would send at `time`, which it signs together with the body.
    static func ultravox(_ target: String, body: [UInt8], secret: Secret, at time: Timestamp) -> SignedMessage {
        SignedMessage(
            target: target,
            headers: [
                .contentType: "application/json",
                .ultravoxTimestamp: time.rfc3339,
                .ultravoxSignature: UltravoxWebhookVerifier.signature(
                    of: body,
                    timestamp: time.rfc3339,
                    secret: secret
                ),
            ],
            body: body
        )
    }
}

extension HTTPField.Name {
    static let twilioSignature = Self.known("X-Twilio-Signature")
    static let ultravoxSignature = Self.known("X-Ultravox-Webhook-Signature")
    static let ultravoxTimestamp = Self.known("X-Ultravox-Webhook-Timestamp")
    static let xRequestID = Self.known("X-Request-ID")

    private static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no field name") }
        return name
    }
}
