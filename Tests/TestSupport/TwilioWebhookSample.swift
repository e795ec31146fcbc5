/// A webhook request as Twilio sends it, with a valid signature: one file of `fixtures/twilio/webhooks`.
package struct TwilioWebhookSample: Sendable, Decodable {
    package let name: String
    /// `status-callback`, `voice-request`, `connect-action`, `fallback-request`, `amd-callback`, `stream-callback` or
    /// `recording-callback`.
    package let kind: String
    package let authToken: String
    package let accountSid: String
    package let method: String
    /// The public URL, as signed.
    package let url: String
    /// Name and value, in order.
    package let headers: [[String]]
    /// The form as it stands on the wire; nil for GET.
    package let body: String?
    /// Decoded name and value, in the order of the wire.
    package let params: [[String]]
    package let signature: String

    private enum CodingKeys: String, CodingKey {
        case name
        case kind
        case authToken = "auth_token"
        case accountSid = "account_sid"
        case method
        case url
        case headers
        case body
        case params
        case signature
    }

    /// All samples, by name.
    package static func all() throws -> [TwilioWebhookSample] {
        try Fixture.files(in: "twilio/webhooks").map { try Fixture.decode(from: $0) }
    }
}
