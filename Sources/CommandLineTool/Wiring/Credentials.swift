import CallDomain
import Gateway
import TwilioAdapter
import UltravoxAdapter

/// Every secret in use, as it is now: a reload replaces them without a restart.
struct Credentials: Sendable {
    let apiKeys: Rotating<[APIKey]>
    let twilio: Rotating<TwilioCredentials>
    let twilioVerifier: Rotating<WebhookVerifier>
    let ultravoxAPIKey: Rotating<Secret>
    let ultravoxVerifier: Rotating<UltravoxWebhookVerifier>
    /// Of the API key before the last change: calls under way were given callbacks that are signed with it.
    private let formerCallbackSecret = Rotating<Secret?>(nil)

    init(_ settings: Settings) {
        apiKeys = Rotating(settings.namedKeys)
        twilio = Rotating(settings.twilioCredentials)
        twilioVerifier = Rotating(WebhookVerifier(authTokens: settings.authTokens))
        ultravoxAPIKey = Rotating(settings.ultravoxAPIKey)
        ultravoxVerifier = Rotating(settings.ultravoxVerifier(former: nil))
    }

    /// From here on the secrets of `settings` count, and those that are not among them no longer do.
    func apply(_ settings: Settings) {
        if settings.ultravoxAPIKey.exposed != ultravoxAPIKey.current.exposed {
            formerCallbackSecret.replace(with: UltravoxClient.callbackSecret(apiKey: ultravoxAPIKey.current))
        }
        // What verifies comes before what makes others sign.
        twilioVerifier.replace(with: WebhookVerifier(authTokens: settings.authTokens))
        ultravoxVerifier.replace(with: settings.ultravoxVerifier(former: formerCallbackSecret.current))
        apiKeys.replace(with: settings.namedKeys)
        twilio.replace(with: settings.twilioCredentials)
        ultravoxAPIKey.replace(with: settings.ultravoxAPIKey)
    }
}

extension Settings {
    fileprivate var namedKeys: [APIKey] { apiKeys.map { APIKey(name: $0.name, secret: $0.secret) } }

    fileprivate func ultravoxVerifier(former: Secret?) -> UltravoxWebhookVerifier {
        let callbackSecret = UltravoxClient.callbackSecret(apiKey: ultravoxAPIKey)
        return UltravoxWebhookVerifier(
            secrets: ultravoxWebhookSecrets + [callbackSecret] + (former.map { [$0] } ?? []),
            tolerance: ultravoxTimestampTolerance
        )
    }
}
