package import CallDomain

/// A verified webhook of Twilio, read.
package struct TwilioWebhook: Sendable, Equatable {
    /// The kinds of webhook; the raw value is the last component of the path.
    package enum Kind: String, Sendable, CaseIterable {
        case voice
        case fallback
        case status
        case amd
        case stream
        case recording
    }

    /// What a verified message comes to.
    package enum Reading: Sendable, Equatable {
        case useful(TwilioWebhook)
        case useless(UselessWebhook)
        /// It is of another account, or does not say of which: to be refused like a wrong signature.
        case foreignAccount
    }

    /// Our id of the call, from `call` in the signed URL; `nil` if it has none, as for inbound calls.
    package let claimed: CallID?
    /// One of `statusReported`, `voiceRequested`, `fallbackRequested`, `machineDetected`, `streamReported` and
    /// `recordingReported`, by the kind of the webhook.
    package let fact: CallFact

    /// Reads a message whose signature has been verified.
    /// - Parameters:
    ///   - kind: by the path.
    ///   - query: raw, without `?`; `nil` or empty if the target has none.
    ///   - form: the body of a POST; `nil` for GET, whose parameters stand in the query, behind ours.
    ///   - account: the only account whose messages we take.
    /// - Returns: the fact, or why there is none.
    package static func read(
        _ kind: Kind,
        query: (some StringProtocol)?,
        form: FormParameters?,
        account: AccountSid
    ) -> Reading {
        let parameters = form ?? query.map { FormParameters(query: $0) } ?? FormParameters([])
        let accounts = parameters.values(of: "AccountSid")
        guard !accounts.isEmpty, accounts.allSatisfy({ Secret.matches($0.utf8, account.text.utf8) }) else {
            return .foreignAccount
        }
        do {
            var readable = try WebhookParameters(parameters)
            let claimed = try claimedCall(query)
            // Where the URL claims nothing, its claim may have been shifted into the form.
            if claimed == nil { try readable.refuseShiftedClaim() }
            return .useful(TwilioWebhook(claimed: claimed, fact: try fact(kind, &readable)))
        } catch {
            return .useless(error)
        }
    }

    private static func claimedCall(_ query: (some StringProtocol)?) throws(UselessWebhook) -> CallID? {
        switch query.map({ ClaimedCall(query: $0) }) {
        case nil, .some(.none): return nil
        case .id(let id): return id
        case .malformed: throw .malformedCallID
        }
    }

    private static func fact(
        _ kind: Kind,
        _ parameters: inout WebhookParameters
    ) throws(UselessWebhook) -> CallFact {
        switch kind {
        case .voice: .voiceRequested(try VoiceRequest(&parameters))
        case .fallback: .fallbackRequested(try FallbackRequest(&parameters))
        case .status: .statusReported(try StatusReport(&parameters))
        case .amd: .machineDetected(try MachineDetectionReport(&parameters))
        case .stream: .streamReported(try StreamReport(&parameters))
        case .recording: .recordingReported(try RecordingReport(&parameters))
        }
    }
}
