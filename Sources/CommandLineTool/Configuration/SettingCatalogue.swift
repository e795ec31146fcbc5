/// Every variable that the gateway knows: the one place of names, defaults, forms and descriptions.
enum SettingCatalogue {
    /// In the order in which people should read about them.
    static let all: [SettingEntry] = vendors + server + dialing + storage + client

    private static let vendors: [SettingEntry] = [
        twilioAccountSid.entry, twilioAuthToken.entry, twilioAuthTokenSecondary.entry, twilioAPIKeySid.entry,
        twilioAPIKeySecret.entry, twilioPhoneNumber.entry, twilioBaseURL.entry,
        ultravoxAPIKey.entry, ultravoxWebhookSecrets.entry, ultravoxTimestampTolerance.entry, ultravoxBaseURL.entry,
        upstreamCAFile.entry, upstreamProxy.entry,
    ]

    private static let server: [SettingEntry] = [
        publicBaseURL.entry, apiKeys.entry, host.entry, port.entry, maxConnections.entry, corsOrigins.entry,
        callbackSecret.entry, rateLimitPerMinute.entry, readLimitPerMinute.entry, twimlDir.entry, shutdownGrace.entry,
        keepAlive.entry,
        logLevel.entry, logFormat.entry, environment.entry,
    ]

    private static let dialing: [SettingEntry] = [
        inboundAgentID.entry, maxCallDuration.entry, callsPerSecond.entry, queueMaxWait.entry, queueLimit.entry,
        maxConcurrentCalls.entry, maxCallsPerDay.entry, allowedCountries.entry, parallelCallsToNumber.entry,
        numberCooldown.entry, reconcileAfter.entry, unconfirmedAfter.entry,
    ]

    private static let storage: [SettingEntry] = [
        journal.entry, redisWaitReplicas.entry, callRetention.entry, maxCallsInMemory.entry,
    ]

    private static let client: [SettingEntry] = [switchboardURL.entry, switchboardAPIKey.entry]

    /// All variables as a table in Markdown, for the documentation.
    static var markdown: String {
        let rows = all.map { entry in
            let fallback = entry.fallback.map { "`\($0)`" } ?? entry.otherwise
            let summary = entry.summary + (entry.isInEffect ? "" : " (without effect in this version)")
            let cells = ["`\(entry.name)`", fallback, summary, "`\(entry.example)`"]
            return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
        }
        return (["| Name | Default | Meaning | Example |", "|---|---|---|---|"] + rows).joined(separator: "\n") + "\n"
    }
}
