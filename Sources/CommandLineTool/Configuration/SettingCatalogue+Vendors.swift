import CallDomain

/// Twilio, Ultravox, and the way to them.
extension SettingCatalogue {
    static let twilioAccountSid = Setting<AccountSid>.required(
        "TWILIO_ACCOUNT_SID",
        ValueForm("AC followed by 32 hexadecimal digits") { AccountSid($0) },
        reload: .refusesAll,
        example: "AC00000000000000000000000000000000",
        "The Twilio account that makes the calls and sends the webhooks."
    )

    static let twilioAuthToken = Setting<Secret>.required(
        "TWILIO_AUTH_TOKEN",
        .secret("the account's auth token, 32 hexadecimal digits from Twilio's console"),
        secret: true,
        reload: .takesIt,
        example: "your-twilio-auth-token",
        "The account's auth token. It verifies webhooks, and authenticates requests if no API key is set."
    )

    static let twilioAuthTokenSecondary = Setting<Secret>.optional(
        "TWILIO_AUTH_TOKEN_SECONDARY",
        .secret("the account's other auth token, 32 hexadecimal digits from Twilio's console"),
        secret: true,
        reload: .takesIt,
        example: "your-other-twilio-auth-token",
        "A second auth token, also accepted for webhooks while you rotate tokens."
    )

    static let twilioAPIKeySid = Setting<String>.optional(
        "TWILIO_API_KEY_SID",
        .twilioKeySid,
        otherwise: "the auth token",
        reload: .takesIt,
        example: "SK00000000000000000000000000000000",
        "The SID of an API key for requests to Twilio, in place of the auth token."
    )

    static let twilioAPIKeySecret = Setting<Secret>.optional(
        "TWILIO_API_KEY_SECRET",
        .secret("the secret that Twilio showed when the API key was created, at least 16 characters"),
        otherwise: "the auth token",
        secret: true,
        reload: .takesIt,
        example: "your-twilio-api-key-secret",
        "The secret of `TWILIO_API_KEY_SID`. Set both or neither."
    )

    static let twilioPhoneNumber = Setting<PhoneNumber>.required(
        "TWILIO_PHONE_NUMBER",
        ValueForm("a number of the account in E.164, such as +12025550143") { PhoneNumber($0) },
        example: "+12025550143",
        "The number that calls come from if the order has no `from`."
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
        "The secrets of webhooks that you created at Ultravox; several while you rotate them."
    )

    static let ultravoxTimestampTolerance = Setting<Duration>.defaulted(
        "ULTRAVOX_TIMESTAMP_TOLERANCE",
        .duration(from: .seconds(1), to: .seconds(3600)),
        to: "5m",
        reload: .takesIt,
        example: "1m",
        "The largest difference allowed between the timestamp of an Ultravox webhook and this machine's clock."
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
        otherwise: "only the system's certificates",
        example: "/etc/ssl/company-ca.pem",
        "A file of PEM certificates to trust for requests to the vendors, in addition to the system's."
    )

    static let upstreamProxy = Setting<Secret>.optional(
        "UPSTREAM_PROXY",
        .proxy,
        secret: true,
        example: "http://proxy.example.com:3128",
        "A proxy for requests to the vendors."
    )
}
