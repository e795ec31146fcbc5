import CallDomain
import HTTPTypes
import OutboundHTTP
import TwilioAdapter
import UltravoxAdapter

/// Tests whether the vendors can be reached with the configured credentials.
struct VendorChecks: Sendable {
    let settings: Settings
    let twilio: TwilioClient
    let ultravox: UltravoxClient
    let transport: any HTTPTransport
    let clock: any WallClock

    /// From here on a clock deserves a look; beyond the tolerance Ultravox's webhooks are refused.
    private static let noticeableDrift = Duration.seconds(30)

    func findings() async -> [Finding] {
        async let clock = clockFinding()
        async let ultravox = ultravoxFinding()
        let twilio = await twilioFinding()
        let number: Finding =
            twilio.outcome == .ok
            ? await numberFinding()
            : Finding("phone number", .skipped, "Twilio must be reachable first")
        return [twilio, number, await ultravox, await clock]
    }

    private func twilioFinding() async -> Finding {
        do throws(VendorFailure) {
            try await twilio.checkAccess()
            return Finding("Twilio", .ok, "reachable, and takes these credentials")
        } catch {
            return failure("Twilio", error, "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN or the API key")
        }
    }

    private func ultravoxFinding() async -> Finding {
        do throws(VendorFailure) {
            try await ultravox.checkAccess()
            return Finding("Ultravox", .ok, "reachable, and takes this key")
        } catch {
            return failure("Ultravox", error, "ULTRAVOX_API_KEY")
        }
    }

    private func numberFinding() async -> Finding {
        do throws(VendorFailure) {
            let isOurs = try await twilio.owns(settings.phoneNumber)
            guard isOurs else {
                return Finding(
                    "phone number",
                    .failed,
                    "TWILIO_PHONE_NUMBER is not a number of this account: buy it there, or correct the setting"
                )
            }
            return Finding("phone number", .ok, "belongs to the account")
        } catch {
            return failure("phone number", error, "the permissions of the Twilio API key")
        }
    }

    private func failure(_ name: String, _ failure: VendorFailure, _ credentials: String) -> Finding {
        if failure.isOfThisGateway {
            return Finding(name, .failed, "refuses this gateway (\(failure.reason)): check \(credentials)")
        }
        return Finding(
            name,
            .failed,
            "\(failure.reason): check the network, UPSTREAM_PROXY and the vendor's status page"
        )
    }

    /// Compares our clock with the `Date` of a vendor's answer, whatever that says.
    private func clockFinding() async -> Finding {
        let request = OutboundRequest(method: .get, url: settings.twilioBaseURL + "/")
        let before = clock.now
        guard let answer = try? await transport.send(request),
            let theirs = answer.headers[.date].flatMap({ Timestamp(rfc2822: $0) })
        else { return Finding("clock", .skipped, "no vendor told the time") }
        // `Date` has whole seconds.
        let middle = before + (clock.now - before) / 2
        let drift = theirs > middle ? theirs - middle : middle - theirs
        let text = "\(drift.wholeSeconds) s from the vendor's"
        if drift > settings.ultravoxTimestampTolerance {
            return Finding("clock", .failed, "\(text): webhooks of Ultravox will be refused; set the clock (NTP)")
        }
        if drift > Self.noticeableDrift { return Finding("clock", .warning, "\(text): set the clock (NTP)") }
        return Finding("clock", .ok, text)
    }
}
