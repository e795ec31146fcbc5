/// Time and pauses, handed in so that a whole gateway can be simulated.
package protocol WallClock: Sendable {
    var now: Timestamp { get }
    /// - Throws: `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// Unpredictable bits, handed in for the same reason.
package protocol RandomBits: Sendable {
    func next() -> UInt64
}
