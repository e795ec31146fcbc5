package import CallDomain
import CallStorage
import HeapModule
import Logging
package import ServiceLifecycle
import Synchronization

/// Sends events to their receivers: of each line one after the other, of one receiver a few at a time, so that one that is
/// slow or dead holds up no other. What is still to be sent the book knows, so a restart goes on with it.
package final class DeliveryDriver: Service {
    private struct Waiting: Comparable {
        let due: Timestamp
        let line: DeliveryLine

        static func == (left: Waiting, right: Waiting) -> Bool { left.due == right.due && left.line == right.line }
        static func < (left: Waiting, right: Waiting) -> Bool { left.due < right.due }
    }

    /// Where requests go: a server may have many receivers.
    private struct Server {
        /// Lines whose first one is due, in the order in which it became so.
        var ready: [DeliveryLine] = []
        var underWay = 0
    }

    private struct State {
        /// Lines with their first one's time; what is not `dues`' any more is passed over.
        var waiting = Heap<Waiting>()
        var dues: [DeliveryLine: Timestamp] = [:]
        /// By the origins of their URLs.
        var servers: [String: Server] = [:]
        /// Servers with lines that are ready, each once, whose turn it is first.
        var turns: [String] = []
        /// Lines that are ready or under way, with their servers: none of them is taken a second time.
        var taken: [DeliveryLine: String] = [:]
        var underWay = 0
        /// Until when somebody sleeps.
        var alarm: Timestamp?
    }

    /// Requests at the same time, to one server and in all.
    private static let mostOfServer = 4
    package static let mostAtOnce = 64
    private static let longestSleep = Duration.seconds(60)
    /// The longest pause that a receiver may ask for.
    private static let longestAsked = Duration.seconds(3600)

    private let sender: any EventSender
    private let clock: any TimeSource
    private let random: any RandomBits
    private let callbackSecret: @Sendable () -> Secret?
    private let logger: Logger
    private let ledger = Mutex<Ledger?>(nil)
    private let state = Mutex(State())
    private let work: AsyncStream<Void>
    private let hasWork: AsyncStream<Void>.Continuation

    init(
        sender: any EventSender,
        clock: any TimeSource,
        random: any RandomBits,
        callbackSecret: @escaping @Sendable () -> Secret?,
        logger: Logger
    ) {
        self.sender = sender
        self.clock = clock
        self.random = random
        self.callbackSecret = callbackSecret
        self.logger = logger
        (work, hasWork) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Begins with what the book knows. To be called once, when the journal was read.
    func resume(_ ledger: Ledger) {
        follow(ledger.read { $0.deliveryLines }, ledger)
    }

    /// The first deliveries of these lines, or when they are due, may have changed.
    func follow(_ lines: [DeliveryLine], _ ledger: Ledger) {
        guard !lines.isEmpty else { return }
        self.ledger.withLock { $0 = ledger }
        let dues = ledger.read { book in lines.map { (line: $0, due: book.due(of: $0)) } }
        state.withLock { state in
            for case (let line, let due?) in dues {
                // Somebody else may know of an earlier one: to look at a line too early does no harm.
                let earliest = min(due, state.dues[line] ?? due)
                guard state.dues[line] != earliest else { continue }
                state.dues[line] = earliest
                state.waiting.insert(Waiting(due: earliest, line: line))
            }
        }
        hasWork.yield()
    }

    /// Sends what is due until the gateway stops. What is under way then is sent again after a restart.
    package func run() async {
        await cancelledByStop {
            await withDiscardingTaskGroup { group in
                for await _ in self.work {
                    let (lines, alarm) = self.takeDue()
                    for line in lines { group.addTask { await self.send(line) } }
                    if let alarm { group.addTask { await self.sleep(until: alarm) } }
                }
            }
        }
    }

    /// The lines whose turn it is, and when the next one is due, unless somebody sleeps until then.
    private func takeDue() -> (lines: [DeliveryLine], alarm: Timestamp?) {
        let now = clock.now
        let due = state.withLock { state in
            var due: [DeliveryLine] = []
            while let first = state.waiting.min, first.due <= now || state.dues[first.line] != first.due {
                state.waiting.removeMin()
                guard state.dues[first.line] == first.due else { continue }
                state.dues[first.line] = nil
                // One that is under way is looked at again when it is back.
                if state.taken[first.line] == nil { due.append(first.line) }
            }
            return due
        }
        let servers = due.map(server)
        return state.withLock { state in
            for (line, server) in zip(due, servers) where state.taken[line] == nil {
                state.taken[line] = server
                if state.servers[server]?.ready.isEmpty ?? true { state.turns.append(server) }
                state.servers[server, default: Server()].ready.append(line)
            }
            let lines = takeTurns(&state)
            guard let next = state.waiting.min?.due, state.alarm.map({ next < $0 }) ?? true else { return (lines, nil) }
            state.alarm = next
            return (lines, next)
        }
    }

    /// Takes lines that are ready, one server after the other.
    private func takeTurns(_ state: inout State) -> [DeliveryLine] {
        var (lines, passed, served): ([DeliveryLine], [String], [String]) = ([], [], [])
        for (index, server) in state.turns.enumerated() {
            guard state.underWay < Self.mostAtOnce else {
                passed += state.turns[index...]
                break
            }
            let room = min(Self.mostOfServer - (state.servers[server]?.underWay ?? 0), Self.mostAtOnce - state.underWay)
            let count = min(max(0, room), state.servers[server]?.ready.count ?? 0)
            lines += state.servers[server]?.ready.prefix(count) ?? []
            state.servers[server]?.ready.removeFirst(count)
            state.servers[server]?.underWay += count
            state.underWay += count
            guard state.servers[server]?.ready.isEmpty == false else { continue }
            if count == 0 { passed.append(server) } else { served.append(server) }
        }
        // Whoever got nothing this time is first the next time.
        state.turns = passed + served
        return lines
    }

    /// Where a line's deliveries go.
    private func server(of line: DeliveryLine) -> String {
        let url = ledger.withLock { $0 }?.read { $0.url(of: line.receiver) }
        // Scheme, host and port.
        return url.map { $0.split(separator: "/", maxSplits: 2).prefix(2).joined(separator: "/") } ?? line.receiver.text
    }

    private func sleep(until alarm: Timestamp) async {
        // The wall clock may be set meanwhile.
        try? await clock.sleep(for: max(.zero, min(Self.longestSleep, alarm - clock.now)))
        state.withLock { if $0.alarm == alarm { $0.alarm = nil } }
        hasWork.yield()
    }

    /// Sends the first delivery of a line, and notes how that went.
    private func send(_ line: DeliveryLine) async {
        defer { hasWork.yield() }
        guard let ledger = ledger.withLock({ $0 }) else { return }
        if let due = ledger.read({ $0.first(of: line) }), due.delivery.due <= clock.now {
            if due.url == nil, case .subscription(let id) = line.receiver {
                // The subscription has ended: what still waits for it is taken back.
                _ = try? await ledger.commit(.delivering(.unsubscribed(id)))
            } else {
                let attempt = await attempt(due)
                guard !Task.isCancelled else { return }
                _ = try? await ledger.commit(.delivering(.tried(due.delivery.id, attempt)))
                if !attempt.hasSucceeded { tell(due, attempt) }
            }
        }
        state.withLock { state in
            guard let server = state.taken.removeValue(forKey: line) else { return }
            state.underWay -= 1
            state.servers[server]?.underWay -= 1
            if let idle = state.servers[server], idle.underWay == 0, idle.ready.isEmpty { state.servers[server] = nil }
        }
        // A failed journal is no reason to send the same again and again.
        if ledger.failure == nil { follow([line], ledger) }
    }

    private func attempt(_ due: DueDelivery) async -> DeliveryAttempt {
        let (begin, delivery) = (clock.moment, due.delivery)
        let answer = await answer(to: due)
        let took = Int((clock.moment - begin) / .milliseconds(1))
        let isLast = answer.status == 410 || answer.isFinal || delivery.tries >= CallPolicy.deliveryPauses.count
        var next: Timestamp?
        if answer.reason != nil, !isLast {
            let pause = CallPolicy.deliveryPauses[delivery.tries]
            // A little less each time, so that deliveries that failed together do not come back together.
            let spread = pause * (Double(random.next() % 1000) / 10_000)
            next = clock.now + max(pause - spread, min(answer.retryAfter ?? .zero, Self.longestAsked))
        }
        return DeliveryAttempt(
            at: clock.now,
            status: answer.status,
            reason: answer.reason,
            milliseconds: took,
            next: next
        )
    }

    private func answer(to due: DueDelivery) async -> EventAnswer {
        guard let url = due.url else { return .final("the receiver is not known any more") }
        guard let secret = due.secret ?? callbackSecret()?.exposed else {
            return .final("CALLBACK_SECRET is not set, so nothing can be signed")
        }
        let content: OutgoingEvent.Content
        switch (due.delivery.receiver, due.past) {
        case (_, let past?): content = .notice(past.notice)
        case (.subscription(let id), nil) where due.delivery.callID == nil: content = .trial(id, at: due.delivery.at)
        case (_, nil): return .final("the call has left the gateway: see CALL_RETENTION")
        }
        return await sender.send(OutgoingEvent(id: due.delivery.id, url: url, secret: secret, content: content))
    }

    private func tell(_ due: DueDelivery, _ attempt: DeliveryAttempt) {
        var metadata: Logger.Metadata = [
            "delivery.id": "\(due.delivery.id)", "reason": "\(attempt.reason ?? "")",
            "attempts": "\(due.delivery.tries + 1)",
        ]
        if let id = due.delivery.callID { metadata["call.id"] = "\(id)" }
        if let next = attempt.next {
            metadata["next.try.at"] = "\(next.rfc3339)"
            logger.log(
                level: due.delivery.tries == 0 ? .warning : .debug,
                "an event was not delivered, and is sent again",
                metadata: metadata
            )
        } else {
            logger.error("an event was not delivered, and is given up", metadata: metadata)
        }
    }
}

extension EventAnswer {
    /// To try again would not help.
    fileprivate static func final(_ reason: String) -> EventAnswer {
        var answer = EventAnswer(status: nil, reason: reason)
        answer.isFinal = true
        return answer
    }
}
