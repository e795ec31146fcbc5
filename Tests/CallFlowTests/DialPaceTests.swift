import CallDomain
import Testing

@testable import CallFlow

/// The pace of creates, as the vendor sees them.
@Suite struct DialPaceTests {
    /// A create is received at any time between its sending and its answer: whatever that time is, no window of a second
    /// may hold more than the pace allows.
    @Test(arguments: [0.5, 1, 2.5, 5, 20], 0..<20)
    func `no second sees more creates than are allowed, however slow or jittery the way is`(rate: Double, seed: Int) {
        var generator = Seeded(state: UInt64(seed) &* 7919 + 1)
        var pace = DialPace(callsPerSecond: rate)
        var now = Timestamp(milliseconds: 1_790_000_000_000)
        var arrivals: [Timestamp] = []
        var open: [(number: DialPace.Number, answer: Timestamp)] = []
        while arrivals.count < 60 {
            for done in open where done.answer <= now { pace.end(done.number, now: done.answer) }
            open.removeAll { $0.answer <= now }
            let wait = pace.wait(now: now)
            guard wait == .zero else {
                // Answers come while one waits.
                now = min(now + wait, open.map(\.answer).min() ?? now + wait)
                continue
            }
            let way = Int64.random(in: 0...900, using: &generator)
            let back = Int64.random(in: 0...90, using: &generator)
            arrivals.append(now + .milliseconds(way))
            open.append((pace.begin(now: now), now + .milliseconds(way + back)))
        }
        arrivals.sort()
        let perWindow = rate >= 1 ? Int(rate) : 1
        let window = Duration.milliseconds(Int64(rate >= 1 ? 1000 : 1000 / rate))
        for (first, oneTooMany) in zip(arrivals, arrivals.dropFirst(perWindow)) {
            #expect(oneTooMany - first > window)
        }
    }

    @Test func `a clock that is set back holds nothing up`() {
        var pace = DialPace(callsPerSecond: 1)
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        pace.end(pace.begin(now: now), now: now)
        let before = now + .seconds(-86_400)
        #expect(pace.wait(now: before) <= .milliseconds(1005))
        #expect(pace.wait(now: before + .milliseconds(1005)) == .zero)
    }
}

private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
