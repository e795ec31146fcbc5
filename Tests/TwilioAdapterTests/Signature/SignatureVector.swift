import TestSupport
import Testing

/// One case of `fixtures/twilio/signature-vectors.json`.
struct SignatureVector: Sendable, Decodable, CustomTestStringConvertible {
    let name: String
    let authToken: String
    let url: String
    /// Decoded name and value, in order.
    let params: [[String]]
    let rawForm: String?
    let body: String?
    let signature: String?
    let algorithm: String
    let valid: Bool

    private enum CodingKeys: String, CodingKey {
        case name
        case authToken = "auth_token"
        case url
        case params
        case rawForm = "raw_form"
        case body
        case signature
        case algorithm
        case valid
    }

    var testDescription: String { name }

    static func all() throws -> [SignatureVector] { try Fixture.decode(from: "twilio/signature-vectors.json") }
}
