import CallDomain
import Gateway
import HTTPTypes
import UltravoxAdapter

extension ProbeFault {
    /// The difference between `sent` and what the gateway reported by `end`.
    /// - Returns: `nil` if there is no relevant difference.
    init?(sent: ProbeMessage, until end: Timestamp, arrived: ProbeReport, settings: Settings) {
        if let fault = Self.change(sent, arrived) ?? Self.otherBase(settings, arrived)
            ?? Self.otherSecret(settings, arrived, sent.proof)
            ?? Self.otherTime(arrived.time, from: sent.time, to: end, settings.ultravoxTimestampTolerance)
            ?? Self.otherTolerance(sent, arrived)
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
            return ProbeFault(.header, "the proxy drops or repeats \(name): it must pass all headers on unchanged")
        }
        let target = sent.signed.target
        if arrived.target != target {
            let (path, arrivedPath) = (target.prefix { $0 != "?" }, arrived.target.prefix { $0 != "?" })
            guard path == arrivedPath else {
                return ProbeFault(
                    .path,
                    "the proxy changes it: the gateway got \(arrivedPath) instead of \(path)"
                )
            }
            return ProbeFault(
                .query,
                "the proxy changes it: it must pass the query on as it is, not decoded, sorted or cut"
            )
        }
        guard arrived.bodyDigest == ProbeMessage.digest(of: sent.signed.body) else {
            return ProbeFault(.body, "the proxy changes it: it must pass the body on byte for byte")
        }
        guard arrived.contentType == sent.signed.headers[.contentType] else {
            return ProbeFault(.header, "the proxy changes Content-Type: it must pass all headers on unchanged")
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

    private static func otherSecret(
        _ settings: Settings,
        _ arrived: ProbeReport,
        _ proof: ProbeProof
    ) -> ProbeFault? {
        guard arrived.accountSid == settings.accountSid.text else {
            return ProbeFault(
                .account,
                "the running gateway has another TWILIO_ACCOUNT_SID than this configuration: correct the setting, or "
                    + "restart the gateway"
            )
        }
        if let unknown = settings.webhookKeys(nonce: proof.nonce).first(where: { !$0.isKnown(to: arrived) }) {
            return ProbeFault(
                .token,
                "the running gateway has another \(unknown.setting) than this configuration: correct the setting, or "
                    + "send the gateway SIGHUP or restart it"
            )
        }
        for key in settings.apiKeys where !arrived.apiKeys.contains(proof.fingerprint(of: key.secret)) {
            return ProbeFault(
                .apiKey,
                "the running gateway does not have the key \(key.name) of API_KEYS: send it SIGHUP or restart it"
            )
        }
        return nil
    }

    /// The gateway's clock differs too much from ours, before and after the request.
    static func otherTime(
        _ theirs: Timestamp,
        from start: Timestamp,
        to end: Timestamp,
        _ tolerance: Duration
    ) -> ProbeFault? {
        let difference = max(start - theirs, theirs - end)
        // Beyond its lifetime the gateway does not believe a proof, whatever it believes of vendors.
        guard difference > min(tolerance, ProbeProof.lifetime) else { return nil }
        let bound = difference > tolerance ? "ULTRAVOX_TIMESTAMP_TOLERANCE" : "the limit for probes"
        return ProbeFault(
            .clock,
            "the gateway's clock and this machine's are \(difference.wholeSeconds) s apart, more than \(bound): set both "
                + "with NTP"
        )
    }

    /// Nothing differs, and yet a message of Ultravox's is too old for the gateway, or too new.
    private static func otherTolerance(_ sent: ProbeMessage, _ arrived: ProbeReport) -> ProbeFault? {
        guard sent.vendor == .ultravox else { return nil }
        let word: String
        switch UltravoxWebhookVerifier.Verdict(rawValue: arrived.ultravoxVerdict) {
        case .staleTimestamp: word = "old"
        case .futureTimestamp: word = "new"
        case .ok, .missingSignature, .missingTimestamp, .repeatedHeader, .badTimestamp, .badSignature, nil: return nil
        }
        return ProbeFault(
            .clock,
            "the gateway finds the timestamp of Ultravox's message too \(word). It may run with a smaller "
                + "ULTRAVOX_TIMESTAMP_TOLERANCE than this configuration (send it SIGHUP), or the delivery takes longer "
                + "than that; set both clocks with NTP"
        )
    }
}

extension ProbeReport {
    /// The secrets that the gateway still accepts and this configuration no longer has, in words. Ultravox secrets that
    /// are kept for calls in progress are not in the report.
    func forgotten(_ settings: Settings, _ proof: ProbeProof) -> [String] {
        let ours = settings.webhookKeys(nonce: proof.nonce)
        func isOurs(_ vendor: Vendor, _ fingerprint: String) -> Bool {
            ours.contains { $0.vendor == vendor && $0.fingerprint == fingerprint }
        }
        let ourAPIKeys = settings.apiKeys.map { proof.fingerprint(of: $0.secret) }
        var forgotten: [String] = []
        if !twilioKeys.allSatisfy({ isOurs(.twilio, $0) }) {
            forgotten.append("an auth token (TWILIO_AUTH_TOKEN, TWILIO_AUTH_TOKEN_SECONDARY)")
        }
        if !ultravoxKeys.allSatisfy({ isOurs(.ultravox, $0) }) {
            forgotten.append("a secret of ULTRAVOX_WEBHOOK_SECRETS")
        }
        if !apiKeys.allSatisfy({ ourAPIKeys.contains($0) }) { forgotten.append("a key of API_KEYS") }
        return forgotten
    }

    fileprivate var isUltravoxHeaderAmiss: Bool {
        ["missing_signature", "missing_timestamp", "repeated_header", "bad_timestamp"].contains(ultravoxVerdict)
    }
}
