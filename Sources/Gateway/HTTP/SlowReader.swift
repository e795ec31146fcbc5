import NIOCore

/// Whether the client takes its answers: what has been written must leave this process within a time.
///
/// Not "nothing may be waiting": a stream of events may have something waiting whenever one looks, and be healthy.
struct SlowReader {
    /// Bytes written since the connection was opened.
    var written = 0
    private var awaited: (bytes: Int, since: NIODeadline)?

    /// `waiting` is what of the written bytes the socket has not taken.
    mutating func isInTime(waiting: Int, now: NIODeadline, limit: Duration) -> Bool {
        if let awaited, written - waiting < awaited.bytes { return now < awaited.since + TimeAmount(limit) }
        awaited = waiting > 0 ? (written, now) : nil
        return true
    }
}
