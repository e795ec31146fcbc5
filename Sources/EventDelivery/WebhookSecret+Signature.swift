package import CallDomain
import Crypto
import FoundationEssentials
package import HTTPTypes

/// Signatures after Standard Webhooks.
/// - SeeAlso: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
extension WebhookSecret {
    /// `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64, the timestamp in whole seconds.
    package func signature(id: String, timestamp: Timestamp, body: [UInt8]) -> String {
        var code = HMAC<SHA256>(key: key)
        code.update(data: Data("\(id).\(timestamp.unixSeconds).".utf8))
        code.update(data: body)
        return "v1," + Data(code.finalize()).base64EncodedString()
    }

    /// The three headers of a delivery. The id is the same for each attempt to deliver one event to one receiver, the
    /// timestamp is the attempt's: receivers refuse what is older than some minutes.
    package func headers(id: String, timestamp: Timestamp, body: [UInt8]) -> HTTPFields {
        [
            .webhookID: id,
            .webhookTimestamp: "\(timestamp.unixSeconds)",
            .webhookSignature: signature(id: id, timestamp: timestamp, body: body),
        ]
    }
}

extension HTTPField.Name {
    package static let webhookID = named("webhook-id")
    package static let webhookTimestamp = named("webhook-timestamp")
    package static let webhookSignature = named("webhook-signature")

    private static func named(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no field name") }
        return name
    }
}

extension Timestamp {
    fileprivate var unixSeconds: Int64 { milliseconds / 1000 }
}
