import CallDomain
import Foundation

/// The machine's clock.
struct SystemClock: WallClock {
    var now: Timestamp { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))) }

    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}

/// The system's cryptographic generator.
struct SystemRandomBits: RandomBits {
    func next() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
