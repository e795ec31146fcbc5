import CallDomain

/// Settings of calls (who may be called, how many, how long, retention) and of the client commands.
extension SettingCatalogue {
    static let inboundAgentID = Setting<AgentID>.optional(
        "INBOUND_AGENT_ID",
        ValueForm("the UUID of an agent at Ultravox") { AgentID($0) },
        otherwise: "none: inbound calls are rejected",
        example: "11111111-2222-4333-8444-555555555555",
        "The agent that answers inbound calls. It is given caller_number and called_number, if it has these variables."
    )

    static let maxCallDuration = Setting<Duration>.defaulted(
        "MAX_CALL_DURATION",
        .wholeSeconds(from: .seconds(1), to: .seconds(4 * 3600)),
        to: "1h",
        example: "10m",
        "The maximum duration of a conversation, also used if an order sets none; at most 4h."
    )

    static let callsPerSecond = Setting<Double>.defaulted(
        "CALLS_PER_SECOND",
        .number(from: 0.001, to: 1000),
        to: "1",
        example: "0.5",
        "The number of calls per second that Twilio starts for the account; fractions are allowed."
    )

    static let queueMaxWait = Setting<Duration>.defaulted(
        "QUEUE_MAX_WAIT",
        .duration(from: .zero, to: .seconds(86_400)),
        to: "60s",
        example: "5m",
        "The maximum time that an order waits to be dialed."
    )

    static let queueLimit = Setting<Int>.defaulted(
        "QUEUE_LIMIT",
        .wholeNumber(0...1_000_000),
        to: "1000",
        example: "100",
        "The maximum number of waiting orders."
    )

    static let maxConcurrentCalls = Setting<Int>.defaulted(
        "MAX_CONCURRENT_CALLS",
        .wholeNumber(1...1_000_000),
        to: "100",
        example: "20",
        "The maximum number of outbound calls in progress, including waiting orders and `unknown` calls."
    )

    static let maxCallsPerDay = Setting<Int>.optional(
        "MAX_CALLS_PER_DAY",
        .wholeNumber(1...100_000_000),
        example: "5000",
        "The maximum number of calls per day (UTC)."
    )

    static let allowedCountries = Setting<AllowedCountries>.optional(
        "ALLOWED_COUNTRIES",
        .countries,
        otherwise: "the country of `TWILIO_PHONE_NUMBER`",
        example: "US,CA",
        "The countries that may be called, or * for all."
    )

    static let parallelCallsToNumber = Setting<Bool>.defaulted(
        "PARALLEL_CALLS_TO_NUMBER",
        .flag,
        to: "false",
        example: "true",
        "Whether a number may be called while a call to it is in progress."
    )

    static let numberCooldown = Setting<Duration>.defaulted(
        "NUMBER_COOLDOWN",
        .duration(from: .zero, to: .seconds(30 * 86_400)),
        to: "0s",
        example: "1h",
        "The time after a call during which the same number is not called again."
    )

    static let reconcileAfter = Setting<Duration>.defaulted(
        "RECONCILE_AFTER",
        .duration(from: .seconds(1), to: .seconds(86_400)),
        to: "30s",
        inEffect: false,
        example: "1m",
        "The time without news after which the gateway asks the vendors about a call."
    )

    static let unconfirmedAfter = Setting<Duration>.defaulted(
        "UNCONFIRMED_AFTER",
        .duration(from: .seconds(1), to: .seconds(7 * 86_400)),
        to: "15m",
        example: "30m",
        "The time after which an `unknown` call without confirmation becomes `unconfirmed`."
    )

    static let journal = Setting<JournalKind>.defaulted(
        "JOURNAL",
        .journal,
        to: JournalKind.usual,
        example: "sqlite:/var/lib/switchboard/journal.sqlite",
        "Where everything that was acknowledged is kept, so that a restart loses nothing: `sqlite:` with the path of a file, which is created with mode 0600, or `none`. One gateway at a time writes a file."
    )

    static let redisWaitReplicas = Setting<Int>.defaulted(
        "REDIS_WAIT_REPLICAS",
        .wholeNumber(0...100),
        to: "0",
        inEffect: false,
        example: "1",
        "How many replicas of a Redis journal must have an event before it counts as durable."
    )

    static let callRetention = Setting<Duration>.defaulted(
        "CALL_RETENTION",
        .duration(from: .seconds(1), to: .seconds(400 * 86_400)),
        to: "7d",
        example: "30d",
        "How long finished calls are kept."
    )

    static let maxCallsInMemory = Setting<Int>.defaulted(
        "MAX_CALLS_IN_MEMORY",
        .wholeNumber(1...100_000_000),
        to: "1000000",
        example: "100000",
        "The maximum number of calls in memory; above it the oldest finished calls are removed."
    )

    static let switchboardURL = Setting<String>.optional(
        "SWITCHBOARD_URL",
        .baseURL,
        reload: .ignoresIt,
        example: "http://127.0.0.1:8080",
        "The gateway that the client commands talk to."
    )

    static let switchboardAPIKey = Setting<Secret>.optional(
        "SWITCHBOARD_API_KEY",
        .secret("the secret of one entry of the gateway's API_KEYS"),
        secret: true,
        reload: .ignoresIt,
        example: "your-api-key-of-16-characters-or-more",
        "The API key that the client commands send."
    )
}
