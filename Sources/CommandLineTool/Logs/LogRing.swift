/// Log lines that wait for their writer, in order and bounded in bytes. What does not fit is dropped and counted.
struct LogRing: Sendable {
    /// The most bytes that may wait, those that are being written included.
    let capacity: Int
    private var waiting: [UInt8] = []
    /// Bytes that were taken and are not written yet.
    private var inHand = 0
    /// Lines dropped since the last batch was taken.
    private var dropped = 0

    init(capacity: Int) { self.capacity = capacity }

    /// Whether there is nothing to write and nothing to tell.
    var isEmpty: Bool { waiting.isEmpty && inHand == 0 && dropped == 0 }

    /// Appends a line, its line end included.
    ///
    /// After the first line that does not fit, all others are dropped too until the next batch is taken: so the gap is
    /// in one place, and a line about it can stand there.
    /// - Returns: false if the line was dropped.
    mutating func append(_ line: [UInt8]) -> Bool {
        guard dropped == 0, waiting.count + inHand + line.count <= capacity else {
            dropped += 1
            return false
        }
        waiting += line
        return true
    }

    /// Takes everything that waits.
    /// - Parameter batch: is given the lines; its storage is used for the next ones.
    /// - Returns: how many lines were dropped behind them.
    mutating func take(into batch: inout [UInt8]) -> Int {
        batch.removeAll(keepingCapacity: true)
        swap(&batch, &waiting)
        inHand += batch.count
        defer { dropped = 0 }
        return dropped
    }

    /// Bytes of the batch are written, or given up.
    mutating func wrote(_ count: Int) { inHand -= count }
}
