import CallDomain
import CallFlow
import Logging
import OutboundHTTP
import TwilioAdapter
import UltravoxAdapter

/// Tests whether the vendors can be reached with the configured credentials, whether the phone number may call and where
/// calls to it go, and whether the agent for callers can take them.
struct VendorChecks: Sendable {
    private let settings: Settings
    private let twilio: TwilioClient
    private let twilioByToken: TwilioClient?
    private let ultravox: UltravoxClient
    private let urls: WebhookURLs
    private let time: VendorTime
    private let twilioCause: LastCause
    private let ultravoxCause: LastCause

    init(settings: Settings, transport: any HTTPTransport, clock: any TimeSource, logger: Logger) {
        let time = VendorTime(transport, clock: clock)
        let (twilioCause, ultravoxCause) = (LastCause(time), LastCause(time))
        let urls = WebhookURLs(publicBaseURL: settings.publicBaseURL)
        func client(_ credentials: TwilioCredentials) -> TwilioClient {
            TwilioClient(
                configuration: TwilioConfiguration(
                    accountSid: settings.accountSid,
                    credentials: Rotating(credentials),
                    baseURL: settings.twilioBaseURL
                ),
                urls: urls,
                transport: twilioCause,
                logger: logger
            )
        }
        self.settings = settings
        self.urls = urls
        self.time = time
        self.twilioCause = twilioCause
        self.ultravoxCause = ultravoxCause
        twilio = client(settings.twilioCredentials)
        if case .apiKey = settings.twilioCredentials, let token = settings.authTokens.first {
            twilioByToken = client(.authToken(token))
        } else {
            twilioByToken = nil
        }
        ultravox = UltravoxClient(
            apiKey: Rotating(settings.ultravoxAPIKey),
            baseURL: settings.ultravoxBaseURL,
            callbackURL: { urls.ultravox(callID: $0) },
            transport: ultravoxCause,
            clock: clock,
            logger: logger
        )
    }

    func findings() async -> [Finding] {
        async let ultravox = ultravoxFindings()
        var findings = await twilioFindings()
        findings += await ultravox
        findings.append(time.finding(tolerance: settings.ultravoxTimestampTolerance))
        return findings
    }

    private func twilioFindings() async -> [Finding] {
        let usesKey = twilioByToken != nil
        do throws(VendorFailure) {
            try await twilio.checkAccess()
        } catch {
            let check = usesKey ? "TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET" : "TWILIO_AUTH_TOKEN"
            return [
                failed("Twilio", error, check: "TWILIO_ACCOUNT_SID, \(check)", at: "TWILIO_BASE_URL"),
                Finding("phone number", .skipped, "not tested, because Twilio was not reached with the credentials"),
            ]
        }
        var findings = [
            Finding("Twilio", .ok, "reachable, accepts \(usesKey ? "the API key" : "the auth token")")
        ]
        if let twilioByToken { findings.append(await tokenFinding(twilioByToken)) }
        return findings + (await numberFindings())
    }

    /// The auth token signs webhooks even where an API key signs in.
    private func tokenFinding(_ client: TwilioClient) async -> Finding {
        do throws(VendorFailure) {
            try await client.checkAccess()
            return Finding("auth token", .ok, "belongs to the account and verifies webhooks")
        } catch {
            return failed(
                "auth token",
                error,
                check: "TWILIO_AUTH_TOKEN, which verifies webhooks",
                at: "TWILIO_BASE_URL"
            )
        }
    }

    private func numberFindings() async -> [Finding] {
        let name = "phone number"
        do throws(VendorFailure) {
            guard let number = try await twilio.ownedNumber(settings.phoneNumber) else {
                guard try await twilio.isVerifiedCallerID(settings.phoneNumber) else {
                    return [
                        Finding(
                            name,
                            .failed,
                            "\(settings.phoneNumber) is neither a number of this account nor a verified caller ID: correct "
                                + "TWILIO_PHONE_NUMBER, buy the number, or verify it (Phone Numbers > Verified Caller IDs "
                                + "in Twilio's console)"
                        )
                    ]
                }
                let verified = Finding(name, .ok, "\(settings.phoneNumber) is a verified caller ID and may call")
                guard settings.inboundAgentID != nil else { return [verified] }
                return [
                    verified,
                    Finding(
                        NumberWebhooks.name,
                        .warning,
                        "calls to a verified caller ID do not reach Twilio, so INBOUND_AGENT_ID answers only other numbers of "
                            + "the account that point to \(urls.number(.voice))"
                    ),
                ]
            }
            guard number.hasVoice else {
                return [
                    Finding(
                        name,
                        .failed,
                        "\(settings.phoneNumber) cannot make calls: set TWILIO_PHONE_NUMBER to a number with voice"
                    )
                ]
            }
            let webhooks = NumberWebhooks(
                number,
                urls: urls,
                publicBaseURL: settings.publicBaseURL,
                hasAgent: settings.inboundAgentID != nil
            )
            return [Finding(name, .ok, "\(settings.phoneNumber) belongs to the account and can make calls")]
                + webhooks.findings
        } catch {
            return [failed(name, error, check: "the permissions of the Twilio API key", at: "TWILIO_BASE_URL")]
        }
    }

    private func ultravoxFindings() async -> [Finding] {
        do throws(VendorFailure) {
            try await ultravox.checkAccess()
        } catch {
            return [failed("Ultravox", error, check: "ULTRAVOX_API_KEY", at: "ULTRAVOX_BASE_URL")]
        }
        let access = Finding("Ultravox", .ok, "reachable, accepts the API key")
        guard let id = settings.inboundAgentID else { return [access] }
        return [access, await agentFinding(id)]
    }

    private func agentFinding(_ id: AgentID) async -> Finding {
        let name = "inbound agent"
        do throws(VendorFailure) {
            let agent = try await ultravox.agent(id, within: CallPolicy.vendorPatience)
            if let fault = agent.inboundFault { return Finding(name, .failed, fault.description) }
            return Finding(name, .ok, "\(agent.configuration.name) takes calls to the number")
        } catch {
            if case .refused(let refusal) = error, refusal.status == 404 {
                return Finding(name, .failed, InboundAgentFault.notFound(id).description)
            }
            return failed(name, error, check: "ULTRAVOX_API_KEY", at: "ULTRAVOX_BASE_URL")
        }
    }

    private func failed(_ name: String, _ failure: VendorFailure, check: String, at origin: String) -> Finding {
        let cure =
            switch failure {
            case .refused where failure.isOfThisGateway: "check \(check)"
            case .refused, .nonsense: "check \(origin): is that really the vendor?"
            case .throttled: "wait a minute and check again"
            case .notSent, .noConnection, .unclear: wayCure(failure.vendor, origin)
            }
        let status = failure.status.map { " (status \($0))" } ?? ""
        return Finding(name, .failed, "\(failure.reason)\(status): \(cure)")
    }

    /// What to look at where there was no answer.
    private func wayCure(_ vendor: Vendor, _ origin: String) -> String {
        let cause =
            switch vendor {
            case .twilio: twilioCause.cause
            case .ultravox: ultravoxCause.cause
            }
        if cause == .tls {
            return settings.upstreamCAFile == nil
                ? "check \(origin); if a proxy of yours intercepts TLS, set UPSTREAM_CA_FILE to its certificate"
                : "check \(origin), and whether UPSTREAM_CA_FILE holds the certificate of the proxy that intercepts TLS"
        }
        return "check the network, \(origin), UPSTREAM_PROXY and the vendor's status page"
    }
}
