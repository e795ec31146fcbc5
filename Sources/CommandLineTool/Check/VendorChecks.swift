import CallDomain
import Logging
import OutboundHTTP
import TwilioAdapter
import UltravoxAdapter

/// Tests whether the vendors can be reached with the configured credentials, and whether the phone number is ours.
struct VendorChecks: Sendable {
    private let settings: Settings
    private let twilio: TwilioClient
    private let twilioByToken: TwilioClient?
    private let ultravox: UltravoxClient
    private let time: VendorTime
    private let twilioCause: LastCause
    private let ultravoxCause: LastCause

    init(settings: Settings, transport: any HTTPTransport, clock: any WallClock, logger: Logger) {
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
        async let ultravox = ultravoxFinding()
        var findings = await twilioFindings()
        findings.append(await ultravox)
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
                Finding("phone number", .skipped, "Twilio must take the credentials first"),
            ]
        }
        var findings = [
            Finding("Twilio", .ok, "reachable, and takes \(usesKey ? "the API key" : "the auth token")")
        ]
        if let twilioByToken { findings.append(await tokenFinding(twilioByToken)) }
        findings.append(await numberFinding())
        return findings
    }

    /// The auth token signs webhooks even where an API key signs in.
    private func tokenFinding(_ client: TwilioClient) async -> Finding {
        do throws(VendorFailure) {
            try await client.checkAccess()
            return Finding("auth token", .ok, "is the account's: it verifies webhooks")
        } catch {
            return failed(
                "auth token",
                error,
                check: "TWILIO_AUTH_TOKEN, which verifies webhooks",
                at: "TWILIO_BASE_URL"
            )
        }
    }

    private func numberFinding() async -> Finding {
        do throws(VendorFailure) {
            guard let number = try await twilio.ownedNumber(settings.phoneNumber) else {
                return Finding(
                    "phone number",
                    .failed,
                    "\(settings.phoneNumber) is not a number of this account: correct TWILIO_PHONE_NUMBER, or buy the "
                        + "number in Twilio's console"
                )
            }
            guard number.hasVoice else {
                return Finding(
                    "phone number",
                    .failed,
                    "\(settings.phoneNumber) cannot make calls: set TWILIO_PHONE_NUMBER to a number with voice"
                )
            }
            return Finding("phone number", .ok, "\(settings.phoneNumber) belongs to the account and can make calls")
        } catch {
            return failed(
                "phone number",
                error,
                check: "the permissions of the Twilio API key",
                at: "TWILIO_BASE_URL"
            )
        }
    }

    private func ultravoxFinding() async -> Finding {
        do throws(VendorFailure) {
            try await ultravox.checkAccess()
            return Finding("Ultravox", .ok, "reachable, and takes the API key")
        } catch {
            return failed("Ultravox", error, check: "ULTRAVOX_API_KEY", at: "ULTRAVOX_BASE_URL")
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
                ? "check \(origin); if a proxy of yours opens TLS on the way, set UPSTREAM_CA_FILE to its certificate"
                : "check \(origin), and whether UPSTREAM_CA_FILE holds the certificate of whoever opens TLS on the way"
        }
        return "check the network, \(origin), UPSTREAM_PROXY and the vendor's status page"
    }
}
