import CallDomain
import Gateway
import TwilioAdapter
import UltravoxAdapter

/// All secrets in use, and the settings as they are shown. A reload replaces them without a restart.
///
/// ``apply(_:now:)`` and the settings that the catalogue marks as ``ReloadEffect/takesIt`` must be the same list.
struct Credentials: Sendable {
    let apiKeys: Rotating<[APIKey]>
    let twilio: Rotating<TwilioCredentials>
    let twilioVerifier: Rotating<WebhookVerifier>
    let ultravoxAPIKey: Rotating<Secret>
    let ultravoxVerifier: Rotating<UltravoxWebhookVerifier>
    let shownSettings: Rotating<[ShownSetting]>
    /// Secrets derived from previous API keys: the callbacks of calls in progress are signed with them. Oldest first.
    private let formerCallbackSecrets = Rotating<[UltravoxWebhookVerifier.FormerSecret]>([])
    /// How long a callback may come after the last moment at which its secret was given to a call.
    private let callbackLifetime: Duration

    /// For the ring, for joining, and for callbacks that Ultravox has to send again.
    static let callbackMargin = Duration.seconds(600)
    /// Each costs a comparison at every webhook.
    static let mostFormerSecrets = 8

    init(_ settings: Settings) {
        apiKeys = Rotating(settings.namedKeys)
        twilio = Rotating(settings.twilioCredentials)
        twilioVerifier = Rotating(WebhookVerifier(authTokens: settings.authTokens))
        ultravoxAPIKey = Rotating(settings.ultravoxAPIKey)
        ultravoxVerifier = Rotating(settings.ultravoxVerifier(former: []))
        shownSettings = Rotating(settings.lines.filter { !$0.isSecret }.map(\.shownSetting))
        // Of the settings at start: a changed MAX_CALL_DURATION waits for a restart.
        callbackLifetime = settings.maxCallDuration + Self.callbackMargin
    }

    /// From here on the secrets of `settings` count, and those that are not among them no longer do.
    func apply(_ settings: Settings, now: Timestamp) {
        let former = formerSecrets(besides: settings.callbackSecret, now: now)
        formerCallbackSecrets.replace(with: former)
        // What verifies comes before what makes others sign.
        twilioVerifier.replace(with: WebhookVerifier(authTokens: settings.authTokens))
        ultravoxVerifier.replace(with: settings.ultravoxVerifier(former: former))
        apiKeys.replace(with: settings.namedKeys)
        twilio.replace(with: settings.twilioCredentials)
        ultravoxAPIKey.replace(with: settings.ultravoxAPIKey)
        let taken = settings.lines.filter { !$0.isSecret && $0.reload == .takesIt }.map(\.shownSetting)
        shownSettings.replace(
            with: shownSettings.current.map { shown in taken.first { $0.name == shown.name } ?? shown }
        )
    }

    /// Shows what counts where that was not what is set: the port that was picked, for example.
    func show(_ name: String, as value: String) {
        shownSettings.replace(
            with: shownSettings.current.map { $0.name == name ? ShownSetting(name: name, value: value) : $0 }
        )
    }

    /// The secrets that stay valid for a while beside `current`: the one in use until now, if it differs, and the
    /// previous ones.
    private func formerSecrets(
        besides current: Secret,
        now: Timestamp
    ) -> [UltravoxWebhookVerifier.FormerSecret] {
        let last = UltravoxWebhookVerifier.FormerSecret(
            UltravoxClient.callbackSecret(apiKey: ultravoxAPIKey.current),
            until: now + callbackLifetime
        )
        let former = (formerCallbackSecrets.current + [last]).filter {
            $0.end > now && $0.secret.exposed != current.exposed
        }
        return Array(former.suffix(Self.mostFormerSecrets))
    }
}

extension SettingLine {
    fileprivate var shownSetting: ShownSetting { ShownSetting(name: name, value: value) }
}

extension Settings {
    var namedKeys: [APIKey] { apiKeys.map { APIKey(name: $0.name, secret: $0.secret) } }

    fileprivate var callbackSecret: Secret { UltravoxClient.callbackSecret(apiKey: ultravoxAPIKey) }

    fileprivate func ultravoxVerifier(former: [UltravoxWebhookVerifier.FormerSecret]) -> UltravoxWebhookVerifier {
        UltravoxWebhookVerifier(
            secrets: ultravoxWebhookSecrets + [callbackSecret],
            former: former,
            tolerance: ultravoxTimestampTolerance
        )
    }
}
