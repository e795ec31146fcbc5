import CallDomain
import Logging

extension CallError {
    init(_ failure: VendorFailure) {
        let source: Source = failure.vendor == .twilio ? .twilio : .ultravox
        switch failure {
        case .notSent: self.init(source: .gateway, code: "not_sent", message: failure.reason)
        case .noConnection: self.init(source: .gateway, code: "upstream_busy", message: failure.reason)
        case .refused(let refusal), .throttled(let refusal, _):
            self.init(source: source, code: String(refusal.code ?? refusal.status), message: refusal.message)
        case .unclear(_, let status, let reason):
            self.init(source: source, code: status.map(String.init) ?? "no_answer", message: reason)
        case .nonsense(_, let status, let reason): self.init(source: source, code: String(status), message: reason)
        }
    }
}

extension CallError {
    /// Why an order does not fit its agent any more when its turn comes.
    init(changeOfAgent failure: PlacingFailure) {
        func changed(_ what: String) -> CallError {
            CallError(source: .gateway, code: "agent_changed", message: "while the order waited, \(what)")
        }
        switch failure {
        case .vendor(let failure, _): self.init(failure)
        case .agentNotFound(let id, _): self = changed("agent \(id) was deleted: order the call with another agent")
        case .agentIsDraft(let id, _):
            self = changed("agent \(id) became a draft: PUT /agents/\(id), then order the call again")
        case .contextDoesNotFit(let problems, _):
            let list = problems.map { "template_context.\($0.variable): \($0.reason)" }.joined(separator: "; ")
            self = changed("the agent's template variables changed: \(list)")
        case .destinationNotAllowed, .numberMisspelt, .numberIsOurs, .rail, .numberBusy, .queueFull, .dialingDisabled,
            .draining, .keyTaken, .journal:
            self = changed("it became impossible to place")
        }
    }
}

extension VendorFailure {
    /// What to do after `.noConnection`; for operators and clients.
    package static let adviceWithoutConnection =
        "Send it again after a few seconds; the vendor answers slowly, or too many requests are sent at the same time."

    /// What a log may hold of it: a vendor's own words, which may quote what it was sent, stay out. `reason` and
    /// `advice` are ours.
    var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["vendor": "\(vendor.rawValue)"]
        if let status { metadata["http.status"] = "\(status)" }
        if let code { metadata["vendor.code"] = "\(code)" }
        switch self {
        case .noConnection:
            metadata["reason"] = "\(reason)"
            metadata["advice"] = "\(VendorFailure.adviceWithoutConnection)"
        case .notSent, .unclear, .nonsense:
            metadata["reason"] = "\(reason)"
            metadata["advice"] = "Check the network, UPSTREAM_PROXY and the vendor's status page."
        case .refused(let refusal):
            metadata["reason"] = "\(refusal.meaning.reason)"
            metadata["advice"] = "\(refusal.meaning.advice)"
        case .throttled:
            metadata["reason"] = "the vendor asks to slow down"
            metadata["advice"] = "Send the order again later. Other programs with this account count, too."
        }
        return metadata
    }

    /// How long Twilio asks to leave it alone, for whichever order.
    var askedWait: Duration? {
        switch self {
        case .throttled(_, let retryAfter): retryAfter ?? DialAttempt.shortestPause
        case .refused(let refusal): refusal.meaning.mistake == .notNow ? refusal.meaning.wait : nil
        case .notSent, .noConnection, .unclear, .nonsense: nil
        }
    }

    /// How loudly the failure of an order is told: what the operator must mend is a warning.
    var logLevel: Logger.Level {
        switch self {
        case .notSent, .unclear, .nonsense: .warning
        case .throttled, .noConnection: .info
        case .refused(let refusal):
            switch refusal.meaning.mistake {
            case .client, .notNow: .info
            case .setup, .account, .gateway: .warning
            }
        }
    }

    /// A refusal of the number that calls is the client's to mend, where the client has chosen that number.
    func blamingClient(forChoosing isClientsChoice: Bool) -> VendorFailure {
        guard isClientsChoice, case .refused(var refusal) = self, refusal.meaning.isAboutCaller else { return self }
        refusal.meaning.mistake = .client
        refusal.meaning.advice = "Leave out `from`, or name a number that the account may call from."
        return .refused(refusal)
    }
}
