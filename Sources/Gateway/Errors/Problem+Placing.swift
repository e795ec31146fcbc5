import CallDomain
import CallFlow
import HTTPTypes

extension Problem {
    init(_ failure: PlacingFailure) {
        switch failure {
        case .destinationNotAllowed(let reason):
            let advice =
                if case .countryNotAllowed = reason {
                    "The operator can add the country to ALLOWED_COUNTRIES. Nobody was called."
                } else {
                    "Check the number. Nobody was called."
                }
            self.init(.destinationNotAllowed, "The gateway does not call this number: \(reason). \(advice)")
        case .numberMisspelt(let fault): self = .validation([FieldError("phone_number", "\(fault)")])
        case .numberIsOurs:
            self = .validation([
                FieldError("phone_number", "is the number that would call (from, or TWILIO_PHONE_NUMBER): send another")
            ])
        case .rail(let refusal): self.init(refusal)
        case .numberBusy(let id, let busy):
            let cooldown = busy.cooldown > .zero ? " NUMBER_COOLDOWN counts from its end." : ""
            self = Problem(.numberBusy, "\(Self.numberBusy) \(busy.phase.sentence)\(cooldown)")
                .retryAfter(busy.wait).with(callID: id)
        case .queueFull(let retryAfter):
            self = Problem(
                .queueFull,
                "The queue is full, or the order would wait longer than QUEUE_MAX_WAIT. Nobody was called; try again "
                    + "later. The operator sets CALLS_PER_SECOND, QUEUE_MAX_WAIT and QUEUE_LIMIT."
            ).retryAfter(retryAfter)
        case .dialingDisabled(let reason, let callID):
            let why = reason.map { ": \($0)" } ?? ""
            self = Problem(
                .dialingDisabled,
                "Dialing is switched off\(why). Nobody was called; PUT /dialing switches dialing on again."
            ).retryAfter(.seconds(30)).with(callID: callID)
        case .draining(let callID):
            self = Problem(.draining, "This gateway is stopping; nobody was called. Send the order again shortly.")
                .retryAfter(.seconds(5)).with(callID: callID)
        case .agentNotFound(let id, let callID):
            self = .notFound("Agent \(id) does not exist. GET /agents lists all agents.").with(callID: callID)
        case .agentIsDraft(let id, let callID):
            self = .validation([
                FieldError("agent_id", "agent \(id) is a draft without a published template; PUT /agents/\(id) first")
            ]).with(callID: callID)
        case .contextDoesNotFit(let problems, let callID):
            self = .validation(problems.map { FieldError("template_context.\($0.variable)", $0.reason) })
                .with(callID: callID)
        case .keyTaken(let state): self = Problem(state)
        case .journal(let failure):
            guard failure.mayBeWritten else {
                self.init(failure)
                return
            }
            self = Problem(
                .journalUnavailable,
                "The gateway could not write this order to its journal. Nobody was called so far, but the gateway may "
                    + "still place it after its restart. Before you order anew, repeat it with the same "
                    + "Idempotency-Key, or look for it with GET /calls."
            ).retryAfter(.seconds(30))
        case .vendor(let failure, let callID):
            self = Problem(failure, callID: callID)
            if case .refused = failure { detail += " Nobody was called." }
        }
    }

    /// What is said to a request whose key is another's.
    init(_ state: KeyState) {
        switch state {
        case .otherRequest:
            self.init(
                .idempotencyKeyReused,
                "This Idempotency-Key was used before with another path or body. Use a new key."
            )
        case .erased:
            self = .notFound(
                "The call of this Idempotency-Key was erased, and the answer with it. Nobody was called. Use a new key."
            )
        case .inProgress, .replay, .free:
            self = Problem(
                .idempotencyInProgress,
                "The first request with this Idempotency-Key is in progress; repeat it later."
            ).retryAfter(.seconds(1))
        }
    }

    /// What could not be made durable was not done; what was being written when the journal failed, the next start may find.
    init(_ failure: JournalFailure) {
        self = Problem(
            .journalUnavailable,
            failure.mayBeWritten
                ? "The gateway could not write this to its journal, so it did nothing so far. It may do it after its "
                    + "restart; look then, or send it again."
                : "The gateway cannot write its journal, so it did nothing. The log says what the operator must do; try "
                    + "again later."
        ).retryAfter(.seconds(30))
    }

    private init(_ refusal: RailRefusal) {
        switch refusal {
        case .numberBusy(let id):
            self = Problem(.numberBusy, Self.numberBusy).retryAfter(.seconds(60)).with(callID: id)
        case .coolingDown(let rest):
            self = Problem(
                .tooManyCalls,
                "This number was called recently. NUMBER_COOLDOWN sets the time until it may be called again."
            ).retryAfter(rest)
        case .tooManyCalls(let limit):
            self = Problem(
                .tooManyCalls,
                "\(limit) calls are in progress, the maximum set by MAX_CONCURRENT_CALLS. Try again when one has ended."
            ).retryAfter(.seconds(10))
        case .tooManyCallsToday(let limit, let rest):
            self = Problem(
                .tooManyCalls,
                "\(limit) calls were placed today (UTC), the maximum set by MAX_CALLS_PER_DAY. Try again tomorrow."
            ).retryAfter(rest)
        }
    }

    private static let numberBusy =
        "A call to this number is in progress (call_id). Nobody was called. Wait until it ends, or hang it up. "
        + "PARALLEL_CALLS_TO_NUMBER=true allows several calls."
}

extension BusyNumber.Phase {
    /// What `Retry-After` is made of.
    fileprivate var sentence: String {
        switch self {
        case .waiting: "It waits for its turn: Retry-After is the time by which it is dialed and has rung out."
        case .ringing: "It rings: Retry-After is the time by which it is answered or over."
        case .unproven:
            "Nothing proves yet that it rings: Retry-After is the time by which it is given up (UNCONFIRMED_AFTER)."
        case .talking:
            "It is answered: Retry-After is the longest that it can last. It may end sooner: GET /calls/{call_id}."
        case .overdue:
            "It should be over, but its end was not told: POST /calls/{call_id}/hangup asks Twilio."
        }
    }
}
