import CallDomain
import Foundation
import Logging
import TwilioAdapter

/// The whole configuration of a gateway, read and checked. ``SettingCatalogue`` says what each variable means.
struct Settings: Sendable {
    // Twilio
    let accountSid: AccountSid
    /// `TWILIO_AUTH_TOKEN`, then `TWILIO_AUTH_TOKEN_SECONDARY` if set: both verify webhooks.
    let authTokens: [Secret]
    /// What REST requests sign in with: the API key if set, else the first auth token.
    let twilioCredentials: TwilioCredentials
    let phoneNumber: PhoneNumber
    /// Without a slash at the end, as every URL here.
    let twilioBaseURL: String

    // Ultravox
    let ultravoxAPIKey: Secret
    let ultravoxWebhookSecrets: [Secret]
    let ultravoxTimestampTolerance: Duration
    let ultravoxBaseURL: String

    // The way to both
    /// An absolute path.
    let upstreamCAFile: String?
    private let proxy: Secret?
    /// May hold a password.
    var upstreamProxy: String? { proxy?.exposed }

    // The server
    let publicBaseURL: String
    let apiKeys: [NamedSecret]
    let host: String
    let port: Int
    let maxConnections: Int
    let corsOrigins: [String]
    /// Signs what goes to an order's `callback_url`.
    let orderCallbackSecret: Secret?
    let rateLimitPerMinute: Int
    let readLimitPerMinute: Int
    /// The absolute path of `TWIML_DIR`, or of `twiml` in the working directory if that is there.
    let twimlDirectory: String?
    let shutdownGrace: Duration
    /// How long an idle connection is kept.
    let keepAlive: Duration
    let logLevel: Logger.Level
    /// `nil` leaves it to the terminal: text on one, JSON elsewhere.
    let logFormat: LogFormat?
    let environment: DeploymentEnvironment

    // Calls
    let inboundAgentID: AgentID?
    let maxCallDuration: Duration
    let callsPerSecond: Double
    let queueMaxWait: Duration
    let queueLimit: Int
    let maxConcurrentCalls: Int
    let maxCallsPerDay: Int?
    /// Who may be called.
    let destinations: DestinationPolicy
    let parallelCallsToNumber: Bool
    let numberCooldown: Duration
    let reconcileAfter: Duration
    let unconfirmedAfter: Duration

    // What is kept
    let journal: JournalKind
    let redisWaitReplicas: Int
    let callRetention: Duration
    let maxCallsInMemory: Int

    // The client commands
    let client: ClientSettings

    /// What does not stop the start, but should be known; a sentence each, without values.
    let warnings: [String]
    /// Names that were set although this version does not act upon them.
    let withoutEffect: [String]
    /// The values in use and their sources, to be shown.
    let lines: [SettingLine]

    /// Reads the environment, `.env` in `workingDirectory` and the files that `NAME_FILE` variables name.
    ///
    /// May be called again to read changed files. Without a working directory it looks for neither `.env` nor `twiml`.
    /// - Parameters:
    ///   - environment: the process's variables.
    ///   - options: of the command line; they win over everything else.
    ///   - workingDirectory: where `.env` and `twiml` are looked for, and where relative paths begin.
    ///   - withTemplates: whether the TwiML templates are checked, too.
    ///   - patience: how long all pipes together have to deliver their content.
    /// - Returns: what counts.
    /// - Throws: everything that is wrong, at once.
    static func load(
        environment: [String: String],
        options: GivenOptions = GivenOptions(),
        workingDirectory: URL?,
        withTemplates: Bool = false,
        pipesWithin patience: Duration = Surroundings.patienceAtStart
    ) throws(SettingsProblems) -> Settings {
        let reader = SettingReader(
            environment: options.over(environment),
            surroundings: Surroundings(workingDirectory: workingDirectory, pipesWithin: patience)
        )
        var problems = options.problems + reader.problems(of: SettingCatalogue.all) + reader.problemsOfSeveral
        if withTemplates { problems += reader.templateProblems }
        guard problems.isEmpty else { throw SettingsProblems(problems) }
        return try Settings(reader)
    }

    /// Who may be called, if that can be determined.
    private static func destinations(
        _ reader: SettingReader,
        _ phoneNumber: PhoneNumber
    ) throws(SettingsProblems) -> DestinationPolicy {
        if let allowed = try reader.optional(SettingCatalogue.allowedCountries) {
            return DestinationPolicy(allowed: allowed)
        }
        guard let policy = DestinationPolicy(countryOf: phoneNumber) else {
            throw SettingsProblems([.countryless])
        }
        return policy
    }

    private init(_ reader: SettingReader) throws(SettingsProblems) {
        typealias Known = SettingCatalogue
        accountSid = try reader.value(Known.twilioAccountSid)
        let authToken = try reader.value(Known.twilioAuthToken)
        let secondary = try reader.optional(Known.twilioAuthTokenSecondary)
        authTokens = [authToken] + (secondary.map { [$0] } ?? [])
        if let sid = try reader.optional(Known.twilioAPIKeySid) {
            twilioCredentials = .apiKey(sid: sid, secret: try reader.value(Known.twilioAPIKeySecret))
        } else {
            twilioCredentials = .authToken(authToken)
        }
        phoneNumber = try reader.value(Known.twilioPhoneNumber)
        twilioBaseURL = try reader.value(Known.twilioBaseURL)
        ultravoxAPIKey = try reader.value(Known.ultravoxAPIKey)
        ultravoxWebhookSecrets = try reader.optional(Known.ultravoxWebhookSecrets) ?? []
        ultravoxTimestampTolerance = try reader.value(Known.ultravoxTimestampTolerance)
        ultravoxBaseURL = try reader.value(Known.ultravoxBaseURL)
        upstreamCAFile = try reader.optional(Known.upstreamCAFile)
        proxy = try reader.optional(Known.upstreamProxy)
        publicBaseURL = try reader.value(Known.publicBaseURL)
        apiKeys = try reader.value(Known.apiKeys)
        host = try reader.value(Known.host)
        port = try reader.value(Known.port)
        maxConnections = try reader.value(Known.maxConnections)
        corsOrigins = try reader.optional(Known.corsOrigins) ?? []
        orderCallbackSecret = try reader.optional(Known.callbackSecret)
        rateLimitPerMinute = try reader.value(Known.rateLimitPerMinute)
        readLimitPerMinute = try reader.value(Known.readLimitPerMinute)
        twimlDirectory = try reader.twimlDirectory()
        shutdownGrace = try reader.value(Known.shutdownGrace)
        keepAlive = try reader.value(Known.keepAlive)
        logLevel = try reader.value(Known.logLevel)
        environment = try reader.value(Known.environment)
        logFormat = try reader.optional(Known.logFormat) ?? (environment == .development ? .text : nil)
        inboundAgentID = try reader.optional(Known.inboundAgentID)
        maxCallDuration = try reader.value(Known.maxCallDuration)
        callsPerSecond = try reader.value(Known.callsPerSecond)
        queueMaxWait = try reader.value(Known.queueMaxWait)
        queueLimit = try reader.value(Known.queueLimit)
        maxConcurrentCalls = try reader.value(Known.maxConcurrentCalls)
        maxCallsPerDay = try reader.optional(Known.maxCallsPerDay)
        destinations = try Self.destinations(reader, phoneNumber)
        parallelCallsToNumber = try reader.value(Known.parallelCallsToNumber)
        numberCooldown = try reader.value(Known.numberCooldown)
        reconcileAfter = try reader.value(Known.reconcileAfter)
        unconfirmedAfter = try reader.value(Known.unconfirmedAfter)
        journal = try reader.value(Known.journal)
        redisWaitReplicas = try reader.value(Known.redisWaitReplicas)
        callRetention = try reader.value(Known.callRetention)
        maxCallsInMemory = try reader.value(Known.maxCallsInMemory)
        client = try ClientSettings(reader)
        warnings =
            reader.source.warnings
            + Self.unreachable(publicBaseURL, vendors: [twilioBaseURL, ultravoxBaseURL])
        withoutEffect = Known.all.filter { !$0.isInEffect && reader.givenText($0) != nil }.map(\.name)
        var decided = [
            Known.allowedCountries.entry.name: destinations.allowed.settingText,
            Known.logFormat.entry.name: (logFormat ?? .ofStandardError).rawValue,
        ]
        decided[Known.twimlDir.entry.name] = twimlDirectory
        lines = Known.all.map { SettingLine($0, reader, decided: decided[$0.name]) }
    }
}
