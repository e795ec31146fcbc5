import CallDomain

/// Orders that wait for their turn, first come first served, and the gate before every create.
///
/// A turn comes shortly before the create, so that the conversation is ready when the pace allows dialing. It does not
/// come earlier, because the join URL expires. While dialing is switched off or a vendor is down, no turn comes.
///
/// It is a value that knows no clock and waits for nothing: it is told what happens and when, and says what follows and
/// when it must look again. ``DialDriver`` does the waiting.
struct DialQueue {
    enum Event {
        /// The order waits for its turn, no longer than until then; forever if that is `nil`.
        case asked(Ticket, until: Moment?)
        /// The order is ready to be dialed, no later than then.
        case prepared(Ticket, before: Moment)
        /// A create left for Twilio.
        case left(DialPace.Number, at: Moment)
        /// A create that may have left has come to its end.
        case answered(DialPace.Number)
        /// A create will never leave.
        case notSent(DialPace.Number)
        /// An order whose turn has come is not dialed after all.
        case gaveUp(Ticket)
        /// Nobody wants the order any more.
        case unwanted(CallID)
        /// Nobody waits for the turn or at the gate any more.
        case abandoned(Ticket)
        /// Twilio asked for a pause.
        case paused(Duration)
        case switchedOn
        case switchedOff(reason: String?, WaitingOrders)
        /// A vendor's circuit breaker opened or closed.
        case vendor(Vendor, isDown: Bool)
        case stopping
        /// Time has passed.
        case time
    }

    enum Action: Equatable {
        /// What comes of an order that waits for its turn.
        case turn(Int, Turn)
        /// The create of an order at the gate begins.
        case begin(Int, DialPace.Number)
        /// The order at the gate is not dialed.
        case refuse(Int, Stop)
        /// The order has left the queue and must be canceled; whoever waits for it is told besides.
        case cleared(CallID)
    }

    private struct Waiting {
        let ticket: Ticket
        /// Somebody waits for what comes of it.
        var isHeard = false
        /// That is the client, who is answered at once if dialing is switched off.
        var hasClient: Bool
        var until: Moment?
    }

    private struct Passage {
        let callID: CallID
        let before: Moment
    }

    private static let firstPreparation = Duration.seconds(1)

    private let limits: Limits
    private var pace: DialPace
    /// By number, counted from 0 in order of arrival.
    private var waiting: [Int: Waiting] = [:]
    private var numbers: [CallID: Int] = [:]
    /// No waiting order has a smaller number.
    private var oldest = 0
    private var next = 0
    /// When the turn of those came who are not at the gate yet.
    private var preparing: [Int: Moment] = [:]
    /// The smallest number passes first.
    private var gate: [Int: Passage] = [:]
    /// The waiting orders with an end of their patience.
    private var impatient: [Int: Moment] = [:]
    /// From the turn to the gate.
    private var preparation = RecentTime(first: firstPreparation)
    private var pausedUntil: Moment?
    private var off: (isOff: Bool, reason: String?) = (false, nil)
    private var down: Set<Vendor> = []
    private(set) var isStopping = false

    init(_ limits: Limits) {
        self.limits = limits
        pace = DialPace(callsPerSecond: limits.callsPerSecond)
    }

    /// How many orders wait, those included that prepare.
    var depth: Int { waiting.count + preparing.count + gate.count }

    /// When the queue must look again, whatever happens until then.
    func wake(after now: Moment) -> Moment? {
        var moments = gate.values.map(\.before) + impatient.values
        if !gate.isEmpty { moments.append(now + pace.wait(now: now)) }
        if let heard = (oldest..<next).lazy.compactMap({ waiting[$0] }).first(where: \.isHeard) {
            moments.append(heard.ticket.turnBy)
            if heard.ticket.number == oldest, !isHeld {
                let earliest = now + max(.zero, untilTurn(now))
                moments.append(isPaused(heard, now) ? max(earliest, pausedUntil ?? now) : earliest)
            }
        }
        return moments.min()
    }

    /// Takes an order in.
    mutating func enter(_ id: CallID, now: Moment) -> Result<Ticket, Full> {
        guard !isStopping else { return .failure(.stopping) }
        let interval = pace.interval
        let wait = pace.wait(now: now) + interval * depth
        // Small delays add up: an accepted order should also be dialed in time.
        let excess = wait + wait / 20 - limits.longestWait
        guard wait <= .zero || (depth < limits.waitingOrders && excess <= .zero) else {
            return .failure(.full(retryAfter: max(interval, excess)))
        }
        let ticket = Ticket(callID: id, number: next, expectedWait: wait, enteredAt: now, limits)
        waiting[next] = Waiting(ticket: ticket, hasClient: ticket.isAtOnce)
        numbers[id] = next
        next += 1
        return .success(ticket)
    }

    /// Gives an order its turn if that is now, so that nobody has to wait for it.
    mutating func takeTurn(_ ticket: Ticket, now: Moment) -> Bool {
        guard oldest == ticket.number, let order = waiting[oldest], !isHeld, !isPaused(order, now),
            untilTurn(now) <= .zero
        else { return false }
        _ = remove(ticket.number, .come, .unwanted)
        preparing[ticket.number] = now
        return true
    }

    /// Takes in an order that was accepted before the gateway was restarted, and has waited for `waited` already. Such orders
    /// come first, in the order in which they were accepted.
    /// - Returns: `nil` if the queue is closed.
    mutating func resume(_ id: CallID, havingWaited waited: Duration, now: Moment) -> Ticket? {
        guard !isStopping else { return nil }
        let wait = pace.wait(now: now) + pace.interval * depth
        let ticket = Ticket(callID: id, number: next, expectedWait: wait, enteredAt: now - waited, limits)
        waiting[next] = Waiting(ticket: ticket, hasClient: false)
        numbers[id] = next
        next += 1
        return ticket
    }

    /// A process before this one may have sent creates until then.
    mutating func mayHaveLeft(until moment: Moment) { pace.mayHaveLeft(until: moment) }

    mutating func step(_ event: Event, now: Moment) -> [Action] { take(event, now: now) + settle(now) }

    private mutating func take(_ event: Event, now: Moment) -> [Action] {
        switch event {
        case .asked(let ticket, let until): return ask(ticket.number, until: until)
        case .prepared(let ticket, let before): return prepare(ticket, before: before, now: now)
        case .left(let create, let moment): pace.left(create, at: moment)
        case .answered(let create): pace.answered(create, now: now)
        case .notSent(let create): pace.takeBack(create)
        case .gaveUp(let ticket): preparing[ticket.number] = nil
        case .unwanted(let id): return numbers[id].map { remove($0, .left, .unwanted) } ?? []
        case .abandoned(let ticket):
            return waiting[ticket.number]?.isHeard == false ? [] : remove(ticket.number, .timeUp, .stopping)
        case .paused(let time):
            let until = now + min(max(time, .zero), CallPolicy.throttlePatience)
            pausedUntil = max(pausedUntil ?? until, until)
        case .switchedOn: off = (false, nil)
        case .switchedOff(let reason, let orders): return switchOff(reason, orders)
        case .vendor(let vendor, let isDown):
            guard isDown else {
                down.remove(vendor)
                break
            }
            down.insert(vendor)
            return refuseAll(.vendorDown(VendorGuard.openFailure(of: vendor)))
        case .stopping: return stop()
        case .time: break
        }
        return []
    }

    private mutating func ask(_ number: Int, until: Moment?) -> [Action] {
        guard var order = waiting[number] else { return [.turn(number, .left)] }
        order.isHeard = true
        order.until = until
        waiting[number] = order
        impatient[number] = until
        return off.isOff && order.hasClient ? remove(number, .switchedOff(reason: off.reason), .unwanted) : []
    }

    private mutating func prepare(_ ticket: Ticket, before: Moment, now: Moment) -> [Action] {
        let number = ticket.number
        if let since = preparing.removeValue(forKey: number) { preparation.saw(max(.zero, now - since)) }
        if isStopping { return [.refuse(number, .stopping)] }
        if off.isOff { return [.refuse(number, .switchedOff(reason: off.reason))] }
        if let vendor = [Vendor.twilio, .ultravox].first(where: down.contains) {
            return [.refuse(number, .vendorDown(VendorGuard.openFailure(of: vendor)))]
        }
        gate[number] = Passage(callID: ticket.callID, before: before)
        numbers[ticket.callID] = number
        return []
    }

    /// Nobody is dialed any more until dialing is on again. Whoever waits for an answer gets it.
    private mutating func switchOff(_ reason: String?, _ orders: WaitingOrders) -> [Action] {
        off = (true, reason)
        let leaving = waiting.keys.sorted().filter { number in
            orders == .cancel || waiting[number].map { $0.hasClient && $0.isHeard } == true
        }
        return refuseAll(.switchedOff(reason: reason)) + clear(leaving, .switchedOff(reason: reason))
    }

    private mutating func stop() -> [Action] {
        isStopping = true
        return refuseAll(.stopping) + clear(waiting.keys.sorted(), .left)
    }

    private mutating func clear(_ leaving: [Int], _ turn: Turn) -> [Action] {
        leaving.flatMap { number in
            let cleared = waiting[number].map { [Action.cleared($0.ticket.callID)] } ?? []
            return cleared + remove(number, turn, .unwanted)
        }
    }

    private mutating func refuseAll(_ stop: Stop) -> [Action] {
        gate.keys.sorted().flatMap { remove($0, .left, stop) }
    }

    /// Takes an order out, wherever it stands.
    private mutating func remove(_ number: Int, _ turn: Turn, _ stop: Stop) -> [Action] {
        impatient[number] = nil
        if let order = waiting.removeValue(forKey: number) {
            numbers[order.ticket.callID] = nil
            while oldest < next, waiting[oldest] == nil { oldest += 1 }
            return order.isHeard ? [.turn(number, turn)] : []
        }
        guard let passage = gate.removeValue(forKey: number) else { return [] }
        numbers[passage.callID] = nil
        return [.refuse(number, stop)]
    }

    /// Does what is due.
    private mutating func settle(_ now: Moment) -> [Action] {
        var actions: [Action] = []
        for number in gate.keys.sorted() where (gate[number]?.before ?? now) <= now {
            actions += remove(number, .timeUp, .timeUp)
        }
        while let number = gate.keys.min(), pace.wait(now: now) <= .zero {
            if let passage = gate.removeValue(forKey: number) { numbers[passage.callID] = nil }
            actions.append(.begin(number, pace.begin(now: now)))
        }
        // In the order of arrival, hence of the times.
        for number in oldest..<next {
            guard let order = waiting[number] else { continue }
            guard order.ticket.turnBy <= now else { break }
            if order.isHeard { actions += remove(number, .timeUp, .timeUp) }
        }
        while let order = waiting[oldest], order.isHeard, !isHeld, !isPaused(order, now), untilTurn(now) <= .zero {
            let number = oldest
            actions += remove(number, .come, .unwanted)
            preparing[number] = now
        }
        for number in impatient.keys.sorted() where (impatient[number] ?? now) <= now {
            impatient[number] = nil
            waiting[number]?.isHeard = false
            waiting[number]?.hasClient = false
            actions.append(.turn(number, .notYet))
        }
        return actions
    }

    /// No turn comes.
    private var isHeld: Bool { off.isOff || !down.isEmpty }

    /// Orders in the background wait for the end of a pause; an order whose client waits is still tried, so that the
    /// client learns at once that Twilio refuses.
    private func isPaused(_ order: Waiting, _ now: Moment) -> Bool {
        !order.ticket.isAtOnce && pausedUntil.map { $0 > now } == true
    }

    /// Until the next turn, if nothing else holds it: so long before the create that there is time enough to prepare, also
    /// where that takes longer for once.
    private func untilTurn(_ now: Moment) -> Duration {
        let lead = min(preparation.value * 2 + .milliseconds(100), CallPolicy.vendorPatience)
        return pace.wait(now: now) + pace.interval * (preparing.count + gate.count) - lead
    }
}
