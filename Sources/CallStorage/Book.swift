package import CallDomain

/// All that the gateway knows, folded from the log: calls with their evidence, who holds a place, keys and kept answers,
/// where the switch stands, and what is gone.
///
/// Two books to which the same records were applied in the same order are equal. Inside a call any order and any repetition
/// of the evidence gives the same state; admission follows the log. It has no effects, and asks no clock.
package struct Book: Sendable {
    /// What is known under one of our ids.
    struct Entry: Equatable {
        /// Our own intents, and the vendors' answers to us.
        var events = EventSet()
        /// The phone calls that this id claims, sorted. Of those of which it has the best claim, the best is the call's.
        var legs: [CallSid] = []
        /// The same of conversations.
        var conversations: [UltravoxCallID] = []
        /// Of a derived id: the CallSid that it stands for.
        var sid: CallSid?
        /// Of a derived id whose phone call turned out to be an order's: that order.
        var alias: CallID?
        /// The call as readers see it; `nil` as long as there is none.
        var call: Call?
        var place: CallCursor?
        /// What the client gave for the agent's variables, until the order is dialed or over.
        var templateContext: JSONObject?
        var isOrdered = false
        var isDialed = false
        /// That the call is over was told.
        var hasEnded = false
        /// The place of the call's last event.
        var told: EventPlace?
    }

    /// What is known of a CallSid, or of a conversation, whosever it is.
    struct Subject: Equatable {
        /// Each with the id that its message claimed, where that is signed.
        var events = EventSet()
        var claims = Claims()
        /// The id with the best claim.
        var best: CallID?
        /// Of a phone call: a message without an id of ours was enough to make it known.
        var isAdopted = false
        /// Of a conversation: the phone calls that its messages named, each with the id that the same message claimed.
        var ties: [Tie] = []
    }

    struct Tie: Hashable {
        let id: CallID
        let sid: CallSid
    }

    /// Something that waits under its own identity until a call claims it.
    enum Early: Equatable {
        case leg(CallSid)
        case conversation(UltravoxCallID)
    }

    struct Waiting: Equatable {
        /// `nil` where it was erased with its call.
        let what: Early?
        let since: Timestamp
    }

    /// How long a message waits for its call.
    package static let patience = Duration.seconds(3600)
    /// How many messages' subjects wait at most; the oldest go first.
    package static let maximumEarly = 10_000

    var entries = ShardedMap<CallID, Boxed<Entry>>()
    var legs = ShardedMap<CallSid, Boxed<Subject>>()
    var conversations = ShardedMap<UltravoxCallID, Boxed<Subject>>()
    var early = Fifo<Waiting>()
    var list = ListIndex<CallCursor>()
    /// In the order of their last changes.
    var changes = ListIndex<ChangePlace>()
    var notices = Notices()
    var deliveries = Deliveries()
    var admission = Admission()
    var keys = KeyTable()
    var tombstones = Tombstones()
    var erasures = Erasures()
    var tidying = Tidying()
    /// How many calls have each status; one without calls is absent.
    package internal(set) var counts: [CallStatus: Int] = [:]
    package internal(set) var dialing = DialingPosition()
    /// Where the log stands.
    package internal(set) var position = Position.start

    package init() {}

    /// A book whose log begins after `position`: places of another log mean nothing in it.
    package init(beginningAfter position: Position) {
        self.position = position
        notices.begin(after: position)
    }

    /// Takes a record in: total and deterministic.
    package mutating func apply(_ record: Record, at position: Position) -> Applied {
        self.position = position
        var applied = fold(record)
        noteTrace(record, &applied)
        publish(&applied, at: record.at)
        return applied
    }

    private mutating func fold(_ record: Record) -> Applied {
        switch record.content {
        case .ordered(let ordered): return order(ordered, at: record.at)
        case .told(let message): return take(message, at: record.at)
        case .noted(let id, let fact): return note(fact, of: id, at: record.at)
        case .undialed(let id, let fact): return endUndialed(id, fact, at: record.at)
        case .answerKept(let name, let answer, let id):
            return Applied(keys.keep(answer, as: name, of: id, at: record.at) ? .applied : .void)
        case .keyReleased(let name, let id): return Applied(keys.release(name, of: id) ? .applied : .void)
        case .dialingSet(let position):
            guard position != dialing else { return Applied(.alreadyKnown) }
            dialing = position
            return Applied(.applied)
        case .tidied(let retention): return tidy(retention, at: record.at)
        case .erased(let erased): return erase(erased, at: record.at)
        case .erasureNoted(let id, let news): return note(news, of: id, at: record.at)
        case .delivering(let delivering): return take(delivering, at: record.at)
        }
    }
}

extension Book: Equatable {}

// MARK: What readers ask

extension Book {
    /// How many calls there are.
    package var callCount: Int { list.count }
    /// How many calls take part in `MAX_CONCURRENT_CALLS`.
    package var activeCalls: Int { admission.activeCalls }

    /// By our id; the id of a call that was known by its CallSid alone finds the order that it turned out to be.
    package func call(_ id: CallID) -> Call? { entries[resolved(id)]?.value.call }

    /// The id itself, or of one that is derived from an order's CallSid, that order's.
    func resolved(_ id: CallID) -> CallID {
        if let entry = entries[id]?.value { return entry.alias ?? id }
        guard let sid = id.derivation, let leg = legs[sid]?.value else { return id }
        return owner(of: sid, leg)
    }

    package func callID(of sid: CallSid) -> CallID? {
        guard let leg = legs[sid]?.value else { return nil }
        let owner = owner(of: sid, leg)
        return entries[owner]?.value.call == nil ? nil : owner
    }

    /// Whether dialing has begun for the order, or it is over.
    package func isUndialed(_ id: CallID) -> Bool {
        guard let entry = entries[id]?.value else { return false }
        return entry.isOrdered && !entry.isDialed && entry.call?.status == .pending
    }

    /// The orders that wait for their turn, oldest first.
    package func undialed() -> [Call] {
        entries.values.compactMap { entry in
            guard entry.value.isOrdered, !entry.value.isDialed, let call = entry.value.call, call.status == .pending
            else {
                return nil
            }
            return call
        }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    /// All calls, those that are over included, in no order. To be asked at a start alone: it takes long.
    package func forEachCall(_ body: (Call) -> Void) {
        for entry in entries.values { if let call = entry.value.call { body(call) } }
    }

    /// The keys whose orders have no answer yet, with those orders.
    package func unanswered() -> [(name: KeyName, id: CallID)] { keys.unanswered() }

    package func history(of asked: CallID) -> CallHistory? {
        let id = resolved(asked)
        guard let entry = entries[id]?.value, let call = entry.call else { return nil }
        let (events, bound) = evidence(of: id, entry)
        var history = CallHistory(id: id, bound: bound, events: events)
        history.position = call.position
        return history
    }

    /// What an order that waits was given for the agent's variables.
    package func templateContext(of id: CallID) -> JSONObject? { entries[id]?.value.templateContext }

    package func state(of claim: KeyClaim, at time: Timestamp) -> KeyState {
        let state = keys.state(of: claim, at: time)
        return state == .free ? erasures.state(of: claim, at: time) : state
    }

    /// The order that claimed the key with the same request.
    package func owner(of claim: KeyClaim) -> CallID? { keys.owner(of: claim) }

    /// Why the limits would refuse an order to that number; the same is asked again when the order is applied.
    package func refusal(of number: PhoneNumber, within limits: AdmissionLimits, at time: Timestamp) -> RailRefusal? {
        admission.refusal(of: number.text, within: limits, at: time)
    }

    /// What ``apply(_:at:)`` would answer to a message that changes nothing, so that it need not be written: one whose twin is
    /// here, or one that is useless in itself.
    package func known(_ message: Message, at time: Timestamp) -> Applied? {
        guard let told = claim(of: message) else { return nil }
        guard !told.isContradictory else { return Applied(.ignored(.contradiction)) }
        if let reason = uselessness(of: message, told) { return Applied(.ignored(reason)) }
        let event = CallEvent(callID: told.id, receivedAt: time, fact: message.fact)
        let subject: Subject?
        let owner: CallID?
        switch told.subject {
        case .leg(let sid):
            subject = legs[sid]?.value
            owner = subject.map { self.owner(of: sid, $0) }
            let adopts = told.id == nil && event.fact.adopts(as: CallID(derivedFrom: sid))
            guard !adopts || subject?.isAdopted == true else { return nil }
        case .conversation(let id):
            subject = conversations[id]?.value
            owner = subject?.best.flatMap { isHeld(id, by: $0) ? $0 : nil }
            guard tie(in: event).map({ subject?.ties.contains($0) == true }) ?? true else { return nil }
        }
        guard let subject, subject.events.tells(event), let owner, let call = call(owner) else { return nil }
        if let id = told.id {
            guard subject.claims.witness(of: id).contains(.signed) else { return nil }
            guard id == owner else { return Applied(.ignored(.contradiction)) }
        }
        var applied = Applied(.alreadyKnown)
        applied.call = call
        return applied
    }

    /// Adds calls after `cursor` to a page, and examines at most `most` calls.
    /// - Returns: where to continue; `nil` once the page is complete.
    package func add(
        to page: inout CallListPage,
        matching filter: CallFilter,
        limit: Int,
        after cursor: CallCursor?,
        lookingAt most: Int
    ) -> CallCursor? {
        var (last, isComplete) = (cursor, false)
        let looked = list.visitNewest(before: cursor, limit: most) { place in
            last = place
            guard let call = entries[place.id]?.value.call, filter.matches(call) else { return true }
            guard page.calls.count < limit else {
                page.next = page.last
                isComplete = true
                return false
            }
            page.calls.append(call)
            page.last = place
            return true
        }
        return looked == most && !isComplete ? last : nil
    }
}
