import CallDomain

/// Twilio, Ultravox, and the way to them.
extension SettingCatalogue {
    static let twilioAccountSid = Setting<AccountSid>.required(
        "TWILIO_ACCOUNT_SID",
        ValueForm("AC and 32 hexadecimal digits") { AccountSid($0) },
        reload: .refusesAll,
        example: "AC00000000000000000000000000000000",
        "The Twilio account that calls are made from, and whose webhooks are taken."
    )

    static let twilioAuthToken = Setting<Secret>.required(
        "TWILIO_AUTH_TOKEN",
        .secret("the account's auth token, 32 hexadecimal digits from Twilio's console"),
        secret: true,
        reload: .takesIt,
        example: "your-twilio-auth-token",
        "The account's auth token: verifies webhooks, and signs in to the REST API where there is no API key."
    )

    static let twilioAuthTokenSecondary = Setting<Secret>.optional(
        "TWILIO_AUTH_TOKEN_SECONDARY",
        .secret("the account's other auth token, 32 hexadecimal digits from Twilio's console"),
        secret: true,
        reload: .takesIt,
        example: "your-other-twilio-auth-token",
        "A second auth token whose webhooks are accepted too, while tokens are rotated."
    )

    static let twilioAPIKeySid = Setting<String>.optional(
        "TWILIO_API_KEY_SID",
        .twilioKeySid,
        otherwise: "the auth token",
        reload: .takesIt,
        example: "SK00000000000000000000000000000000",
        "An API key for Twilio's REST API, so that requests do not depend on the auth token."
    )

    static let twilioAPIKeySecret = Setting<Secret>.optional(
        "TWILIO_API_KEY_SECRET",
        .secret("the secret that Twilio showed when the API key was made, at least 16 characters"),
        otherwise: "the auth token",
        secret: true,
        reload: .takesIt,
        example: "your-twilio-api-key-secret",
        "The secret of `TWILIO_API_KEY_SID`; both or neither."
    )

    static let twilioPhoneNumber = Setting<PhoneNumber>.required(
        "TWILIO_PHONE_NUMBER",
        ValueForm("a number of the account in E.164, such as +12025550143") { PhoneNumber($0) },
        example: "+12025550143",
        "The number that calls come from where the order names none."
    )

    static let twilioBaseURL = Setting<String>.defaulted(
        "TWILIO_BASE_URL",
        .origin,
        to: "https://api.twilio.com",
        reload: .refusesAll,
        example: "https://api.dublin.ie1.twilio.com",
        "The origin of Twilio's REST API."
    )

    static let ultravoxAPIKey = Setting<Secret>.required(
        "ULTRAVOX_API_KEY",
        .secret("an API key from Ultravox's console, at least 16 characters"),
        secret: true,
        reload: .takesIt,
        example: "your-ultravox-api-key",
        "The API key of the Ultravox account that holds the agents."
    )

    static let ultravoxWebhookSecrets = Setting<[Secret]>.optional(
        "ULTRAVOX_WEBHOOK_SECRETS",
        .secrets("secrets of Ultravox webhooks with commas between them, each of at least 16 characters"),
        otherwise: "only our own per-call callbacks are accepted",
        secret: true,
        reload: .takesIt,
        example: "your-ultravox-webhook-secret",
        "The secrets of webhooks set up at Ultravox; several while they are rotated."
    )

    static let ultravoxTimestampTolerance = Setting<Duration>.defaulted(
        "ULTRAVOX_TIMESTAMP_TOLERANCE",
        .duration(from: .seconds(1), to: .seconds(3600)),
        to: "5m",
        reload: .takesIt,
        example: "1m",
        "How far the time stamp of an Ultravox webhook may be from our clock, either way."
    )

    static let ultravoxBaseURL = Setting<String>.defaulted(
        "ULTRAVOX_BASE_URL",
        .origin,
        to: "https://api.ultravox.ai",
        reload: .refusesAll,
        example: "http://127.0.0.1:9002",
        "The origin of Ultravox's API."
    )

    static let upstreamCAFile = Setting<String>.optional(
        "UPSTREAM_CA_FILE",
        .certificateFile,
        otherwise: "the system's certificates alone",
        example: "/etc/ssl/company-ca.pem",
        "PEM certificates to trust in addition to the system's, for requests to the vendors."
    )

    static let upstreamProxy = Setting<Secret>.optional(
        "UPSTREAM_PROXY",
        .proxy,
        secret: true,
        example: "http://proxy.example.com:3128",
        "A proxy for requests to the vendors."
    )
}
