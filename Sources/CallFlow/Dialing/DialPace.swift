import CallDomain

/// Keeps the creates that leave for Twilio within `CALLS_PER_SECOND`.
///
/// What counts is the moment in which a create left, not that in which it began: connecting may take seconds, or none.
/// One that has begun and has not left may leave at any moment, so it keeps its place in the window until it does, and
/// gives it back if it never will. However long that takes for each, no second sees more than ⌈N⌉ of them leave; the
/// distance from one beginning to the next keeps the average at N.
struct DialPace {
    /// Of a create that has begun.
    struct Number: Hashable, Comparable, Sendable {
        fileprivate let value: Int

        static func < (left: Number, right: Number) -> Bool { left.value < right.value }
    }

    private struct Create {
        let number: Number
        let begunAt: Moment
        var leftAt: Moment?
    }

    /// By so much a window is longer than what Twilio counts by: the way to Twilio takes not the same time for each.
    static let margin = Duration.milliseconds(25)
    /// What a create is thought to need from its beginning until it leaves before one has.
    private static let firstWay = Duration.milliseconds(10)

    /// How many creates may leave in one window, and its length: 5 in 1 s, or 1 in 2 s.
    private let perWindow: Int
    private let window: Duration
    /// From one beginning to the next at least.
    private let spacing: Duration
    /// Those that have not left, and those that left or began so late that they matter; in the order of beginning.
    private var creates: [Create] = []
    private var next = 0
    private var way = RecentTime(first: firstWay)

    init(callsPerSecond: Double) {
        perWindow = max(1, Int(callsPerSecond.rounded(.up)))
        spacing = .seconds(1 / callsPerSecond)
        window = max(.seconds(1), spacing) + Self.margin
    }

    /// From one create to the next where many wait.
    var interval: Duration { max(spacing, (window + min(way.value, .seconds(1))) / perWindow) }

    /// How long the next create has to wait, if those that have begun leave now: at least that long in any case.
    func wait(now: Moment) -> Duration {
        var earliest = now
        if let last = creates.map(\.begunAt).max() { earliest = max(earliest, last + spacing) }
        if creates.count >= perWindow {
            let departures = creates.map { $0.leftAt ?? now }.sorted()
            earliest = max(earliest, departures[departures.count - perWindow] + window)
        }
        return earliest - now
    }

    /// Begins a create. What becomes of it must be told: ``left(_:at:)`` when it leaves, and one of ``answered(_:now:)``
    /// and ``takeBack(_:)`` at its end.
    mutating func begin(now: Moment) -> Number {
        creates.removeAll { create in
            create.leftAt.map { now - $0 >= window && now - create.begunAt >= spacing } ?? false
        }
        let number = Number(value: next)
        next += 1
        creates.append(Create(number: number, begunAt: now))
        return number
    }

    /// A process before this one may have sent creates until then: as many as may leave in one window.
    mutating func mayHaveLeft(until moment: Moment) {
        for _ in 0..<perWindow {
            creates.append(Create(number: Number(value: next), begunAt: moment, leftAt: moment))
            next += 1
        }
    }

    /// The create has left. Says nothing new the second time.
    mutating func left(_ number: Number, at moment: Moment) {
        guard let place = place(of: number), creates[place].leftAt == nil else { return }
        creates[place].leftAt = moment
        way.saw(max(.zero, moment - creates[place].begunAt))
    }

    /// The create has come to its end, and may have left: without other knowledge it left now.
    mutating func answered(_ number: Number, now: Moment) { left(number, at: now) }

    /// The create will never leave: its place is free, unless it has left.
    mutating func takeBack(_ number: Number) {
        guard let place = place(of: number), creates[place].leftAt == nil else { return }
        creates.remove(at: place)
    }

    private func place(of number: Number) -> Int? { creates.firstIndex { $0.number == number } }
}
