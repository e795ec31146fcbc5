import CallDomain
import Logging
import Synchronization

/// A clock that is set by hand.
final class SetClock: TimeSource {
    private let time = Mutex((now: Timestamp(milliseconds: 1_790_000_000_000), moment: Moment(elapsed: .zero)))

    var now: Timestamp { time.withLock { $0.now } }
    var moment: Moment { time.withLock { $0.moment } }
    func sleep(for duration: Duration) async throws { advance(by: duration) }

    func advance(by duration: Duration) {
        time.withLock { $0 = ($0.now + duration, $0.moment + duration) }
    }

    /// Sets the wall clock, which moves no other.
    func setWallClock(by duration: Duration) { time.withLock { $0.now = $0.now + duration } }
}

/// Bits that differ from one to the next, and can be foretold.
final class CountedBits: RandomBits {
    private let count = Atomic<UInt64>(0)

    func next() -> UInt64 { count.add(1, ordering: .relaxed).newValue }
}

/// Keeps log lines, with the names of the task that wrote them.
final class KeptLog: Sendable {
    struct Line: Sendable {
        let message: String
        let fields: [String: String]
    }

    private let kept = Mutex<[Line]>([])

    var lines: [Line] { kept.withLock { $0 } }

    func lines(_ message: String) -> [Line] { lines.filter { $0.message == message } }

    var logger: Logger { Logger(label: "test") { _ in Handler(store: self) } }

    private struct Handler: LogHandler {
        let store: KeptLog
        var logLevel = Logger.Level.debug
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            var fields = metadata.mapValues(\.description)
            fields.merge(LogContext.names) { $1 }
            if let given = event.metadata { fields.merge(given.mapValues(\.description)) { $1 } }
            store.kept.withLock { $0.append(Line(message: event.message.description, fields: fields)) }
        }
    }
}
