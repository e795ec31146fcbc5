package import CallDomain
package import CallStorage
package import Logging
import Synchronization

/// What happens to calls, and in what order.
///
/// Facts come in (an order, a vendor's answer, a webhook) and are committed to the ledger; what each call then needs is a
/// function of its state. This puts the parts together: placing, intake, hanging up and voice. Talks to ports alone.
package final class CallFlow: Sendable {
    let ledger: Ledger
    let duties: Duties
    let placing: Placing
    let intake: Intake
    let hangingUp: HangingUp
    let erasing: Erasing
    let erasures: ErasureDuties
    let voice: Voice
    /// To be run as a service.
    package let queue: DialDriver
    let platform: GuardedPlatform
    let telephony: GuardedTelephony
    let twilioGuard: VendorGuard
    let ultravoxGuard: VendorGuard
    let background: BackgroundWork
    let policy: CallPolicy
    let logger: Logger
    private let switching = Mutex(())
    /// What the process before this one left has been taken up: see ``resume(answering:)``.
    let hasResumed = Atomic(false)
    package let agents: AgentDirectory
    package let deadLetters: DeadLetters
    package let keys: OrderKeys
    /// To be run as services.
    package let events: EventFeed
    package let deliveries: DeliveryDriver

    package init(
        journal: any Journal = NoJournal(),
        telephony: any Telephony,
        platform: any AgentPlatform,
        sender: any EventSender,
        clock: any TimeSource,
        random: any RandomBits,
        background: BackgroundWork,
        policy: CallPolicy,
        logger: Logger,
        callbackSecret: @escaping @Sendable () -> Secret? = { nil },
        permits: PermitLimits = .init()
    ) {
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
        let guardedTelephony = GuardedTelephony(telephony: telephony, vendor: twilioGuard)
        let guardedPlatform = GuardedPlatform(platform: platform, vendor: ultravoxGuard)
        self.telephony = guardedTelephony
        self.platform = guardedPlatform
        let duties = Duties(
            telephony: guardedTelephony,
            platform: guardedPlatform,
            background: background,
            clock: clock,
            policy: policy,
            logger: logger
        )
        self.duties = duties
        let erasures = ErasureDuties(
            telephony: guardedTelephony,
            platform: guardedPlatform,
            journal: journal,
            background: background,
            clock: clock,
            logger: logger
        )
        self.erasures = erasures
        let deadLetters = DeadLetters(clock: clock)
        self.deadLetters = deadLetters
        let publisher = Publisher(logger: logger)
        let events = EventFeed(clock: clock)
        self.events = events
        let deliveries = DeliveryDriver(
            sender: sender,
            clock: clock,
            random: random,
            callbackSecret: callbackSecret,
            logger: logger
        )
        self.deliveries = deliveries
        ledger = Ledger(
            journal: journal,
            clock: clock,
            retention: Retention(
                calls: policy.retention,
                maximumCalls: policy.maximumCalls,
                numberCooldown: policy.numberCooldown
            ),
            followers: Ledger.Followers(
                applied: { applied, ledger in
                    publisher.publish(applied)
                    events.publish(applied.notices)
                    deliveries.follow(applied.lines, ledger)
                    deadLetters.bury(applied.buried)
                    // A message proves that there is a call: no create of it leaves any more.
                    if let proven = applied.newlyBound { queue.leave(proven) }
                    duties.follow(applied, ledger)
                    if let erased = applied.erasure { erasures.follow(erased, ledger) }
                },
                failed: { failure in
                    // Nothing leaves that could not be accounted for.
                    _ = queue.stop()
                    // A process that ends is no fault of the disk.
                    guard failure.kind != .closed else { return }
                    logger.critical(
                        "the journal cannot be written: nothing is acknowledged or dialed any more",
                        metadata: [
                            "reason": "\(failure.reason)",
                            "advice": "\(failure.advice ?? "Mend its disk or server, and restart the gateway").",
                        ]
                    )
                },
                snapshotIgnored: { failure in
                    logger.warning(
                        "the journal's snapshot cannot be used: all of its log is read instead",
                        metadata: [
                            "reason": "\(failure.reason)",
                            "advice": "Nothing is lost; the start takes longer. The next snapshot replaces it.",
                        ]
                    )
                }
            )
        )
        agents = AgentDirectory(platform: guardedPlatform, clock: clock)
        keys = OrderKeys(ledger: ledger, clock: clock)
        erasing = Erasing(ledger: ledger, deadLetters: deadLetters, clock: clock, logger: logger)
        intake = Intake(ledger: ledger, clock: clock, policy: policy, erasing: erasing)
        hangingUp = HangingUp(ledger: ledger, duties: duties, queue: queue)
        voice = Voice(
            ledger: ledger,
            intake: intake,
            duties: duties,
            agents: agents,
            platform: guardedPlatform,
            clock: clock,
            policy: policy,
            logger: logger
        )
        placing = Placing(
            ledger: ledger,
            duties: duties,
            erasing: erasing,
            queue: queue,
            agents: agents,
            telephony: guardedTelephony,
            platform: guardedPlatform,
            vendors: [twilioGuard, ultravoxGuard],
            clock: clock,
            random: random,
            background: background,
            policy: policy,
            logger: logger
        )
    }

    /// How many requests may be in flight to one vendor, those that are not probes: the transport must have a connection for
    /// each of them.
    package static let requestsPerVendor = PermitLimits().all

    /// The known state of the vendors.
    package var vendors: [VendorGuard] { [twilioGuard, ultravoxGuard] }

    // MARK: What comes in

    /// See ``Placing/place(_:key:)``.
    package func place(_ order: PlaceCall, key: KeyClaim? = nil) async throws(PlacingFailure) -> Call {
        try await placing.place(order, key: key)
    }

    /// See ``HangingUp/hangUp(_:)``.
    package func hangUp(_ id: CallID) async throws(HangUpFailure) -> Call { try await hangingUp.hangUp(id) }

    /// See ``Erasing/erase(_:)``.
    package func erase(_ id: CallID) async throws(EraseFailure) -> CallID { try await erasing.erase(id) }

    /// How far the erasure of the call is that had that name.
    package func erasure(named name: CallName) -> ErasureReport? {
        ledger.read { $0.erasure(named: name) }.map { erasures.report(on: $0, hasJournal: ledger.outlivesProcess) }
    }

    /// Applies a verified webhook of Twilio; see ``Intake/receive(_:claimed:)``.
    package func receive(_ fact: CallFact, claimed: CallID?) async throws(JournalFailure) -> WebhookOutcome {
        try await intake.receive(fact, claimed: claimed)
    }

    /// Applies a verified webhook of Ultravox; see ``Intake/receive(_:claimed:)``.
    package func receive(
        _ report: ConversationReport,
        claimed: CallID?
    ) async throws(JournalFailure) -> WebhookOutcome {
        try await intake.receive(.conversationReported(report), claimed: claimed)
    }

    /// See ``Voice/receive(_:claimed:)``.
    package func receive(
        _ request: VoiceRequest,
        claimed: CallID?
    ) async throws(JournalFailure) -> (outcome: WebhookOutcome, answer: VoiceAnswer) {
        try await voice.receive(request, claimed: claimed)
    }

    /// Begins no dial any more; see ``Placing/stop()`` for the orders that wait.
    package func stopDialing() async { await placing.stop() }

    /// Where the operator's emergency switch stands.
    package var dialing: DialingPosition { ledger.read { $0.dialing } }

    /// Switches dialing on or off, at once: no create that has not left leaves any more. An order whose client waits, or
    /// which prepares, is answered; what becomes of those that wait, `waiting` says.
    package func setDialing(
        isEnabled: Bool,
        reason: String? = nil,
        waiting: WaitingOrders = .keep
    ) async throws(JournalFailure) -> DialingPosition {
        let asked = DialingPosition(isEnabled: isEnabled, reason: reason, changedAt: placing.clock.now)
        // Off counts at once; that it is durable is waited for.
        if !isEnabled { _ = queue.switchOff(reason: reason, .keep) }
        try await ledger.commit(.dialingSet(asked))
        // Of two who switch at the same time the later one in the log counts.
        let cleared = switching.withLock { _ in
            let position = dialing
            if !position.isEnabled { return queue.switchOff(reason: position.reason, waiting) }
            queue.switchOn()
            return []
        }
        for id in cleared { await placing.cancelSwitchedOff(id) }
        return dialing
    }

    /// Lists a verified message that changed nothing. Of an erased call no vendor's identifier is listed.
    package func listUseless(
        _ vendor: Vendor,
        kind: String,
        reason: String,
        callID: CallID? = nil,
        callSid: CallSid? = nil,
        ultravoxCallID: UltravoxCallID? = nil
    ) {
        let names = deadLetters.add(
            vendor,
            kind: kind,
            reason: reason,
            callID: callID,
            callSid: callSid,
            ultravoxCallID: ultravoxCallID
        )
        // An erasure that begins after this look finds the letter.
        let erasure = ledger.read { book in names.lazy.compactMap { book.erasure(named: $0) }.first }
        if let erasure { deadLetters.forget(erasure.id, erasure.names) }
    }

    // MARK: What readers ask

    /// Why nothing is acknowledged or dialed any more; `nil` while the journal can be written.
    package var journalFailure: JournalFailure? { ledger.failure }

    /// Whether what was acknowledged is there after a restart.
    package var outlivesProcess: Bool { ledger.outlivesProcess }

    /// How many calls take part in `MAX_CONCURRENT_CALLS`.
    package var activeCalls: Int { ledger.read { $0.activeCalls } }

    /// The number of calls that have not ended, inbound calls included, without those that are `unconfirmed`.
    package var callsInProgress: Int {
        callCounts.reduce(0) { $1.key.isTerminal || $1.key == .unconfirmed ? $0 : $0 + $1.value }
    }

    /// How many calls are known, by status.
    package var callCounts: [CallStatus: Int] { ledger.read { $0.counts } }

    /// How many orders wait to be dialed.
    package var queueDepth: Int { queue.depth }

    package func call(_ id: CallID) -> Call? { ledger.read { $0.call(id) } }

    package func callID(of sid: CallSid) -> CallID? { ledger.read { $0.callID(of: sid) } }

    package func history(of id: CallID) -> CallHistory? { ledger.read { $0.history(of: id) } }

    /// How many places of the list are looked at under one hold of the lock.
    static let look = 512

    /// Newest first.
    package func calls(matching filter: CallFilter, limit: Int, after cursor: CallCursor?) -> CallListPage {
        var page = CallListPage(calls: [], next: nil)
        page.calls.reserveCapacity(limit)
        var position = cursor
        repeat {
            position = ledger.read { book in
                book.add(to: &page, matching: filter, limit: limit, after: position, lookingAt: Self.look)
            }
        } while position != nil
        return page
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
}

extension Applied {
    /// The call whose CallSid has become known by the record.
    fileprivate var newlyBound: CallID? {
        guard let after = change?.after, after.callSid != nil, change?.before?.callSid == nil else { return nil }
        return change?.before == nil ? nil : after.id
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
