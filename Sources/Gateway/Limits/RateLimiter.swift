import CallDomain
import Synchronization

/// Counts requests of each caller in windows of a minute, and lets no more through than its quota.
///
/// Fixed windows, one for each caller and counted from its first request: so `remaining` is exact, and 0 means that the
/// next request is refused.
final class RateLimiter: Sendable {
    /// What the counting of a request came to.
    struct Verdict: Sendable, Equatable {
        let isAllowed: Bool
        /// How many more requests the window lets through.
        let remaining: Int
        /// Until the window ends: whole seconds, at least 1.
        let resetSeconds: Int
    }

    static let window = Duration.seconds(60)

    /// Requests in a window.
    let quota: Int
    private let clock: any TimeSource
    private let windows = Mutex<[String: (start: Moment, count: Int)]>([:])

    init(quota: Int, clock: any TimeSource) {
        self.quota = quota
        self.clock = clock
    }

    /// Counts a request of `caller`, the name of an API key: there are only as many as are configured.
    func count(_ caller: String) -> Verdict {
        let now = clock.moment
        return windows.withLock { windows in
            var window = windows[caller] ?? (now, 0)
            if now - window.start >= Self.window { window = (now, 0) }
            let isAllowed = window.count < quota
            if isAllowed { window.count += 1 }
            windows[caller] = window
            let rest = Self.window - (now - window.start)
            return Verdict(
                isAllowed: isAllowed,
                remaining: quota - window.count,
                resetSeconds: max(1, Int((rest.milliseconds + 999) / 1000))
            )
        }
    }
}
