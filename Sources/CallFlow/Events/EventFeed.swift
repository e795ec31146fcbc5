package import CallDomain
package import ServiceLifecycle
import Synchronization

/// Tells readers what happens: each event once, in the order of the log, after it is durable.
///
/// Whoever commits a record hands its events over and goes on; one task hands them to readers. The more readers it wakes, the
/// longer it rests before it wakes more, so that what they send does not hold up webhooks.
package final class EventFeed: Service {
    private struct State {
        var readers: [EventTopic: [ObjectIdentifier: EventReader]] = [:]
        var count = 0
        var slow = 0
        /// Happened, and not handed to readers yet.
        var events: [PublishedEvent] = []
        var hasStopped = false

        var all: [EventReader] { readers.values.flatMap(\.values) }
    }

    /// More events than that which nobody had time to hand on are too many for all readers of all calls.
    private static let mostEvents = 20_000
    /// A connection without events is shown to be alive so often.
    package static let heartbeat = Duration.seconds(15)
    /// For each reader that was woken: a multiple of what it takes to send him something. Under load he is sent more at once.
    private static let rest = Duration.microseconds(500)
    private static let longestRest = Duration.seconds(1)
    /// A sleep that ends later than this shows that the machine has more to do than it can. Webhooks come first then: the feed
    /// rests so many times as long as its last sleep was late, and sends readers more at once.
    private static let usualLag = Duration.milliseconds(5)
    private static let restForLag = 50
    /// So many events are handed on at a time, and the next ones a little later, so that a reader of all calls keeps up with
    /// them: half of what may wait for a reader.
    private static let atOnce = EventReader.mostWaiting / 2
    private static let restBetween = Duration.milliseconds(25)
    private static let tick = Duration.seconds(1)

    private let clock: any TimeSource
    private let state = Mutex(State())
    private let work: AsyncStream<Void>
    private let hasWork: AsyncStream<Void>.Continuation

    init(clock: any TimeSource) {
        self.clock = clock
        (work, hasWork) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How many streams are open.
    package var readerCount: Int { state.withLock { $0.count } }

    /// How many streams have ended because their readers were slow.
    package var slowReaderCount: Int { state.withLock { $0.slow } }

    /// These events have happened. Never waits.
    func publish(_ notices: [CallNotice]) {
        guard !notices.isEmpty else { return }
        let wakes = state.withLock { state in
            guard state.count > 0 else { return false }
            defer { for notice in notices { state.events.append(PublishedEvent(notice)) } }
            return state.events.isEmpty
        }
        if wakes { hasWork.yield() }
    }

    func add(_ reader: EventReader) {
        let hasStopped = state.withLock { state in
            guard !state.hasStopped else { return true }
            state.count += 1
            state.readers[reader.topic, default: [:]][ObjectIdentifier(reader)] = reader
            return false
        }
        if hasStopped { reader.end(.stopping) }
    }

    /// `isSlow` says that it is dropped for that.
    func remove(_ reader: EventReader, isSlow: Bool) {
        state.withLock { state in
            guard state.readers[reader.topic]?.removeValue(forKey: ObjectIdentifier(reader)) != nil else { return }
            if state.readers[reader.topic]?.isEmpty == true { state.readers[reader.topic] = nil }
            state.count -= 1
            if isSlow { state.slow += 1 }
        }
    }

    /// Hands events on until the gateway stops, and ends all streams then.
    package func run() async {
        await cancelledByStop {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.handOn() }
                group.addTask { await self.watch() }
            }
        }
        let readers = state.withLock { state in
            state.hasStopped = true
            return state.all
        }
        for reader in readers { reader.end(.stopping) }
    }

    private func handOn() async {
        for await _ in work {
            var lag = Duration.zero
            while case let (events, left, readers) = takeEvents(), !events.isEmpty {
                if left > Self.mostEvents {
                    for reader in readers.values.flatMap(\.values) where reader.callID == nil { reader.end(.slow) }
                }
                var woken = 0
                for event in events {
                    for topic in event.notice.call.topics {
                        for reader in readers[topic]?.values ?? [:].values where reader.hand(event) { woken += 1 }
                    }
                }
                guard woken > 0 else { continue }
                let restForLag = (lag - Self.usualLag) * Self.restForLag
                let rest =
                    left > 0
                    ? max(Self.restBetween, lag * 2) : min(max(Self.rest * woken, restForLag), Self.longestRest)
                let begin = clock.moment
                try? await clock.sleep(for: rest)
                lag = clock.moment - begin - rest
            }
        }
    }

    /// The oldest events that were not handed on, how many there are beyond them, and who may want them.
    private func takeEvents() -> ([PublishedEvent], Int, [EventTopic: [ObjectIdentifier: EventReader]]) {
        state.withLock { state in
            let events = Array(state.events.prefix(Self.atOnce))
            state.events.removeFirst(events.count)
            return (events, state.events.count, state.readers)
        }
    }

    private func watch() async {
        while !Task.isCancelled {
            try? await clock.sleep(for: Self.tick)
            for reader in state.withLock({ $0.all }) { reader.tick(quietAfter: Self.heartbeat) }
        }
    }
}
