import CallDomain
import Logging

/// The HTTP server, its logs and its surroundings.
extension SettingCatalogue {
    static let publicBaseURL = Setting<String>.required(
        "PUBLIC_BASE_URL",
        .publicBaseURL,
        example: "https://calls.example.com",
        "The address at which Twilio and Ultravox reach this gateway. Webhook signatures are checked against it, never against request headers."
    )

    static let apiKeys = Setting<[NamedSecret]>.required(
        "API_KEYS",
        .namedSecrets("name:secret pairs with commas between them, each secret of at least 16 characters"),
        secret: true,
        reload: .takesIt,
        example: "frontend:your-api-key-of-16-characters-or-more",
        "The keys of the REST API. The name of a key appears in logs; rate limits apply per key."
    )

    static let host = Setting<String>.defaulted(
        "HOST",
        .listenAddress,
        to: "127.0.0.1",
        example: "0.0.0.0",
        "The address that the server listens on."
    )

    static let port = Setting<Int>.defaulted(
        "PORT",
        .wholeNumber(0...65_535),
        to: "8080",
        example: "80",
        "The TCP port that the server listens on; 0 picks a free one and logs it."
    )

    static let maxConnections = Setting<Int>.defaulted(
        "MAX_CONNECTIONS",
        .wholeNumber(1...1_000_000),
        to: "10000",
        example: "2000",
        "The maximum number of open connections."
    )

    static let corsOrigins = Setting<[String]>.optional(
        "CORS_ORIGINS",
        .webOrigins,
        example: "https://app.example.com",
        "Origins of web pages that may use the REST API from a browser."
    )

    static let callbackSecret = Setting<Secret>.optional(
        "CALLBACK_SECRET",
        .webhookSecret,
        otherwise: "orders cannot have a `callback_url`",
        secret: true,
        example: "whsec_eW91ci1jYWxsYmFjay1zZWNyZXQtb2YtMzItYnl0ZXM=",
        "Signs the events that are sent to an order's callback_url, by Standard Webhooks."
    )

    static let rateLimitPerMinute = Setting<Int>.defaulted(
        "RATE_LIMIT_PER_MINUTE",
        .wholeNumber(1...1_000_000),
        to: "600",
        example: "60",
        "The maximum number of orders and changes per minute and API key. Hang-ups and the dialing switch are not limited."
    )

    static let readLimitPerMinute = Setting<Int>.defaulted(
        "READ_LIMIT_PER_MINUTE",
        .wholeNumber(1...1_000_000),
        to: "6000",
        example: "600",
        "The maximum number of reads per minute and API key."
    )

    static let twimlDir = Setting<String>.optional(
        "TWIML_DIR",
        .directory,
        otherwise: "`twiml` in the working directory if it exists, otherwise the built-in copies",
        example: "/etc/switchboard/twiml",
        "The directory of the TwiML templates. For a missing file the built-in copy is used."
    )

    static let shutdownGrace = Setting<Duration>.defaulted(
        "SHUTDOWN_GRACE",
        .duration(from: .zero, to: .seconds(3600)),
        to: "20s",
        example: "45s",
        "How long a stop waits for requests in progress."
    )

    static let keepAlive = Setting<Duration>.defaulted(
        "KEEP_ALIVE",
        .duration(from: .seconds(1), to: .seconds(24 * 3600)),
        to: "75s",
        example: "620s",
        "How long a connection may be idle before it is closed: longer than the load balancer in front keeps it."
    )

    static let logLevel = Setting<Logger.Level>.defaulted(
        "LOG_LEVEL",
        .word,
        to: "info",
        example: "debug",
        "The minimum severity of log lines: trace, debug, info, notice, warning, error or critical."
    )

    static let logFormat = Setting<LogFormat>.optional(
        "LOG_FORMAT",
        .word,
        otherwise: "`json`; `text` on a terminal or in development",
        example: "json",
        "The format of log lines: json (one object per line) or text."
    )

    static let environment = Setting<DeploymentEnvironment>.defaulted(
        "ENVIRONMENT",
        .word,
        to: "production",
        example: "development",
        "production or development. In development logs default to text, changed TwiML templates are reloaded, and events may be sent to this machine."
    )
}

/// What a gateway runs for.
enum DeploymentEnvironment: String, Sendable, CaseIterable {
    case production
    case development
}
