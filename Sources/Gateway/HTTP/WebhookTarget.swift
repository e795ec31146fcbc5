/// Whether a request target is a webhook path.
///
/// Vendors do not read explanations, so requests refused there get no body.
enum WebhookTarget {
    case twilio
    case ultravox

    init?(_ target: some Collection<UInt8>) {
        if target.starts(with: "/webhooks/twilio/".utf8) {
            self = .twilio
        } else if target.prefix(while: { $0 != UInt8(ascii: "?") }).elementsEqual("/webhooks/ultravox".utf8) {
            self = .ultravox
        } else {
            return nil
        }
    }
}
