import CallDomain

/// Calls: whom, how many, how long, and what is kept of them; and the client commands.
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
        "The longest conversation that an order may ask for, and what counts where it asks for none; at most 4h."
    )

    static let callsPerSecond = Setting<Double>.defaulted(
        "CALLS_PER_SECOND",
        .number(from: 0.001, to: 1000),
        to: "1",
        example: "0.5",
        "How many calls a second Twilio starts for the account; fractions are allowed."
    )

    static let queueMaxWait = Setting<Duration>.defaulted(
        "QUEUE_MAX_WAIT",
        .duration(from: .zero, to: .seconds(86_400)),
        to: "60s",
        example: "5m",
        "How long an order may wait for its turn."
    )

    static let queueLimit = Setting<Int>.defaulted(
        "QUEUE_LIMIT",
        .wholeNumber(0...1_000_000),
        to: "1000",
        example: "100",
        "How many orders may wait for their turn."
    )

    static let maxConcurrentCalls = Setting<Int>.defaulted(
        "MAX_CONCURRENT_CALLS",
        .wholeNumber(1...1_000_000),
        to: "100",
        example: "20",
        "How many calls may be under way at once, waiting and uncertain ones included."
    )

    static let maxCallsPerDay = Setting<Int>.optional(
        "MAX_CALLS_PER_DAY",
        .wholeNumber(1...100_000_000),
        example: "5000",
        "How many calls may be placed in a day (UTC)."
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
        "Whether a number may be called while a call to it is under way."
    )

    static let numberCooldown = Setting<Duration>.defaulted(
        "NUMBER_COOLDOWN",
        .duration(from: .zero, to: .seconds(30 * 86_400)),
        to: "0s",
        example: "1h",
        "How long a number is left alone after a call to it."
    )

    static let reconcileAfter = Setting<Duration>.defaulted(
        "RECONCILE_AFTER",
        .duration(from: .seconds(1), to: .seconds(86_400)),
        to: "30s",
        inEffect: false,
        example: "1m",
        "After which silence the vendors are asked about a call that has not ended."
    )

    static let unconfirmedAfter = Setting<Duration>.defaulted(
        "UNCONFIRMED_AFTER",
        .duration(from: .seconds(1), to: .seconds(7 * 86_400)),
        to: "15m",
        example: "30m",
        "After which time without proof a call that may have been placed is parked."
    )

    static let journal = Setting<JournalKind>.defaulted(
        "JOURNAL",
        .journal,
        to: "none",
        example: "none",
        "Where events are made durable: in this version none, calls are kept in memory."
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
        "How many calls are kept; beyond that the oldest finished ones leave."
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
