import CallDomain
import CallFlow
import CallStorage
import Crypto
import CurlTransport
import EventDelivery
import Foundation
import Gateway
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import TwilioAdapter
import UltravoxAdapter

/// A whole gateway, put together from settings: the one place where every part meets.
struct GatewayProcess {
    /// In the order of their start; they stop in the reverse order.
    let services: [any Service]
    let credentials: Credentials
    private let port: AsyncStream<Int>
    /// The channel that listens, once it does.
    private let listener: AsyncStream<any Channel>
    private let endPause: AsyncStream<Void>.Continuation

    /// One for each request that may be in flight, so that none waits within the transport, and a few for probes.
    private static let connectionsPerVendor = CallFlow.requestsPerVendor + 4

    init(settings: Settings, logger: Logger) throws {
        let clock = SystemClock()
        let random = SystemRandomBits()
        let metrics = PrometheusRegistry()
        let engine = try CurlEngine(
            configuration: CurlConfiguration(
                additionalCAFile: settings.upstreamCAFile,
                proxy: settings.upstreamProxy,
                maximumConnections: Self.connectionsPerVendor * 2,
                maximumConnectionsPerHost: Self.connectionsPerVendor
            ),
            logger: logger,
            metricsFactory: metrics
        )
        // Receivers of events are strangers: what one of them does must not hold up a vendor, and where they are is checked.
        let mayBeLoopback = settings.environment == .development
        let deliveryEngine = try CurlEngine(
            configuration: CurlConfiguration(
                maximumConnections: DeliveryDriver.mostAtOnce,
                maximumConnectionsPerHost: DeliveryDriver.mostAtOnce,
                peerAddresses: mayBeLoopback ? .publicOrLoopback : .publicOnly
            ),
            logger: logger,
            metricsFactory: metrics
        )
        let urls = WebhookURLs(publicBaseURL: settings.publicBaseURL)
        let credentials = Credentials(settings)
        self.credentials = credentials
        let background = BackgroundWork()
        let journal = try OpenJournal(settings.journal, logger: logger)
        let flow = CallFlow(
            journal: journal.journal,
            telephony: TwilioClient(
                configuration: .init(
                    accountSid: settings.accountSid,
                    credentials: credentials.twilio,
                    baseURL: settings.twilioBaseURL
                ),
                urls: urls,
                transport: engine,
                logger: logger
            ),
            platform: UltravoxClient(
                apiKey: credentials.ultravoxAPIKey,
                baseURL: settings.ultravoxBaseURL,
                callbackURL: { urls.ultravox(callID: $0) },
                transport: engine,
                clock: clock,
                logger: logger
            ),
            sender: WebhookSender(transport: deliveryEngine, clock: clock) { $0.body },
            clock: clock,
            random: random,
            background: background,
            policy: CallPolicy(
                from: settings.phoneNumber,
                destinations: settings.destinations,
                maxConcurrentCalls: settings.maxConcurrentCalls,
                maxCallsPerDay: settings.maxCallsPerDay,
                parallelCallsToNumber: settings.parallelCallsToNumber,
                numberCooldown: settings.numberCooldown,
                callsPerSecond: settings.callsPerSecond,
                queueMaxWait: settings.queueMaxWait,
                queueLimit: settings.queueLimit,
                unconfirmedAfter: settings.unconfirmedAfter,
                maxCallDuration: settings.maxCallDuration,
                retention: settings.callRetention,
                maximumCalls: settings.maxCallsInMemory,
                inboundAgentID: settings.inboundAgentID
            ),
            logger: logger,
            callbackSecret: { settings.orderCallbackSecret }
        )
        flow.checkInboundAgent()
        let templates = Rotating(try TwiMLTemplates(directory: settings.twimlDirectory))
        let connections = FileDescriptorLimit.connections(wanted: settings.maxConnections)
        if connections < settings.maxConnections {
            credentials.show(SettingCatalogue.maxConnections.entry.name, as: "\(connections)")
            logger.warning(
                "the system's limit of open files allows fewer connections than MAX_CONNECTIONS",
                metadata: ["connections": "\(connections)"]
            )
        }
        let readiness = Readiness()
        metrics.addGauges(of: flow, version: Switchboard.version)
        metrics.addProcessGauges()
        let gateway = Gateway(
            configuration: GatewayConfiguration(
                apiKeys: credentials.apiKeys,
                accountSid: settings.accountSid,
                maxCallDuration: settings.maxCallDuration,
                deliversToLoopback: mayBeLoopback,
                takesCallbackURLs: settings.orderCallbackSecret != nil,
                corsOrigins: settings.corsOrigins,
                publicBaseURL: settings.publicBaseURL,
                version: Switchboard.version,
                shownSettings: credentials.shownSettings,
                metrics: metrics,
                changesPerMinute: settings.rateLimitPerMinute,
                readsPerMinute: settings.readLimitPerMinute,
                // Requests that wait for a vendor leave the other half of the connections to webhooks.
                requestsInHand: max(1, connections / 2)
            ),
            flow: flow,
            twilioVerifier: credentials.twilioVerifier,
            ultravoxVerifier: credentials.ultravoxVerifier,
            urls: urls,
            templates: templates,
            cursors: CursorCodec(key: Self.cursorKey(settings)),
            readiness: readiness,
            clock: clock,
            random: random
        )
        let (port, announcePort) = AsyncStream.makeStream(of: Int.self)
        self.port = port
        let (listener, announceChannel) = AsyncStream.makeStream(of: (any Channel).self)
        self.listener = listener
        let (pauseEnd, endPause) = AsyncStream.makeStream(of: Void.self)
        self.endPause = endPause
        var limits = ConnectionLimits()
        limits.idleTime = settings.keepAlive
        let application = Application(
            router: StreamAnswers(gateway.router()),
            server: .gateway(
                limits: limits,
                refused: RefusedMessages(factory: metrics),
                isDraining: { readiness.state == .draining }
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port),
                backlog: 1024,
                availableConnectionsDelegate: .maximum(connections, logger: logger)
            ),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? settings.port
                credentials.show(SettingCatalogue.port.entry.name, as: "\(port)")
                readiness.begin()
                logger.info(
                    "listening",
                    metadata: [
                        "host": "\(settings.host)", "port": "\(port)", "public.base.url": "\(settings.publicBaseURL)",
                        "version": "\(Switchboard.version)",
                    ]
                )
                announcePort.yield(port)
                announceChannel.yield(channel)
            },
            logger: logger
        )
        var services: [any Service] = [
            journal, SnapshotKeeper(flow: flow),
            StopReport(flow: flow, logger: logger),
            Recovery(flow: flow, readiness: readiness, clock: clock, logger: logger),
            engine, deliveryEngine, background, flow.deliveries, flow.queue, Housekeeping(flow: flow, clock: clock),
            VendorWatch(flow: flow, clock: clock),
            Listener(
                application: application,
                settings: settings,
                announceEnd: {
                    announcePort.finish()
                    announceChannel.finish()
                }
            ),
            flow.events,
            Drain(
                readiness: readiness,
                flow: flow,
                pause: min(settings.shutdownGrace / 4, Self.longestDrain),
                pauseEnd: pauseEnd,
                clock: clock,
                logger: logger
            ),
        ]
        if settings.environment == .development, let directory = settings.twimlDirectory {
            services.insert(
                TemplatesReload(directory: directory, templates: templates, clock: clock, logger: logger),
                at: 0
            )
        }
        self.services = services
    }

    /// Waits until connections are taken.
    ///
    /// Returns the TCP port; throws ``NotListening`` if the services ended before.
    @discardableResult
    func listening() async throws -> Int {
        for await port in port { return port }
        throw NotListening()
    }

    /// Ends the pause of a graceful stop, and returns when no more connections are taken, or when it is cancelled.
    ///
    /// Hummingbird's server, if it is cancelled while it still listens, takes that for a fault and logs errors.
    func stopListening() async {
        endPause.finish()
        for await channel in listener {
            // A wait for the future itself would not end with the task's cancellation.
            let (closed, announce) = AsyncStream.makeStream(of: Void.self)
            channel.closeFuture.whenComplete { _ in announce.finish() }
            for await _ in closed {}
            break
        }
    }

    struct NotListening: Error, CustomStringConvertible {
        var description: String { "the gateway stopped before it accepted connections" }
    }

    /// Long enough for load balancers to notice, which look every few seconds.
    private static let longestDrain = Duration.seconds(5)

    /// Cursors stay good over restarts and on every replica as long as the API keys do.
    private static func cursorKey(_ settings: Settings) -> SymmetricKey {
        var digest = SHA256()
        digest.update(data: Data("switchboard cursors".utf8))
        for key in settings.apiKeys { digest.update(data: Data("\u{0}\(key.secret.exposed)".utf8)) }
        return SymmetricKey(data: digest.finalize())
    }
}
