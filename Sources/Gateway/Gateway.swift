package import CallDomain
package import CallFlow
import HTTPTypes
package import Hummingbird
package import TwilioAdapter
package import UltravoxAdapter

/// Everything the HTTP side needs to know.
package struct GatewayConfiguration: Sendable {
    package var apiKeys: [APIKey]
    /// Whose webhooks are taken.
    package var accountSid: AccountSid
    package var maxCallDuration: Duration
    /// Web origins that may use the REST API from a browser.
    package var corsOrigins: [String]
    /// Whether the public address is https.
    package var isSecure: Bool

    package init(
        apiKeys: [APIKey],
        accountSid: AccountSid,
        maxCallDuration: Duration,
        corsOrigins: [String],
        isSecure: Bool
    ) {
        self.apiKeys = apiKeys
        self.accountSid = accountSid
        self.maxCallDuration = maxCallDuration
        self.corsOrigins = corsOrigins
        self.isSecure = isSecure
    }
}

/// The REST API and the webhooks, as one router.
package struct Gateway: Sendable {
    private let configuration: GatewayConfiguration
    private let flow: CallFlow
    private let twilioVerifier: WebhookVerifier
    private let ultravoxVerifier: UltravoxWebhookVerifier
    private let urls: WebhookURLs
    private let templates: TwiMLTemplates
    private let cursors: CursorCodec
    private let readiness: Readiness
    private let clock: any WallClock
    private let random: any RandomBits

    package init(
        configuration: GatewayConfiguration,
        flow: CallFlow,
        twilioVerifier: WebhookVerifier,
        ultravoxVerifier: UltravoxWebhookVerifier,
        urls: WebhookURLs,
        templates: TwiMLTemplates,
        cursors: CursorCodec,
        readiness: Readiness,
        clock: any WallClock,
        random: any RandomBits
    ) {
        self.configuration = configuration
        self.flow = flow
        self.twilioVerifier = twilioVerifier
        self.ultravoxVerifier = ultravoxVerifier
        self.urls = urls
        self.templates = templates
        self.cursors = cursors
        self.readiness = readiness
        self.clock = clock
        self.random = random
    }

    package func router() -> Router<GatewayContext> {
        let router = Router(context: GatewayContext.self, options: [.autoGenerateHeadEndpoints])
        router.addMiddleware {
            RequestIdentification(random: random)
            AccessLog()
            SecurityHeaders(isSecure: configuration.isSecure)
            CrossOrigin(origins: Set(configuration.corsOrigins))
            ErrorMapping(clock: clock)
        }
        let refusals = RefusalNotices(clock: clock)
        HealthController(readiness: readiness).addRoutes(to: router)
        TwilioWebhookController(
            flow: flow,
            verifier: twilioVerifier,
            urls: urls,
            templates: templates,
            accountSid: configuration.accountSid,
            refusals: refusals
        ).addRoutes(to: router)
        UltravoxWebhookController(flow: flow, verifier: ultravoxVerifier, clock: clock, refusals: refusals)
            .addRoutes(to: router)
        let api = router.group().add(middleware: APIKeyAuthentication(keys: configuration.apiKeys))
        AgentController(agents: flow.agents, cursors: cursors).addRoutes(to: api)
        CallController(flow: flow, cursors: cursors, maxCallDuration: configuration.maxCallDuration, clock: clock)
            .addRoutes(to: api)
        DeadLetterController(deadLetters: flow.deadLetters, cursors: cursors).addRoutes(to: api)
        router.refuseOtherMethods()
        return router
    }
}
