/// A delivery and whether a receiver must accept it: one entry of `fixtures/ultravox/webhook-vectors.json`.
package struct UltravoxWebhookVector: Sendable, Decodable {
    /// What a receiver must answer, and why.
    package struct Expectation: Sendable, Decodable {
        package let valid: Bool
        /// `ok`, `missing_signature`, `missing_timestamp`, `bad_timestamp`, `stale_timestamp`, `future_timestamp`,
        /// `bad_signature` or `bad_body`.
        package let reason: String
    }

    package let id: String
    package let title: String
    /// False where the expectation is a recommendation rather than documented.
    package let normative: Bool
    package let note: String?
    /// The secrets that the receiver accepts.
    package let secrets: [String]
    /// The receiver's clock, RFC 3339.
    package let now: String
    /// How old a timestamp may be, in seconds.
    package let maxAgeSeconds: Int
    /// How far ahead of the receiver's clock a timestamp may be, in seconds.
    package let maxFutureSkewSeconds: Int
    package let headers: [String: String]
    package let body: String
    package let expect: Expectation

    private enum CodingKeys: String, CodingKey {
        case id
        case title
        case normative
        case note
        case secrets
        case now
        case maxAgeSeconds = "max_age_seconds"
        case maxFutureSkewSeconds = "max_future_skew_seconds"
        case headers
        case body
        case expect
    }

    /// All vectors, in the order of the file.
    package static func all() throws -> [UltravoxWebhookVector] {
        try Fixture.decode(from: "ultravox/webhook-vectors.json")
    }
}
