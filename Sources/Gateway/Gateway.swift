package import CallDomain
package import CallFlow
import HTTPTypes
package import Hummingbird
package import TwilioAdapter
package import UltravoxAdapter

/// Everything the HTTP side needs to know.
package struct GatewayConfiguration: Sendable {
    package var apiKeys: Rotating<[APIKey]>
    /// Whose webhooks are taken.
    package var accountSid: AccountSid
    package var maxCallDuration: Duration
    /// For development: events may be sent to this machine.
    package var deliversToLoopback: Bool
    /// Whether events can be signed for an order's `callback_url`.
    package var takesCallbackURLs: Bool
    /// Web origins that may use the REST API from a browser.
    package var corsOrigins: [String]
    /// `PUBLIC_BASE_URL`.
    package var publicBaseURL: String
    /// Whether the public address is https.
    var isSecure: Bool { publicBaseURL.utf8.starts(with: "https:".utf8) }
    /// Of the gateway, for health.
    package var version: String
    /// Settings by name, as an operator with a key may see them: no secret among them.
    package var shownSettings: Rotating<[ShownSetting]>
    /// Where counters go, and what `/metrics` shows.
    package var metrics: PrometheusRegistry
    /// Orders and changes that one API key may send in a minute, and reads.
    package var changesPerMinute: Int
    package var readsPerMinute: Int
    /// Of the REST API, at the same time.
    package var requestsInHand: Int

    package init(
        apiKeys: Rotating<[APIKey]>,
        accountSid: AccountSid,
        maxCallDuration: Duration,
        deliversToLoopback: Bool = false,
        takesCallbackURLs: Bool = false,
        corsOrigins: [String],
        publicBaseURL: String,
        version: String = "",
        shownSettings: Rotating<[ShownSetting]> = Rotating([]),
        metrics: PrometheusRegistry = PrometheusRegistry(),
        changesPerMinute: Int = 600,
        readsPerMinute: Int = 6000,
        requestsInHand: Int = 5000
    ) {
        self.apiKeys = apiKeys
        self.accountSid = accountSid
        self.maxCallDuration = maxCallDuration
        self.deliversToLoopback = deliversToLoopback
        self.takesCallbackURLs = takesCallbackURLs
        self.corsOrigins = corsOrigins
        self.publicBaseURL = publicBaseURL
        self.version = version
        self.shownSettings = shownSettings
        self.metrics = metrics
        self.changesPerMinute = changesPerMinute
        self.readsPerMinute = readsPerMinute
        self.requestsInHand = requestsInHand
    }
}

/// The REST API and the webhooks, as one router.
package struct Gateway: Sendable {
    private let configuration: GatewayConfiguration
    private let flow: CallFlow
    private let twilioVerifier: Rotating<WebhookVerifier>
    private let ultravoxVerifier: Rotating<UltravoxWebhookVerifier>
    private let urls: WebhookURLs
    private let templates: Rotating<TwiMLTemplates>
    private let cursors: CursorCodec
    private let readiness: Readiness
    private let clock: any TimeSource
    private let random: any RandomBits

    package init(
        configuration: GatewayConfiguration,
        flow: CallFlow,
        twilioVerifier: Rotating<WebhookVerifier>,
        ultravoxVerifier: Rotating<UltravoxWebhookVerifier>,
        urls: WebhookURLs,
        templates: Rotating<TwiMLTemplates>,
        cursors: CursorCodec,
        readiness: Readiness,
        clock: any TimeSource,
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

    /// Everything that is served, and 405 for what is not.
    package func router() -> Router<GatewayContext> {
        let router = servedRoutes()
        router.refuseOtherMethods()
        return router
    }

    /// What is served.
    func servedRoutes() -> Router<GatewayContext> {
        let router = Router(context: GatewayContext.self, options: [.autoGenerateHeadEndpoints])
        router.addMiddleware {
            RequestIdentification(random: random)
            AccessLog()
            RequestMetrics(factory: configuration.metrics)
            SecurityHeaders(isSecure: configuration.isSecure)
            CrossOrigin(origins: Set(configuration.corsOrigins))
            ErrorMapping(clock: clock)
            StartGate(readiness: readiness, clock: clock)
            BodyLimit(limits: ConnectionLimits())
        }
        let refusals = RefusalNotices(clock: clock)
        let health = HealthReport(
            readiness: readiness,
            flow: flow,
            version: configuration.version,
            settings: configuration.shownSettings,
            startedAt: clock.now,
            clock: clock
        )
        HealthController(readiness: readiness, report: health, flow: flow, keys: configuration.apiKeys).addRoutes(
            to: router
        )
        OpenAPIController(
            APIDescription(
                publicBaseURL: configuration.publicBaseURL,
                version: configuration.version,
                maxCallDuration: configuration.maxCallDuration
            )
        ).addRoutes(to: router)
        PageController().addRoutes(to: router)
        TwilioWebhookController(
            flow: flow,
            verifier: twilioVerifier,
            urls: urls,
            templates: templates,
            accountSid: configuration.accountSid,
            refusals: refusals,
            metrics: configuration.metrics
        ).addRoutes(to: router)
        UltravoxWebhookController(
            flow: flow,
            verifier: ultravoxVerifier,
            clock: clock,
            refusals: refusals,
            metrics: configuration.metrics
        ).addRoutes(to: router)
        let api = router.group()
            .add(middleware: LoadShedding(most: configuration.requestsInHand))
            .add(middleware: APIKeyAuthentication(keys: configuration.apiKeys))
            .add(
                middleware: RateLimiting(
                    changesPerMinute: configuration.changesPerMinute,
                    readsPerMinute: configuration.readsPerMinute,
                    clock: clock
                )
            )
            .add(middleware: LookUpThreads())
        AgentController(agents: flow.agents, cursors: cursors).addRoutes(to: api)
        CallController(
            flow: flow,
            cursors: cursors,
            maxCallDuration: configuration.maxCallDuration,
            callbacks: configuration.takesCallbackURLs
                ? CallbackRules(allowsLoopback: configuration.deliversToLoopback) : nil,
            outcomes: OrderOutcomes(factory: configuration.metrics)
        ).addRoutes(to: api)
        EventController(flow: flow, mostStreams: configuration.requestsInHand).addRoutes(to: api)
        SubscriptionController(flow: flow, allowsLoopback: configuration.deliversToLoopback).addRoutes(to: api)
        DeliveryController(flow: flow, cursors: cursors).addRoutes(to: api)
        ErasureController(flow: flow).addRoutes(to: api)
        DialingController(flow: flow).addRoutes(to: api)
        MetricsController(registry: configuration.metrics).addRoutes(to: api)
        // Outside of the group: it takes no API key, but a proof of one.
        ProbeController(
            keys: configuration.apiKeys,
            twilioVerifier: twilioVerifier,
            ultravoxVerifier: ultravoxVerifier,
            urls: urls,
            publicBaseURL: configuration.publicBaseURL,
            accountSid: configuration.accountSid,
            clock: clock
        ).addRoutes(to: router.group())
        DeadLetterController(deadLetters: flow.deadLetters, cursors: cursors).addRoutes(to: api)
        return router
    }
}
