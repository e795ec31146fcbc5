/// What the two stand-ins accept, own and send.
package struct SandboxConfiguration: Sendable {
    /// The TCP ports on `127.0.0.1`; 0 picks a free one.
    package var twilioPort = 0
    package var ultravoxPort = 0

    /// `AC` and 32 hex digits.
    package var accountSid: String
    /// 32 hex digits; also the key that signs Twilio's webhooks.
    package var authToken: String
    /// `SK` and 32 hex digits. An API key opens the REST API and never signs webhooks.
    package var apiKeySid: String?
    package var apiKeySecret: String?
    /// The numbers of the account, in E.164: the only ones that may call.
    package var phoneNumbers: [String]

    /// The `X-API-Key` of the Ultravox account.
    package var ultravoxAPIKey: String
    /// The webhooks of the Ultravox account; each gets all four events of every call.
    package var ultravoxWebhooks: [AccountWebhook]

    /// How many calls Twilio starts per second; the rest wait in its queue. `nil` starts each at once.
    package var callsPerSecond: Double?
    /// Multiplies every delay of a scenario: 1 as a demonstration shows it, 0.01 in tests.
    package var tempo: Double

    package init(
        accountSid: String,
        authToken: String,
        apiKeySid: String? = nil,
        apiKeySecret: String? = nil,
        phoneNumbers: [String],
        ultravoxAPIKey: String,
        ultravoxWebhooks: [AccountWebhook] = [],
        callsPerSecond: Double? = nil,
        tempo: Double = 1
    ) {
        self.accountSid = accountSid
        self.authToken = authToken
        self.apiKeySid = apiKeySid
        self.apiKeySecret = apiKeySecret
        self.phoneNumbers = phoneNumbers
        self.ultravoxAPIKey = ultravoxAPIKey
        self.ultravoxWebhooks = ultravoxWebhooks
        self.callsPerSecond = callsPerSecond
        self.tempo = tempo
    }
}

/// A webhook of the whole Ultravox account.
package struct AccountWebhook: Sendable {
    package var url: String
    /// One signature per secret, in this order; without a secret nothing is signed.
    package var secrets: [String]

    package init(url: String, secrets: [String]) {
        self.url = url
        self.secrets = secrets
    }
}

/// Where the stand-ins listen: `http://127.0.0.1:PORT`, no slash at the end.
package struct SandboxAddresses: Sendable, Equatable {
    package var twilio: String
    package var ultravox: String
}
