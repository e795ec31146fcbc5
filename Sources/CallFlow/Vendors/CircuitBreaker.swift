import CallDomain

/// Opens when a vendor fails so often that asking it again would only cost time: at least half of its last 20 requests,
/// and at least 10 of them, got no answer or one of 5xx.
struct CircuitBreaker {
    private static let window = 20
    private static let fewestFailures = 10
    /// From one probe to the next.
    static let probeInterval = Duration.milliseconds(5200)

    /// Whether the last requests failed, the oldest first.
    private var failures: [Bool] = []
    private(set) var openedAt: Moment?
    private var closedAt: Moment?

    var isOpen: Bool { openedAt != nil }

    /// Counts the result of a request that was sent at `sentAt`. Returns whether it opened the breaker.
    mutating func note(failed: Bool, sentAt: Moment, now: Moment) -> Bool {
        guard !isOpen else { return false }
        // A request sent before the vendor recovered says nothing about its present state.
        if let closedAt, sentAt < closedAt { return false }
        failures.append(failed)
        if failures.count > Self.window { failures.removeFirst() }
        let count = failures.count(where: \.self)
        guard count >= Self.fewestFailures, count * 2 >= failures.count else { return false }
        openedAt = now
        failures = []
        return true
    }

    /// Returns whether this closed it.
    mutating func close(now: Moment) -> Bool {
        guard isOpen else { return false }
        openedAt = nil
        closedAt = now
        return true
    }
}

/// Bounds what repetitions may add to the load of a vendor in trouble: a tenth, over time.
struct RetryBudget {
    private static let most = 10.0
    private static let perRequest = 0.1

    private var tokens = most

    mutating func countRequest() { tokens = min(Self.most, tokens + Self.perRequest) }

    /// Returns whether a repetition may be sent, and counts it.
    mutating func spend() -> Bool {
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
