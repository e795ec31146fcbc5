import CallDomain
import Crypto
import Foundation
import HTTPTypes
import OutboundHTTP
import TwilioAdapter

/// A message that is signed as Twilio signs, sent to ourselves through `PUBLIC_BASE_URL`.
struct PublicProbe: Sendable {
    /// What was sent, to be held against what arrived.
    struct Sent: Sendable {
        let base: BaseURL
        let target: String
        let body: [UInt8]
        let nonce: String
        let tokenFingerprints: [String]

        var bodyDigest: String { Hex.encode(SHA256.hash(data: body)) }
    }

    static let path = "/webhooks/probe"
    static let name = "signed probe"

    let settings: Settings
    let transport: any HTTPTransport
    let clock: any WallClock

    func finding() async -> Finding {
        guard let base = try? BaseURL(settings.publicBaseURL), let token = settings.authTokens.first,
            let key = settings.apiKeys.first, let signatureField = HTTPField.Name("X-Twilio-Signature")
        else { return Finding(Self.name, .skipped, "the configuration is not complete") }
        let nonce = UUID().uuidString
        // What proxies like to change: an order that is not the alphabet's, escapes in both spellings, a plus.
        let target = "\(Self.path)?z=1&nonce=\(nonce)&a=%7e%2B+x&empty="
        let body = Array("To=%2B12025550143&Name=Zo%C3%AB+%26+co&Empty=&a=1&a=2".utf8)
        let keys = settings.authTokens.map { VerificationKey($0) }
        let sent = Sent(
            base: base,
            target: target,
            body: body,
            nonce: nonce,
            tokenFingerprints: keys.map { $0.fingerprint(nonce: nonce) }
        )
        guard let form = FormParameters(form: body) else {
            return Finding(Self.name, .skipped, "the probe could not be made")
        }
        var headers: HTTPFields = [
            .contentType: "application/x-www-form-urlencoded", .authorization: "Bearer \(key.secret.exposed)",
        ]
        headers[signatureField] = VerificationKey(token).signature(url: base.text + target, form: form)
        let request = OutboundRequest(method: .post, url: base.text + target, headers: headers, body: body)
        let answer: OutboundResponse
        do throws(TransportError) {
            answer = try await transport.send(request)
        } catch {
            return Finding(Self.name, .failed, ProbeDiagnosis.fault(of: error, base))
        }
        let fault = ProbeDiagnosis.fault(
            sent: sent,
            answer: answer,
            now: clock.now,
            tolerance: settings.ultravoxTimestampTolerance
        )
        if let fault { return Finding(Self.name, .failed, fault) }
        return Finding(Self.name, .ok, "arrives through \(base.text) as it was signed")
    }
}
