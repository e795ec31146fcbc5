package import CallDomain

/// The addresses at which vendors reach us.
package struct WebhookURLs: Sendable {
    /// Without a slash at the end.
    private let base: String

    /// - Parameter publicBaseURL: as in `PUBLIC_BASE_URL`: no query and no fragment.
    package init(publicBaseURL: String) {
        var base = publicBaseURL[...]
        while base.utf8.last == UInt8(ascii: "/") { base = base.dropLast() }
        self.base = String(base)
    }

    /// The path of a kind of webhook, below the public base.
    package static func path(of kind: TwilioWebhook.Kind) -> String { "/webhooks/twilio/\(kind.rawValue)" }

    /// The path of Ultravox's webhooks, below the public base.
    package static let ultravoxPath = "/webhooks/ultravox"

    /// The URL that a vendor requested: what a signature covers.
    /// - Parameter target: path and query as received, neither decoded nor normalised.
    /// - Returns: the public base followed by the target.
    package func requested(target: String) -> String { base + target }

    /// The URL to set on a number at Twilio, for the calls that come in by it.
    package func number(_ kind: TwilioWebhook.Kind) -> String { base + Self.path(of: kind) }

    /// The URL to give to Twilio for a call's webhooks of one kind.
    ///
    /// All but stream and answering-machine detection carry connection overrides, which Twilio neither sends nor signs:
    /// two retries after a failed connection, a read time-out or a 5xx. It is unproven that those two heed them.
    /// - SeeAlso: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
    package func twilio(_ kind: TwilioWebhook.Kind, callID: CallID) -> String {
        let url = "\(base)\(Self.path(of: kind))?call=\(callID.text)"
        switch kind {
        case .voice, .fallback, .status, .recording: return url + "#rc=2&rp=ct,rt,5xx&ct=2000&rt=5000&tt=15000"
        case .amd, .stream: return url
        }
    }

    /// The URL to give to Ultravox for a call's webhooks: at most 200 characters if the base has at most 120.
    package func ultravox(callID: CallID) -> String { "\(base)\(Self.ultravoxPath)?call=\(callID.text)" }
}
