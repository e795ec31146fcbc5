import CallDomain

/// Decides, after a failed create at Twilio, whether it may be sent again.
struct DialAttempt {
    enum Step: Equatable {
        case again(after: Duration)
        /// Twilio certainly did nothing.
        case giveUp
        /// Twilio may have dialed: nothing but evidence may decide.
        case leaveToEvidence
    }

    /// A `Retry-After` of 0 is not believed.
    static let shortestPause = Duration.seconds(1)

    /// Until then it may be sent again.
    let endsAt: Moment
    private var resends = 0
    private var throttled = 0

    init(startedAt: Moment) { endsAt = startedAt + CallPolicy.throttlePatience }

    mutating func next(after failure: VendorFailure, now: Moment) -> Step {
        switch failure {
        case .notSent, .noConnection:
            guard resends < CallPolicy.resendPauses.count else { return .giveUp }
            resends += 1
            return .again(after: CallPolicy.resendPauses[resends - 1])
        case .throttled(_, let retryAfter):
            // Without advice: 1, 2, 4 s.
            let pause = max(retryAfter ?? .seconds(1 << min(throttled, 3)), Self.shortestPause)
            throttled += 1
            guard now + pause <= endsAt else { return .giveUp }
            return .again(after: pause)
        case .refused: return .giveUp
        case .unclear, .nonsense: return .leaveToEvidence
        }
    }
}
