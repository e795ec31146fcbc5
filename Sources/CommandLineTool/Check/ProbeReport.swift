import CallDomain
import Gateway
import HTTPTypes
import OutboundHTTP

/// What the gateway says that it got of a probe, and who it is.
struct ProbeReport: Sendable {
    let target: String
    let bodyDigest: String
    let contentType: String?
    /// `Host` and `X-Forwarded-…` as they arrived, for a person to read.
    let forwarding: String
    let twilioSignatures: Int
    let isTwilioVerified: Bool
    let ultravoxVerdict: String
    let twilioKeys: [String]
    let ultravoxKeys: [String]
    let apiKeys: [String]
    let accountSid: String
    let publicBaseURL: String
    let time: Timestamp

    /// - Returns: `nil` if that is not the answer of `POST /webhooks/probe`, or not that of a gateway that has `apiKey` to
    ///   this probe.
    init?(_ answer: OutboundResponse, to proof: ProbeProof, by apiKey: Secret) {
        guard let shown = answer.headers[.probeProof],
            Secret.matches(shown.utf8, proof.answer(answer.body, by: apiKey).utf8)
        else { return nil }
        guard answer.status == 200, let body = try? JSONParser.parse(answer.body),
            let target = body["target"]?.stringValue, let bodyDigest = body["body_sha256"]?.stringValue,
            let publicBaseURL = body["public_base_url"]?.stringValue,
            let time = body["time"]?.stringValue.flatMap(Timestamp.init(iso8601:))
        else { return nil }
        self.target = target
        self.bodyDigest = bodyDigest
        self.publicBaseURL = publicBaseURL
        self.time = time
        contentType = body["content_type"]?.stringValue
        let headers = [
            ("Host", body["host"]), ("X-Forwarded-Proto", body["forwarded"]?["proto"]),
            ("X-Forwarded-Host", body["forwarded"]?["host"]),
            ("X-Forwarded-Port", body["forwarded"]?["port"]),
        ]
        forwarding = headers.map { "\($0) \($1?.stringValue ?? "none")" }.joined(separator: ", ")
        twilioSignatures = body["twilio_signatures"]?.intValue ?? 0
        isTwilioVerified = body["twilio_verified"]?.boolValue ?? false
        ultravoxVerdict = body["ultravox_verdict"]?.stringValue ?? ""
        twilioKeys = body["twilio_keys"]?.arrayValue?.compactMap(\.stringValue) ?? []
        ultravoxKeys = body["ultravox_keys"]?.arrayValue?.compactMap(\.stringValue) ?? []
        apiKeys = body["api_keys"]?.arrayValue?.compactMap(\.stringValue) ?? []
        accountSid = body["account_sid"]?.stringValue ?? ""
    }
}
