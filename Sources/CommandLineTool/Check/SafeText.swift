import CallDomain
import TwilioAdapter

/// Makes text of others fit to be shown: no secret of this configuration, no control character, one line, not endless.
///
/// A vendor's message may quote what it was sent, and anybody may answer at the public address.
struct SafeText: Sendable {
    private let secrets: [String]

    private static let longest = 1000

    init(_ settings: Settings) {
        var secrets =
            settings.authTokens.map(\.exposed) + settings.ultravoxWebhookSecrets.map(\.exposed)
        secrets += settings.apiKeys.map(\.secret.exposed) + [settings.ultravoxAPIKey.exposed]
        if case .apiKey(_, let secret) = settings.twilioCredentials { secrets.append(secret.exposed) }
        if let proxy = settings.upstreamProxy { secrets.append(proxy) }
        self.secrets = secrets.filter { !$0.isEmpty }
    }

    func callAsFunction(_ text: String) -> String {
        var shown = text
        for secret in secrets { shown = shown.replacing(secret, with: "[redacted]") }
        let scalars = shown.unicodeScalars.map { $0.properties.isDisplayable ? $0 : " " }
        let line = String(String.UnicodeScalarView(scalars))
        return line.count <= Self.longest ? line : line.prefix(Self.longest) + "…"
    }
}

extension Unicode.Scalar.Properties {
    /// Not a control or formatting character, a line break or something without a meaning.
    fileprivate var isDisplayable: Bool {
        switch generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
            .unassigned:
            false
        default: true
        }
    }
}
