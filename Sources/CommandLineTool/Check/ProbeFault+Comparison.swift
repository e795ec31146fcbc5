import CallDomain
import Gateway
import HTTPTypes
import UltravoxAdapter

extension ProbeFault {
    /// What lies between `sent` and what arrived of it, which the gateway told until `end`.
    /// - Returns: `nil` if nothing that matters does.
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

    /// What the gateway's clock showed at some moment between two of ours is too far from both.
    static func otherTime(
        _ theirs: Timestamp,
        from start: Timestamp,
        to end: Timestamp,
        _ tolerance: Duration
    ) -> ProbeFault? {
        let difference = max(start - theirs, theirs - end)
        // Beyond its lifetime the gateway does not believe a proof, whatever it believes of vendors.
        guard difference > min(tolerance, ProbeProof.lifetime) else { return nil }
        let bound = difference > tolerance ? "ULTRAVOX_TIMESTAMP_TOLERANCE" : "a probe may be old"
        return ProbeFault(
            .clock,
            "the gateway's and this machine's are \(difference.wholeSeconds) s apart, more than \(bound): set both, best "
                + "by NTP"
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
            "a message of Ultravox's is too \(word) for the gateway when it arrives: it runs with a smaller "
                + "ULTRAVOX_TIMESTAMP_TOLERANCE than this configuration (send it SIGHUP), or the way takes longer than "
                + "that; set both clocks, best by NTP"
        )
    }
}

extension ProbeReport {
    /// What the gateway still takes and this configuration no longer has, in words. Ultravox's secrets that count for
    /// the calls under way are not in the report.
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
