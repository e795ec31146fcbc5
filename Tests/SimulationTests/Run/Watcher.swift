import CallDomain
import CallFlow
import CallStorage
import TestSupport

/// Compares what the gateway shows with what it promises, between any two pieces of work.
final class Watcher: Sendable {
    private struct Seen {
        var status: CallStatus
        var callSid: CallSid?
        /// Over by what Twilio no longer knows alone: any end that Twilio tells counts more.
        var isProvisional: Bool
        var isGone = false
    }

    private struct State {
        var counts: [CallStatus: Int] = [:]
        var seen: [CallID: Seen] = [:]
        /// When the last call to a number ended.
        var lastEnd: [String: Duration] = [:]
        var hasWallJumped = false
        /// What the last process knew when it died.
        var known: [CallHistory] = []
    }

    private let gateway: GatewaySite
    private let twilio: TwilioModel
    private let journalScript: JournalScript?
    private let policy: CallPolicy
    private let world: SerialWorld
    private let chronicle: Chronicle
    private let bits: SeededBits
    private let state: Confined<State>

    init(
        gateway: GatewaySite,
        twilio: TwilioModel,
        policy: CallPolicy,
        journalScript: JournalScript?,
        world: SerialWorld,
        chronicle: Chronicle,
        seed: UInt64
    ) {
        self.gateway = gateway
        self.twilio = twilio
        self.policy = policy
        self.journalScript = journalScript
        self.world = world
        self.chronicle = chronicle
        bits = SeededBits(seed: seed, for: "watcher")
        state = Confined(State(), to: world.thread)
    }

    private func calls(of flow: CallFlow) -> [Call] {
        flow.calls(matching: CallFilter(), limit: 100_000, after: nil).calls
    }

    /// Such calls have a place among `MAX_CONCURRENT_CALLS`.
    private static func holdsPlace(_ call: Call) -> Bool {
        !call.status.isTerminal && call.status != .unconfirmed && call.direction == .outbound && !call.id.isDerived
    }

    func wallClockJumps() { state.value.hasWallJumped = true }

    // MARK: When the process dies

    func crashes(_ flow: CallFlow) {
        let calls = calls(of: flow)
        state.value.known = calls.compactMap { flow.history(of: $0.id) }
    }

    /// Whatever the last process showed, the next one shows.
    func restarts() {
        guard let flow = gateway.flow else { return }
        for before in state.value.known {
            // A start lets go what was kept long enough.
            guard flow.call(before.id) != nil || !isRetired(before.folded) else { continue }
            // One that was erased when the process died may be so by now.
            if flow.erasure(named: .id(before.id)) != nil { continue }
            // The same event may be told with an earlier time: what was written and not acknowledged is there, too, and
            // the wall clock may have been set back.
            let after = EventSet(Array(flow.history(of: before.id)?.events ?? []))
            for event in before.events where !after.tells(event) {
                chronicle.violate(.nothingLost, "\(before.id.text) has lost \(event.fact.identity)")
            }
        }
        chronicle.note("gateway", "has read its log")
        state.value.counts = [:]
        look()
    }

    private func isRetired(_ call: Call) -> Bool {
        (call.status.isTerminal || call.status == .unconfirmed) && world.time.now - call.updatedAt > policy.retention
    }

    // MARK: Between two pieces of work

    func look() {
        guard let flow = gateway.flow else { return }
        let counts = flow.callCounts.filter { $0.value > 0 }
        guard counts != state.value.counts else { return }
        state.value.counts = counts
        let calls = calls(of: flow)
        for call in calls {
            if flow.erasure(named: .id(call.id)) != nil {
                chronicle.violate(.erased, "\(call.id.text) is there, and was erased")
            }
            let before = state.value.seen[call.id]
            guard before?.status != call.status else { continue }
            // All that ends it is that Twilio does not know it.
            let events = flow.history(of: call.id)?.events ?? []
            let isProvisional = !events.contains { $0.fact.status?.isTerminal == true }
            state.value.seen[call.id] = Seen(status: call.status, callSid: call.callSid, isProvisional: isProvisional)
            chronicle.note("call", "\(call.id.text) \(before?.status.rawValue ?? "new") > \(call.status.rawValue)")
            chronicle.hit("edge \(before?.status.rawValue ?? "new") > \(call.status.rawValue)")
            if let before {
                compare(before, call)
            } else if gateway.journal == nil, call.order != nil, Self.holdsPlace(call) {
                // A log applies several records at once: its admissions are judged one by one at the end.
                checkAdmission(call, among: calls)
            }
            if call.status.isTerminal, before?.status.isTerminal != true, call.callSid != nil,
                let number = call.phoneNumber
            {
                state.value.lastEnd[number] = world.time.elapsed
            }
        }
        checkSids(calls)
        let holders = calls.count(where: Self.holdsPlace)
        if flow.activeCalls != holders {
            chronicle.violate(.withinLimits, "\(flow.activeCalls) places are taken by \(holders) calls")
        }
        let present = Set(calls.map(\.id))
        for id in state.value.seen.keys where !present.contains(id) { state.value.seen[id]?.isGone = true }
    }

    private func compare(_ before: Seen, _ call: Call) {
        let (old, new) = (before.status, call.status)
        if before.isGone {
            if state.value.hasWallJumped { return chronicle.excuse(.retirement) }
            chronicle.violate(.erased, "\(call.id.text) came back")
        }
        let isOtherEnd = old.isTerminal && before.callSid != call.callSid
        if new.rank < old.rank || isOtherEnd, isOfForeignAnswer(before, call) {
            return chronicle.excuse(.foreignAnswers)
        }
        if new.rank < old.rank {
            chronicle.violate(.neverBack, "\(call.id.text) fell from \(old.rawValue) to \(new.rawValue)")
        }
        if old.isTerminal, !before.isProvisional {
            chronicle.violate(.neverBack, "\(call.id.text) was \(old.rawValue) and is \(new.rawValue)")
        }
    }

    /// An order holds the phone call that the answer to its create named, until a message of Twilio's says whose that is.
    private func isOfForeignAnswer(_ before: Seen, _ call: Call) -> Bool {
        let misled = twilio.state.value.misled
        guard !misled.contains(call.id) else { return true }
        guard let sid = before.callSid, twilio.state.value.calls[sid]?.isTold == false else { return false }
        return gateway.flow.map(calls)?.contains { $0.callSid == sid && misled.contains($0.id) } == true
    }

    private func checkAdmission(_ call: Call, among calls: [Call]) {
        let others = calls.filter { $0.id != call.id && Self.holdsPlace($0) }
        if others.count >= policy.maxConcurrentCalls {
            chronicle.violate(.withinLimits, "\(call.id.text) was admitted beside \(others.count) calls")
        }
        if !policy.parallelCallsToNumber, let other = others.first(where: { $0.phoneNumber == call.phoneNumber }) {
            chronicle.violate(.withinLimits, "\(call.id.text) was admitted beside \(other.id.text) to one number")
        }
        guard let number = call.phoneNumber, let end = state.value.lastEnd[number] else { return }
        guard !state.value.hasWallJumped else { return chronicle.excuse(.wallClock) }
        if world.time.elapsed - end < policy.numberCooldown - .milliseconds(1) {
            chronicle.violate(.withinLimits, "\(call.id.text) was admitted in the cool-down of its number")
        }
    }

    private func checkSids(_ calls: [Call]) {
        var owners: [CallSid: CallID] = [:]
        for call in calls {
            guard let sid = call.callSid else { continue }
            if let other = owners.updateValue(call.id, forKey: sid) {
                chronicle.violate(.oneSid, "\(sid.text) belongs to \(other.text) and to \(call.id.text)")
            }
        }
    }

    // MARK: When a create leaves

    func createLeaves(_ id: CallID) {
        guard let flow = gateway.flow else { return }
        checkIntent(id)
        if journalScript?.hasFailed == true { chronicle.excuse(.failedJournal) }
        if let status = flow.call(id)?.status, status == .pending {
            chronicle.violate(.intentFirst, "\(id.text) is dialed and \(status.rawValue)")
        }
        if gateway.isStopping { chronicle.violate(.stopMeansStop, "\(id.text) is dialed after the stop") }
        if !flow.dialing.isEnabled {
            chronicle.violate(.stopMeansStop, "\(id.text) is dialed while dialing is off")
        }
        checkPace(id)
    }

    /// The intent is in the log before the first byte leaves.
    private func checkIntent(_ id: CallID) {
        guard let journal = gateway.journal else { return }
        let isThere = journal.records.contains { logged in
            if case .noted(id, .dialing) = logged.record.content { true } else { false }
        }
        if !isThere { chronicle.violate(.intentFirst, "\(id.text) is dialed, and the log does not say so") }
    }

    private func checkPace(_ id: CallID) {
        let most = max(1, Int(policy.callsPerSecond.rounded(.up)))
        let departures = twilio.state.value.departures
        guard departures.count > most else { return }
        let span = departures[departures.count - 1].at - departures[departures.count - 1 - most].at
        guard span < .seconds(1) else { return }
        chronicle.violate(.withinLimits, "\(id.text): \(most + 1) creates within \(span.milliseconds) ms")
    }

    // MARK: At the end

    func checkEnd() {
        guard let flow = gateway.flow else { return }
        let calls = calls(of: flow)
        for call in calls {
            checkFold(call, flow)
            // After a stop it is for the next process to learn what becomes of them.
            guard !gateway.isStopping, !call.status.isTerminal, call.status != .unconfirmed else { continue }
            let phoneCall = call.callSid.flatMap { twilio.state.value.calls[$0] }
            if phoneCall.map({ $0.status.isTerminal && !$0.toldEnd }) == true {
                chronicle.excuse(.lostWebhooks)
            } else if state.value.hasWallJumped, policy.retention < .seconds(3600) {
                chronicle.excuse(.retirement)
            } else {
                chronicle.violate(.settles, "\(call.id.text) is still \(call.status.rawValue)")
            }
        }
        checkTruth(calls)
        checkReplay(calls)
    }

    /// The same events in another order, and some of them twice.
    private func checkFold(_ call: Call, _ flow: CallFlow) {
        guard let history = flow.history(of: call.id) else { return }
        for _ in 0..<3 {
            var events = history.events
            for event in events where bits.chance(30) { events.append(event) }
            for index in events.indices.dropLast() {
                events.swapAt(index, index + bits.below(events.count - index))
            }
            var other = CallHistory(id: call.id)
            for event in events { other.merge(event) }
            guard other.folded != call else { continue }
            chronicle.violate(.orderFree, "\(call.id.text) depends on the order of its events")
        }
    }

    /// What belongs together at Twilio belongs together here.
    private func checkTruth(_ calls: [Call]) {
        for call in calls {
            guard let sid = call.callSid, let phoneCall = twilio.state.value.calls[sid], let id = phoneCall.callID,
                id != call.id
            else { continue }
            if twilio.state.value.misled.contains(call.id) {
                chronicle.excuse(.foreignAnswers)
            } else {
                chronicle.violate(.oneSid, "\(sid.text) was placed for \(id.text) and is taken for \(call.id.text)")
            }
        }
    }

    /// Another book, folded from the same log, says the same.
    private func checkReplay(_ calls: [Call]) {
        // What an append that failed has written, only the next process knows.
        guard let journal = gateway.journal, journalScript?.hasFailed != true else { return }
        var book = Book()
        for logged in journal.records {
            let active = book.activeCalls
            let applied = book.apply(logged.record, at: logged.position)
            guard case .ordered(let ordered) = logged.record.content, applied.verdict == .applied else { continue }
            if active >= ordered.limits.concurrentCalls {
                chronicle.violate(.withinLimits, "\(ordered.id.text) was admitted beside \(active) calls")
            }
        }
        for call in calls where book.call(call.id) != call {
            chronicle.violate(.orderFree, "\(call.id.text) differs in a replay of the log")
        }
        for erasure in book.unfinishedErasures() where book.call(erasure.id) != nil {
            chronicle.violate(.erased, "\(erasure.id.text) comes back in a replay of the log")
        }
        if book.callCount != calls.count { chronicle.violate(.orderFree, "a replay knows \(book.callCount) calls") }
    }
}
