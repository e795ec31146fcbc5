import CallDomain
import CallFlow
import Crypto
import HTTPTypes
import Hummingbird
import Logging
import OutboundHTTP
import TestSupport
import TwilioAdapter
import UltravoxAdapter

@testable import Gateway

/// A gateway with all of its routes, whose vendors cannot be reached.
func wholeGateway(version: String = "1.2.3", publicBaseURL: String = "https://gw.example.com") throws -> Gateway {
    let account = AccountSid("AC0123456789abcdef0123456789abcdef")!
    let number = PhoneNumber("+12025550143")!
    let clock = SetClock()
    let bits = CountedBits()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let flow = CallFlow(
        telephony: TwilioClient(
            configuration: TwilioConfiguration(accountSid: account, credentials: Rotating(.authToken(Secret("token")))),
            urls: WebhookURLs(publicBaseURL: publicBaseURL),
            transport: NoNetwork(),
            logger: logger
        ),
        platform: UltravoxClient(
            apiKey: Rotating(Secret("key")),
            baseURL: "https://api.ultravox.ai",
            callbackURL: { _ in "" },
            transport: NoNetwork(),
            clock: clock,
            logger: logger
        ),
        sender: EventReceivers(),
        clock: clock,
        random: bits,
        background: BackgroundWork(),
        policy: CallPolicy(
            from: number,
            destinations: DestinationPolicy(countryOf: number)!,
            maxConcurrentCalls: 1,
            parallelCallsToNumber: false,
            numberCooldown: .zero,
            callsPerSecond: 1,
            queueMaxWait: .seconds(60),
            queueLimit: 1,
            unconfirmedAfter: .seconds(900),
            maxCallDuration: .seconds(3600),
            retention: .seconds(86_400)
        ),
        logger: logger
    )
    return Gateway(
        configuration: GatewayConfiguration(
            apiKeys: Rotating([APIKey(name: "test", secret: Secret("test-key"))]),
            accountSid: account,
            maxCallDuration: .seconds(3600),
            corsOrigins: [],
            publicBaseURL: publicBaseURL,
            version: version
        ),
        flow: flow,
        twilioVerifier: Rotating(WebhookVerifier(authTokens: [Secret("token")])),
        ultravoxVerifier: Rotating(UltravoxWebhookVerifier(secrets: [Secret("secret")], tolerance: .seconds(60))),
        urls: WebhookURLs(publicBaseURL: publicBaseURL),
        templates: Rotating(try TwiMLTemplates(directory: nil)),
        cursors: CursorCodec(key: .init(size: .bits256)),
        readiness: Readiness(),
        clock: clock,
        random: bits
    )
}

private struct NoNetwork: HTTPTransport {
    func send(_ request: OutboundRequest) async throws(TransportError) -> OutboundResponse {
        throw TransportError(delivery: .notSent, cause: .connect, detail: "there is no network")
    }
}
