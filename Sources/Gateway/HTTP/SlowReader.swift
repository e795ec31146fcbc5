import NIOCore

/// Whether the client reads its answers: written bytes must leave this process within a time limit.
///
/// The test is not "nothing is waiting": a healthy event stream may have bytes waiting at any moment.
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
