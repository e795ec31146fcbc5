package import CallDomain
import Logging
import Synchronization

/// Stands before every request to one vendor: shares our connections out, repeats what may be repeated, gives up early
/// while the vendor is down, and knows how it fares.
package final class VendorGuard: Sendable {
    /// The state of a vendor, as far as it is known.
    package struct Condition: Sendable, Equatable {
        package enum Verdict: String, Sendable, CaseIterable {
            /// Nothing was asked yet.
            case unknown
            case ok
            /// It does not take this gateway's credentials, or its account may not do what it must.
            case refused
            /// No answer, one of 5xx, or one that is not the vendor's own.
            case unreachable
        }

        package var verdict = Verdict.unknown
        /// When that was seen.
        package var seenAt: Timestamp?
        /// In one line; for the operator.
        package var reason: String?
        package var isBreakerOpen = false
    }

    /// What may be repeated after a failure.
    enum Repetition {
        /// Whatever failed: the request does the same thing twice that it does once.
        case always
        /// What the vendor certainly did not do.
        case ifNotDone
        /// Nothing: the caller decides.
        case never
    }

    fileprivate struct State {
        var breaker = CircuitBreaker()
        var budget = RetryBudget()
        var condition = Condition()
        var lastProbe: Moment?
        var lastSeen: Moment?
    }

    /// How often a request is repeated at most.
    private static let mostRepetitions = 2
    private static let firstPause = Duration.milliseconds(200)
    private static let longestPause = Duration.seconds(2)
    /// How long a known state counts as current.
    private static let freshness = Duration.seconds(30)

    package let vendor: Vendor
    let permits: VendorPermits
    private let clock: any TimeSource
    private let random: any RandomBits
    private let logger: Logger
    private let state = Mutex(State())
    /// Told whether the breaker has opened or closed, in that order, so under the lock: it must not come back here.
    private let breakerChanged: @Sendable (_ isOpen: Bool) -> Void

    init(
        _ vendor: Vendor,
        limits: PermitLimits = .init(),
        clock: any TimeSource,
        random: any RandomBits,
        logger: Logger,
        breakerChanged: @escaping @Sendable (_ isOpen: Bool) -> Void = { _ in }
    ) {
        self.vendor = vendor
        permits = VendorPermits(vendor, limits: limits, clock: clock)
        self.clock = clock
        self.random = random
        self.logger = logger
        self.breakerChanged = breakerChanged
    }

    package var condition: Condition {
        state.withLock { state in
            var condition = state.condition
            condition.isBreakerOpen = state.breaker.isOpen
            return condition
        }
    }

    var isOpen: Bool { state.withLock { $0.breaker.isOpen } }

    /// Why nothing is asked while the breaker is open.
    var openFailure: VendorFailure { Self.openFailure(of: vendor) }

    static func openFailure(of vendor: Vendor) -> VendorFailure {
        .notSent(vendor, reason: "its circuit breaker is open after many failures; it is probed every few seconds")
    }

    /// Runs a request, and repeats it as far as that is allowed, within `patience`.
    ///
    /// `body` gets the time that is left. Urgent work runs even while the breaker is open: it cannot wait for a probe.
    /// `hasPermit`: the caller holds a permit. `isRepetition`: the caller repeats by its own rules, and has asked
    /// ``mayRepeat()``. A failure that `isOurDoing` says nothing of the vendor, nor does one for want of a permit.
    func run<Value>(
        repeating repetition: Repetition,
        for work: WorkClass = .other,
        within patience: Duration = CallPolicy.vendorPatience,
        hasPermit: Bool = false,
        isRepetition: Bool = false,
        isOurDoing: () -> Bool = { false },
        _ body: (Duration) async throws(VendorFailure) -> Value
    ) async throws(VendorFailure) -> Value {
        let deadline = clock.moment + patience
        var repetitions = 0
        while true {
            guard work == .urgent || !isOpen else { throw openFailure }
            // What is left of the patience when the wait ends must be enough for an answer.
            let longestWait = deadline - clock.moment - CallPolicy.leastPatience
            let permit = hasPermit ? nil : try await permits.permit(for: work, within: longestWait)
            // It may have opened during the wait.
            guard work == .urgent || !isOpen else {
                permit?.release()
                throw openFailure
            }
            let sentAt = clock.moment
            if repetitions == 0, !isRepetition { state.withLock { $0.budget.countRequest() } }
            let failure: VendorFailure
            do {
                defer { permit?.release() }
                let value = try await body(max(deadline - sentAt, .milliseconds(1)))
                note(nil, sentAt)
                return value
            } catch { failure = error }
            guard !isOurDoing() else { throw failure }
            note(failure, sentAt)
            guard repetitions < Self.mostRepetitions,
                let pause = pause(after: failure, repetition, repetitions),
                clock.moment + pause < deadline, mayRepeat(),
                (try? await clock.sleep(for: pause)) != nil
            else { throw failure }
            repetitions += 1
        }
    }

    /// Whether the budget has room for a repetition; it is spent with that.
    func mayRepeat() -> Bool { state.withLock { $0.budget.spend() } }

    /// How long to wait before the request is sent again; `nil` if it must not be.
    private func pause(after failure: VendorFailure, _ repetition: Repetition, _ before: Int) -> Duration? {
        switch (repetition, failure) {
        case (.never, _), (_, .refused), (.ifNotDone, .unclear), (.ifNotDone, .nonsense): return nil
        case (_, .throttled(_, let retryAfter?)): return retryAfter
        case (_, .throttled), (_, .notSent), (_, .noConnection), (.always, .unclear), (.always, .nonsense): break
        }
        let longest = min(Self.firstPause * (1 << before), Self.longestPause)
        // Half fixed, half by chance, so that many who failed together do not come back together.
        let half = longest.milliseconds / 2
        return .milliseconds(half + Int64(random.next() % UInt64(half + 1)))
    }

    /// Records the result of a request.
    private func note(_ failure: VendorFailure?, _ sentAt: Moment) {
        let opened = state.withLock { state in
            state.see(failure, clock)
            let opened = state.breaker.note(failed: failure?.isOutage ?? false, sentAt: sentAt, now: clock.moment)
            if opened { breakerChanged(true) }
            return opened
        }
        if opened {
            logger.error(
                "circuit breaker opened: no requests to this vendor until it recovers",
                metadata: ["vendor": "\(vendor.rawValue)"]
            )
        }
    }

    /// Probes the vendor if a probe is due: every few seconds while the breaker is open, otherwise if there was no
    /// answer for a while.
    func probeIfDue(_ probe: () async throws(VendorFailure) -> Void) async {
        let now = clock.moment
        let isDue = state.withLock { state in
            let interval = state.breaker.isOpen ? CircuitBreaker.probeInterval : Self.freshness
            let known = [state.lastProbe, state.breaker.openedAt ?? state.lastSeen].compactMap(\.self).max()
            let isDue = known.map { now - $0 >= interval } ?? true
            if isDue { state.lastProbe = now }
            return isDue
        }
        guard isDue else { return }
        var failure: VendorFailure?
        do throws(VendorFailure) { try await probe() } catch { failure = error }
        // A probe that the stop of the gateway cut off says nothing of the vendor.
        guard !Task.isCancelled else { return }
        let (before, verdict, closed) = state.withLock { state in
            let before = state.condition.verdict
            state.see(failure, clock)
            let closed = failure?.isOutage == true ? false : state.breaker.close(now: clock.moment)
            if closed { breakerChanged(false) }
            return (before, state.condition.verdict, closed)
        }
        if let failure, verdict == .unreachable, verdict != before {
            // At the start no order has met it yet. What a refusal means, the adapters tell.
            logger.warning("a vendor cannot be reached", metadata: failure.logMetadata)
        } else if closed {
            logger.notice("circuit breaker closed: vendor recovered", metadata: ["vendor": "\(vendor.rawValue)"])
        } else if before == .unreachable, verdict != before {
            logger.notice("a vendor has recovered", metadata: ["vendor": "\(vendor.rawValue)"])
        }
    }
}

extension VendorGuard.State {
    fileprivate mutating func see(_ failure: VendorFailure?, _ clock: any TimeSource) {
        condition.seenAt = clock.now
        lastSeen = clock.moment
        condition.reason = nil
        condition.verdict = .ok
        guard let failure else { return }
        if failure.isOutage || failure.isStrangersAnswer {
            condition.verdict = .unreachable
            condition.reason = failure.reason
        } else if failure.isOfThisGateway {
            condition.verdict = .refused
            condition.reason = failure.reason
        }
    }
}

extension VendorFailure {
    /// A 4xx that the vendor did not give: whoever did, such as a proxy, stands between us and the vendor. The breaker does
    /// not count it, as it may concern one request alone.
    fileprivate var isStrangersAnswer: Bool {
        switch self {
        case .unclear(_, let status?, _): status < 500
        case .unclear, .notSent, .noConnection, .refused, .throttled, .nonsense: false
        }
    }

    /// No connection to the vendor, no answer in time, a broken one, or 5xx: what a breaker counts. 4xx never does, nor
    /// what did not leave because our own connections were in use.
    var isOutage: Bool {
        switch self {
        case .notSent: true
        case .unclear: (status ?? 500) >= 500
        case .noConnection: false
        case .refused, .throttled, .nonsense: (status ?? 0) >= 500
        }
    }
}
