import CallDomain
import Foundation

/// The machine's clocks.
struct SystemClock: TimeSource {
    private static let beginning = (wall: wallClock, monotonic: ContinuousClock.now)

    private static var wallClock: Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    var now: Timestamp { Self.wallClock }

    var moment: Moment { Moment(elapsed: ContinuousClock.now - Self.beginning.monotonic) }

    var steadyNow: Timestamp { Self.beginning.wall + moment.elapsed }

    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}

/// The system's cryptographic generator.
struct SystemRandomBits: RandomBits {
    func next() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
