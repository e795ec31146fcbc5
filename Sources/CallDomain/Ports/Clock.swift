/// Time and pauses, handed in so that a whole gateway can be simulated.
///
/// There are two clocks. The wall clock gives times to evidence, and counts across restarts and replicas; it may be set
/// at any moment, forwards or backwards. Every patience, deadline, pause and pace within the process counts by the
/// monotonic clock, which is never set.
package protocol TimeSource: Sendable {
    /// The wall clock.
    var now: Timestamp { get }
    /// The monotonic clock.
    var moment: Moment { get }
    /// The wall clock as it would be if nobody had set it since the process began: for a deadline of seconds that is
    /// kept in a record, so that it has to mean something after a restart too.
    var steadyNow: Timestamp { get }
    /// Pauses by the monotonic clock.
    /// - Throws: `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

extension TimeSource {
    package var steadyNow: Timestamp { now }
}

/// A point on the monotonic clock of one process; it means nothing outside of it.
package struct Moment: Sendable, Hashable, Comparable {
    /// Since an arbitrary beginning.
    package let elapsed: Duration

    package init(elapsed: Duration) { self.elapsed = elapsed }

    package static func < (left: Moment, right: Moment) -> Bool { left.elapsed < right.elapsed }
    package static func + (moment: Moment, duration: Duration) -> Moment { Moment(elapsed: moment.elapsed + duration) }
    package static func - (moment: Moment, duration: Duration) -> Moment { Moment(elapsed: moment.elapsed - duration) }
    package static func - (later: Moment, earlier: Moment) -> Duration { later.elapsed - earlier.elapsed }
}

/// Unpredictable bits, handed in for the same reason.
package protocol RandomBits: Sendable {
    func next() -> UInt64
}
