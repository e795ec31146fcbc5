import CallDomain

/// Keeps the creates sent to Twilio within `CALLS_PER_SECOND` in any second, as Twilio sees them.
///
/// The exact time at which a request arrives at Twilio is not known; it lies between sending and answer. Therefore a
/// window begins with the answer of its first create, and jitter cannot put one create too many into it.
struct DialPace {
    /// Of a create that has begun.
    struct Number: Hashable {
        fileprivate let value: Int
    }

    private struct Create {
        let startedAt: Timestamp
        var answeredAt: Timestamp?
    }

    /// An unanswered create counts as received after this.
    private static let longestWay = Duration.seconds(1)
    /// What answers are thought to take before one has come.
    private static let firstAnswerTime = Duration.milliseconds(400)
    /// A clock shows whole milliseconds.
    private static let margin = Duration.milliseconds(5)

    /// How many creates one window takes, and its length: 5 in 1 s, or 1 in 2 s.
    private let perWindow: Int
    private let window: Duration
    /// Between two creates at least, so that they do not come in bursts.
    private let spacing: Duration
    /// The last creates, of consecutive numbers: as many as a window takes.
    private var creates: [Create] = []
    private var next = 0
    private var answerTime = RecentTime(first: firstAnswerTime)

    init(callsPerSecond: Double) {
        perWindow = max(1, Int(callsPerSecond))
        window = callsPerSecond >= 1 ? .seconds(1) : .milliseconds(Int64((1000 / callsPerSecond).rounded(.up)))
        spacing = .milliseconds(window.milliseconds / Int64(perWindow))
    }

    /// From one create to the next where many wait: a window begins with an answer, so their time counts.
    var interval: Duration { (window + Self.margin + min(answerTime.value, Self.longestWay)) / perWindow }

    /// How long the next create has to wait.
    mutating func wait(now: Timestamp) -> Duration {
        guard let last = creates.last else { return .zero }
        if last.startedAt > now {
            // The clock was set back: nothing is known of the time between.
            creates = creates.map { _ in Create(startedAt: now, answeredAt: now) }
        }
        var earliest = (creates.last?.startedAt ?? now) + spacing
        if creates.count == perWindow, let first = creates.first {
            let latestArrival = first.answeredAt ?? min(now, first.startedAt + Self.longestWay)
            earliest = max(earliest, latestArrival + window + Self.margin)
        }
        return max(.zero, earliest - now)
    }

    /// Begins a create; its answer must be reported with ``end(_:now:)``.
    mutating func begin(now: Timestamp) -> Number {
        creates.append(Create(startedAt: now))
        if creates.count > perWindow { creates.removeFirst() }
        defer { next += 1 }
        return Number(value: next)
    }

    /// Takes back a create that was certainly not sent. Only the last one makes room, because the later ones were timed
    /// by it.
    mutating func takeBack(_ number: Number, now: Timestamp) {
        guard number.value == next - 1, !creates.isEmpty else { return end(number, now: now) }
        creates.removeLast()
        next -= 1
    }

    mutating func end(_ number: Number, now: Timestamp) {
        let place = creates.count - (next - number.value)
        guard creates.indices.contains(place) else { return }
        creates[place].answeredAt = now
        answerTime.saw(max(.zero, now - creates[place].startedAt))
    }
}
