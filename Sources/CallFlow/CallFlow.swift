package import CallDomain
package import Logging

/// What happens to calls, and in what order.
///
/// Facts come in (an order, a vendor's answer, a webhook), are merged into the call's history, and the difference
/// between the state before and after decides what to do next. Talks to ports alone.
package final class CallFlow: Sendable {
    let store: any CallStore
    let telephony: GuardedTelephony
    let platform: GuardedPlatform
    let clock: any TimeSource
    let random: any RandomBits
    let background: BackgroundWork
    let policy: CallPolicy
    let logger: Logger
    let twilioGuard: VendorGuard
    let ultravoxGuard: VendorGuard
    let rails: Rails
    package let queue: DialDriver
    let undialed = UndialedCalls()
    let unproven = UnprovenCalls()
    let ending = EndingCalls()
    let held = HeldMessages()
    let discarded = DiscardedConversations()
    let conversations = SingleFlight<CallID, VoiceAnswer>()
    package let dialing: DialingSwitch
    package let agents: AgentDirectory
    package let deadLetters: DeadLetters
    package let idempotencyKeys: IdempotencyKeys

    package init(
        store: any CallStore,
        telephony: any Telephony,
        platform: any AgentPlatform,
        clock: any TimeSource,
        random: any RandomBits,
        background: BackgroundWork,
        policy: CallPolicy,
        logger: Logger,
        permits: PermitLimits = .init()
    ) {
        self.store = store
        self.clock = clock
        self.random = random
        self.background = background
        self.policy = policy
        self.logger = logger
        let queue = DialDriver(policy.queueLimits, clock: clock)
        self.queue = queue
        func vendorGuard(_ vendor: Vendor) -> VendorGuard {
            VendorGuard(vendor, limits: permits, clock: clock, random: random, logger: logger) { isOpen in
                queue.vendor(vendor, isDown: isOpen)
            }
        }
        twilioGuard = vendorGuard(.twilio)
        ultravoxGuard = vendorGuard(.ultravox)
        self.telephony = GuardedTelephony(telephony: telephony, vendor: twilioGuard)
        self.platform = GuardedPlatform(platform: platform, vendor: ultravoxGuard)
        rails = Rails(policy.railLimits)
        dialing = DialingSwitch(clock: clock)
        agents = AgentDirectory(platform: self.platform, clock: clock)
        deadLetters = DeadLetters(clock: clock)
        idempotencyKeys = IdempotencyKeys(clock: clock)
    }

    /// How many requests may be in flight to one vendor, those that are not probes: the transport must have a connection for
    /// each of them.
    package static let requestsPerVendor = PermitLimits().all

    /// The known state of the vendors.
    package var vendors: [VendorGuard] { [twilioGuard, ultravoxGuard] }

    /// How many calls take part in `MAX_CONCURRENT_CALLS`.
    package var activeCalls: Int { rails.activeCalls }

    /// The number of calls that have not ended, inbound calls included, without those that are `unconfirmed`.
    package var callsInProgress: Int {
        store.counts.reduce(0) { $1.key.isTerminal || $1.key == .unconfirmed ? $0 : $0 + $1.value }
    }

    /// How many calls are known, by status.
    package var callCounts: [CallStatus: Int] { store.counts }

    /// How many orders wait to be dialed.
    package var queueDepth: Int { queue.depth }

    package func call(_ id: CallID) -> Call? { store.call(id) }

    package func callID(of sid: CallSid) -> CallID? { store.callID(of: sid) }

    package func history(of id: CallID) -> CallHistory? { store.history(of: id) }

    package func calls(matching filter: CallFilter, limit: Int, after cursor: CallCursor?) -> CallListPage {
        store.calls(matching: filter, limit: limit, after: cursor)
    }

    /// What was said in a call, one page of it, from the agent platform; empty if nobody ever talked.
    package func transcript(
        of call: Call,
        limit: Int,
        cursor: String?
    ) async throws(VendorFailure) -> ConversationPage {
        let nothing = ConversationPage(messages: [], nextCursor: nil)
        guard let id = call.ultravoxCallID else { return nothing }
        do {
            return try await platform.messages(
                of: id,
                joinedAt: call.conversation?.joinedAt,
                limit: limit,
                cursor: cursor
            )
        } catch .refused(let refusal) where refusal.status == 404 && call.conversation?.joinedAt == nil {
            // A conversation that nobody joined is deleted when its call ends.
            return nothing
        }
    }

    /// Takes one fact in: the single way by which any call changes.
    @discardableResult
    func record(_ fact: CallFact, of id: CallID, receivedAt: Timestamp? = nil) -> EventOutcome {
        let outcome = store.apply(CallEvent(callID: id, receivedAt: receivedAt ?? clock.now, fact: fact))
        if case .applied(let before, let after) = outcome { changed(from: before, to: after) }
        return outcome
    }

    /// Decides what a change calls for.
    private func changed(from before: Call?, to after: Call) {
        if before?.status != after.status {
            // That the request to dial is on its way is no news; that its outcome is unknown has a line of its own.
            logger.log(
                level: after.status == .unknown ? .debug : .info,
                "call status changed",
                metadata: after.logMetadata(before: before)
            )
        }
        rails.follow(after.id, now: clock.now) { store.call(after.id) }
        discardUnjoined(from: before, to: after)
        if before?.names != after.names { receiveHeld(about: after.names) }
        guard let sid = after.callSid, !after.status.isTerminal else { return }
        let askedFor = after.hangUpRequested && before?.callSid == nil
        let machine =
            after.order?.machineDetection == .hangUp && after.isMachine == true && before?.isMachine != true
        if askedFor || machine { keepEnding(sid, of: after.id, after: nil) }
    }
}

extension Call {
    /// What log lines say of a call.
    package func logMetadata(before: Call? = nil) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["call.id": "\(id)", "call.status": "\(status.rawValue)"]
        // A dial whose outcome has not come yet is no doubtful one.
        if let before, before.status != .unknown || before.error != nil {
            metadata["call.status.before"] = "\(before.status.rawValue)"
        }
        if let error {
            metadata["error.source"] = "\(error.source.rawValue)"
            if let code = error.code { metadata["error.code"] = "\(code)" }
        }
        if let callSid { metadata["call.sid"] = "\(callSid)" }
        if let phoneNumber { metadata["phone.number"] = "\(PhoneNumber.masked(phoneNumber))" }
        if let duration { metadata["call.duration.s"] = "\(duration)" }
        if let correlationID = order?.correlationID { metadata["correlation.id"] = "\(correlationID)" }
        return metadata
    }

    /// Runs `body` so that every log line that it causes names the call.
    func logged<Value: Sendable>(_ body: () async -> Value) async -> Value {
        await LogContext.adding(logNames) { await body() }
    }

    /// What log lines about the call carry; see ``LogContext``.
    package var logNames: [String: String] {
        var names = ["call.id": id.text]
        names["correlation.id"] = order?.correlationID
        return names
    }
}
