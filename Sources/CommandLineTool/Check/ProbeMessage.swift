import CallDomain
import Crypto
import Foundation
import Gateway
import HTTPTypes
import OutboundHTTP
import TwilioAdapter
import UltravoxAdapter

/// A message to ourselves, signed as a vendor signs, that is genuine and changes nothing.
///
/// Twilio's is about a status, Ultravox's about an event, that do not exist: the gateway acknowledges both and notes
/// them as dead letters. They are written in spellings that proxies like to change.
struct ProbeMessage: Sendable {
    let vendor: Vendor
    let nonce: String
    let time: Timestamp
    let signed: SignedMessage

    /// The path at which the gateway reports what arrived.
    static let path = "/webhooks/probe"

    var path: String { String(signed.target.prefix { $0 != "?" }) }

    /// To the path of the vendor's real messages; with `isReported` to ``path``.
    init(_ vendor: Vendor, settings: Settings, nonce: String, at time: Timestamp, isReported: Bool = false) {
        self.vendor = vendor
        self.nonce = nonce
        self.time = time
        // In no alphabet's order, an escape in lower case, one that need not be, a plus, an empty value.
        let query = "?nonce=\(nonce)&b=%7e%2B%2f&a=x+y&empty="
        switch vendor {
        case .twilio:
            let body =
                "CallSid=CA\(String(repeating: "0", count: 32))&AccountSid=\(settings.accountSid.text)"
                + "&CallStatus=switchboard-check&Name=Zo%c3%AB+%26+co&Empty="
            signed = .twilio(
                (isReported ? Self.path : WebhookURLs.path(of: .status)) + query,
                base: settings.publicBaseURL,
                body: Array(body.utf8),
                key: VerificationKey(settings.authTokens.first ?? Secret(""))
            )
        case .ultravox:
            let body =
                #"{"event": "switchboard.check",  "call": {"callId": null, "note": "Zo\u00eb & co\/"}}"#
            signed = .ultravox(
                (isReported ? Self.path : WebhookURLs.ultravoxPath) + query,
                body: Array(body.utf8),
                secret: UltravoxClient.callbackSecret(apiKey: settings.ultravoxAPIKey),
                at: time
            )
        }
    }

    /// The request that brings it to the gateway at `base`; with `apiKey` it shows that we have that key.
    func request(_ base: BaseURL, provenBy apiKey: Secret? = nil) -> OutboundRequest {
        var headers = signed.headers
        headers[.xRequestID] = requestID
        if let apiKey { headers[.probeProof] = proof.text(by: apiKey) }
        return OutboundRequest(method: .post, url: base.text + signed.target, headers: headers, body: signed.body)
    }

    var proof: ProbeProof { ProbeProof(nonce: nonce, time: time) }

    /// The digest of a body, as the gateway reports it: SHA-256 in lower-case hex digits.
    static func digest(of body: [UInt8]) -> String { Hex.encode(SHA256.hash(data: body)) }

    /// By which the gateway's log knows the message, and its answer is known.
    var requestID: String { "check-\(nonce)" }
}

/// A secret that the gateway verifies webhooks with.
struct WebhookKey: Sendable {
    let setting: String
    let vendor: Vendor
    let fingerprint: String

    func isKnown(to report: ProbeReport) -> Bool {
        (vendor == .twilio ? report.twilioKeys : report.ultravoxKeys).contains(fingerprint)
    }
}

extension Settings {
    /// All that webhooks are verified with by this configuration.
    func webhookKeys(nonce: String) -> [WebhookKey] {
        let tokens = zip(["TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_SECONDARY"], authTokens).map {
            name,
            token in
            WebhookKey(setting: name, vendor: .twilio, fingerprint: VerificationKey(token).fingerprint(nonce: nonce))
        }
        let callbacks = ("ULTRAVOX_API_KEY", UltravoxClient.callbackSecret(apiKey: ultravoxAPIKey))
        let secrets = [callbacks] + ultravoxWebhookSecrets.map { ("ULTRAVOX_WEBHOOK_SECRETS", $0) }
        return tokens
            + secrets.map { name, secret in
                WebhookKey(
                    setting: name,
                    vendor: .ultravox,
                    fingerprint: UltravoxWebhookVerifier.fingerprint(of: secret, nonce: nonce)
                )
            }
    }
}
