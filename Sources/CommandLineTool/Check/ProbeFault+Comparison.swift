import CallDomain
import HTTPTypes

extension ProbeFault {
    /// What lies between `sent` and what arrived of it.
    /// - Returns: `nil` if nothing that matters does.
    init?(sent: ProbeMessage, at time: Timestamp, arrived: ProbeReport, settings: Settings) {
        if let fault = Self.change(sent, arrived) ?? Self.otherBase(settings, arrived)
            ?? Self.otherSecret(settings, arrived, nonce: sent.nonce)
            ?? Self.otherTime(arrived.time, time, settings.ultravoxTimestampTolerance)
        {
            self = fault
        } else {
            return nil
        }
    }

    private static func change(_ sent: ProbeMessage, _ arrived: ProbeReport) -> ProbeFault? {
        let isSigned =
            sent.vendor == .twilio ? arrived.twilioSignatures == 1 : !arrived.isUltravoxHeaderAmiss
        guard isSigned else {
            let name = sent.vendor == .twilio ? "X-Twilio-Signature" : "X-Ultravox-Webhook-…"
            return ProbeFault(.header, "the proxy drops or doubles \(name): let it pass all headers on as they are")
        }
        let target = sent.signed.target
        if arrived.target != target {
            let (path, arrivedPath) = (target.prefix { $0 != "?" }, arrived.target.prefix { $0 != "?" })
            guard path == arrivedPath else {
                return ProbeFault(
                    .path,
                    "the proxy changes it: the gateway got \(arrivedPath) where \(path) was meant"
                )
            }
            return ProbeFault(
                .query,
                "it was changed on the way: the proxy must pass it on as it is, neither decoded, sorted nor cut"
            )
        }
        guard arrived.bodyDigest == ProbeMessage.digest(of: sent.signed.body) else {
            return ProbeFault(.body, "it was changed on the way: the proxy must pass it on byte for byte")
        }
        guard arrived.contentType == sent.signed.headers[.contentType] else {
            return ProbeFault(.header, "the proxy changes Content-Type: let it pass all headers on as they are")
        }
        return nil
    }

    private static func otherBase(_ settings: Settings, _ arrived: ProbeReport) -> ProbeFault? {
        guard arrived.publicBaseURL != settings.publicBaseURL else { return nil }
        let seen =
            "the running gateway has PUBLIC_BASE_URL \(arrived.publicBaseURL), this configuration "
            + "\(settings.publicBaseURL): correct the setting, or restart the gateway"
        guard let theirs = try? BaseURL(arrived.publicBaseURL),
            let ours = try? BaseURL(settings.publicBaseURL)
        else {
            return ProbeFault(.host, seen)
        }
        if theirs.scheme != ours.scheme { return ProbeFault(.scheme, seen) }
        if theirs.host != ours.host { return ProbeFault(.host, seen) }
        if theirs.port != ours.port { return ProbeFault(.port, seen) }
        return ProbeFault(.pathPrefix, seen)
    }

    private static func otherSecret(_ settings: Settings, _ arrived: ProbeReport, nonce: String) -> ProbeFault? {
        guard arrived.accountSid == settings.accountSid.text else {
            return ProbeFault(
                .account,
                "the running gateway has another TWILIO_ACCOUNT_SID than this configuration: correct the setting, or "
                    + "restart the gateway"
            )
        }
        guard
            let unknown = settings.webhookKeys(nonce: nonce).first(where: { !$0.isKnown(to: arrived) })
        else {
            return nil
        }
        return ProbeFault(
            .token,
            "the running gateway has another \(unknown.setting) than this configuration: correct the setting, or send "
                + "the gateway SIGHUP or restart it"
        )
    }

    private static func otherTime(_ theirs: Timestamp, _ ours: Timestamp, _ tolerance: Duration) -> ProbeFault? {
        let difference = theirs > ours ? theirs - ours : ours - theirs
        guard difference > tolerance else { return nil }
        return ProbeFault(
            .clock,
            "the gateway's and this machine's are \(difference.wholeSeconds) s apart, more than "
                + "ULTRAVOX_TIMESTAMP_TOLERANCE: set both, best by NTP"
        )
    }
}

extension ProbeReport {
    fileprivate var isUltravoxHeaderAmiss: Bool {
        ["missing_signature", "missing_timestamp", "repeated_header", "bad_timestamp"].contains(ultravoxVerdict)
    }
}
