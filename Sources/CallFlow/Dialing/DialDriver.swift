import CallDomain
import ServiceLifecycle
import Synchronization

/// Runs the ``DialQueue``: tells it what happens, lets those wait who have to, and wakes it by one timer, however many
/// orders wait. Holds the permits of the creates that are under way, so that whoever ends an order withdraws its permit.
///
/// Nobody is resumed under the lock. What has left for Twilio is read off the permits at every step: libcurl's thread
/// tells nobody.
package final class DialDriver: Service {
    /// A create that has begun, and must be ended by ``answered(_:)`` or ``notSent(_:)``.
    struct Create: Sendable {
        let permit: DialPermit
        fileprivate let number: DialPace.Number
    }

    private typealias TurnWaiter = CheckedContinuation<DialQueue.Turn, Never>
    private typealias GateWaiter = CheckedContinuation<Result<Create, DialQueue.Stop>, Never>

    private struct Passing {
        let waiter: GateWaiter
        let ticket: DialQueue.Ticket
        let before: Moment
    }

    private struct Armed {
        let id: CallID
        let permit: DialPermit
    }

    private struct State {
        var queue: DialQueue
        var turns: [Int: TurnWaiter] = [:]
        var passing: [Int: Passing] = [:]
        /// Of every create that has begun and not ended.
        var permits: [DialPace.Number: Armed] = [:]
        var timer = Timer()
    }

    /// The one task that sleeps.
    private struct Timer {
        /// What it sleeps for; `nil` if for nothing.
        var alarm: Moment?
        /// Cuts its sleep short.
        var sleeper: CheckedContinuation<Void, Never>?
        /// The queue must look earlier than the timer thought when it began to sleep.
        var isEarlier = false
    }

    /// Who is to be resumed, and which orders must be canceled.
    private struct Outcome {
        var turns: [(waiter: TurnWaiter, turn: DialQueue.Turn)] = []
        var gates: [(waiter: GateWaiter, result: Result<Create, DialQueue.Stop>)] = []
        var sleeper: CheckedContinuation<Void, Never>?
        var cleared: [CallID] = []

        func resume() {
            for (waiter, turn) in turns { waiter.resume(returning: turn) }
            for (waiter, result) in gates { waiter.resume(returning: result) }
            sleeper?.resume()
        }
    }

    private let clock: any TimeSource
    private let state: Mutex<State>

    init(_ limits: DialQueue.Limits, clock: any TimeSource) {
        self.clock = clock
        state = Mutex(State(queue: DialQueue(limits)))
    }

    var depth: Int { state.withLock { $0.queue.depth } }
    var isStopping: Bool { state.withLock { $0.queue.isStopping } }

    /// Takes an order in.
    func enter(_ id: CallID) throws(DialQueue.Full) -> DialQueue.Ticket {
        let result = step { state, _, now in state.queue.enter(id, now: now) }
        return try result.get()
    }

    /// Gives an order its turn if that is now; one of ``begin(_:before:)`` and ``giveUp(_:)`` must follow then.
    func takeTurn(_ ticket: DialQueue.Ticket) -> Bool {
        step { state, _, now in state.queue.takeTurn(ticket, now: now) }
    }

    /// A process before this one may have sent creates until then.
    func mayHaveLeft(until moment: Moment) { step { state, _, _ in state.queue.mayHaveLeft(until: moment) } }

    /// Takes in an order of before a restart; see ``DialQueue/resume(_:havingWaited:now:)``.
    func resume(_ id: CallID, havingWaited waited: Duration) -> DialQueue.Ticket? {
        step { state, _, now in state.queue.resume(id, havingWaited: waited, now: now) }
    }

    /// Waits until it is the order's turn. After `.come` one of ``begin(_:before:)`` and ``giveUp(_:)`` must follow.
    func turn(_ ticket: DialQueue.Ticket, within patience: Duration? = nil) async -> DialQueue.Turn {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                tell { state, now in
                    state.turns[ticket.number] = waiter
                    return .asked(ticket, until: patience.map { now + $0 })
                }
                if Task.isCancelled { tell(.abandoned(ticket)) }
            }
        } onCancel: {
            tell(.abandoned(ticket))
        }
    }

    /// Waits until the pace allows the create of an order, first come first served, and counts it as begun. Its permit is
    /// armed.
    func begin(_ ticket: DialQueue.Ticket, before deadline: Moment) async throws(DialQueue.Stop) -> Create {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                tell { state, _ in
                    state.passing[ticket.number] = Passing(waiter: waiter, ticket: ticket, before: deadline)
                    return .prepared(ticket, before: deadline)
                }
                if Task.isCancelled { tell(.abandoned(ticket)) }
            }
        } onCancel: {
            tell(.abandoned(ticket))
        }
        return try result.get()
    }

    /// The create has come to its end, and may have left.
    func answered(_ create: Create) { end(create, .answered(create.number)) }

    /// The create was certainly not sent; unless its permit says that it left, it takes nothing of the pace.
    func notSent(_ create: Create) { end(create, .notSent(create.number)) }

    private func end(_ create: Create, _ event: DialQueue.Event) {
        tell { state, now in
            // The departures are collected before.
            state.permits[create.number] = nil
            return event
        }
    }

    /// Pauses the orders in the background for this time, at most ten seconds, because Twilio asked for it.
    func pause(for time: Duration) { tell(.paused(time)) }

    /// Of an order whose turn has come and which is not dialed after all.
    func giveUp(_ ticket: DialQueue.Ticket) { tell(.gaveUp(ticket)) }

    /// Takes out an order that nobody wants any more, wherever it stands, and withdraws its permit.
    func leave(_ id: CallID) {
        tell { state, _ in
            for entry in state.permits.values where entry.id == id { entry.permit.withdraw() }
            return .unwanted(id)
        }
    }

    func vendor(_ vendor: Vendor, isDown: Bool) { tell(.vendor(vendor, isDown: isDown)) }

    func switchOn() { tell(.switchedOn) }

    /// Nothing leaves any more until dialing is on again.
    /// - Returns: the orders that were taken out.
    func switchOff(reason: String?, _ orders: WaitingOrders) -> [CallID] {
        withdrawing(.switchedOff(reason: reason, orders))
    }

    /// Closes the queue. Nothing leaves any more.
    /// - Returns: the orders that waited.
    func stop() -> [CallID] { withdrawing(.stopping) }

    private func withdrawing(_ event: DialQueue.Event) -> [CallID] {
        tell { state, _ in
            for entry in state.permits.values { entry.permit.withdraw() }
            return event
        }
    }

    /// Keeps the time until the gateway stops; whoever waits then is told so.
    package func run() async {
        await cancelledByStop { await self.keepTime() }
        _ = stop()
    }

    /// Keeps the time until the task is cancelled.
    func keepTime() async {
        while !Task.isCancelled {
            tell(.time)
            await sleep()
        }
    }

    /// Sleeps until the queue must look again, or somebody says that this is earlier.
    private func sleep() async {
        let alarm = state.withLock { state in
            state.timer.alarm = state.queue.wake(after: clock.moment)
            state.timer.isEarlier = false
            return state.timer.alarm
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.hearsOfEarlierAlarm() }
            if let alarm {
                group.addTask {
                    let rest = alarm - self.clock.moment
                    if rest > .zero { try? await self.clock.sleep(for: rest) }
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func hearsOfEarlierAlarm() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { sleeper in
                let isOver = state.withLock { state in
                    guard !state.timer.isEarlier, !Task.isCancelled else { return true }
                    state.timer.sleeper = sleeper
                    return false
                }
                if isOver { sleeper.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                defer { state.timer.sleeper = nil }
                return state.timer.sleeper
            }
            sleeper?.resume()
        }
    }

    @discardableResult
    private func tell(_ event: DialQueue.Event) -> [CallID] { tell { _, _ in event } }

    /// Steps the queue, and resumes whoever it speaks of. `prepare` runs under the lock.
    /// - Returns: the orders that left the queue and must be canceled.
    @discardableResult
    private func tell(_ prepare: (inout State, Moment) -> DialQueue.Event) -> [CallID] {
        step { state, outcome, now in
            let event = prepare(&state, now)
            for action in state.queue.step(event, now: now) { perform(action, &state, &outcome, now) }
            return outcome.cleared
        }
    }

    private func step<Value: Sendable>(_ body: (inout State, inout Outcome, Moment) -> Value) -> Value {
        let (value, outcome): (Value, Outcome) = state.withLock { state in
            var outcome = Outcome()
            // In a fixed order: what the queue learns from one departure changes what it makes of the next.
            let departures = state.permits.compactMap { create, entry -> (create: DialPace.Number, moment: Moment)? in
                if case .left(let moment) = entry.permit.state { (create, moment) } else { nil }
            }
            for (create, moment) in departures.sorted(by: { $0.create < $1.create }) {
                for action in state.queue.step(.left(create, at: moment), now: clock.moment) {
                    perform(action, &state, &outcome, clock.moment)
                }
            }
            let now = clock.moment
            let value = body(&state, &outcome, now)
            if let wake = state.queue.wake(after: now), state.timer.alarm.map({ wake < $0 }) ?? true {
                state.timer.isEarlier = true
                outcome.sleeper = state.timer.sleeper
                state.timer.sleeper = nil
            }
            return (value, outcome)
        }
        outcome.resume()
        return value
    }

    private func perform(_ action: DialQueue.Action, _ state: inout State, _ outcome: inout Outcome, _ now: Moment) {
        switch action {
        case .turn(let number, let turn):
            if let waiter = state.turns.removeValue(forKey: number) { outcome.turns.append((waiter, turn)) }
        case .begin(let number, let create):
            guard let passing = state.passing.removeValue(forKey: number) else { return }
            let end = min(passing.before, now + CallPolicy.longestWayToTwilio)
            let permit = DialPermit(armedAt: now, until: end, clock: clock)
            state.permits[create] = Armed(id: passing.ticket.callID, permit: permit)
            outcome.gates.append((passing.waiter, .success(Create(permit: permit, number: create))))
        case .refuse(let number, let stop):
            guard let passing = state.passing.removeValue(forKey: number) else { return }
            outcome.gates.append((passing.waiter, .failure(stop)))
        case .cleared(let id): outcome.cleared.append(id)
        }
    }
}
