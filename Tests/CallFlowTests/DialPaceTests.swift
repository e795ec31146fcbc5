import CallDomain
import Testing

@testable import CallFlow

/// The pace of creates, as they leave for Twilio.
@Suite struct DialPaceTests {
    /// Orders without end, each dialed as soon as the pace allows. `way` says how long one takes from its beginning until
    /// it leaves, `nil` that it never does; `answer` how long its answer takes after that.
    private struct Load {
        var pace: DialPace
        var now = Moment(elapsed: .seconds(50))
        private(set) var begun: [Moment] = []
        private(set) var left: [Moment] = []
        private var coming: [(at: Moment, tell: (inout DialPace) -> Void)] = []

        init(_ rate: Double) { pace = DialPace(callsPerSecond: rate) }

        mutating func run(until end: Moment, way: () -> Duration?, answer: () -> Duration) {
            while now < end {
                let due = coming.filter { $0.at <= now }.sorted { $0.at < $1.at }
                coming.removeAll { $0.at <= now }
                for event in due { event.tell(&pace) }
                let wait = pace.wait(now: now)
                guard wait <= .zero else {
                    now = min(now + wait, coming.map(\.at).min() ?? now + wait)
                    continue
                }
                let number = pace.begin(now: now)
                begun.append(now)
                guard let way = way() else {
                    coming.append((now + .milliseconds(3), { $0.takeBack(number) }))
                    continue
                }
                let departure = now + way
                left.append(departure)
                let answered = departure + answer()
                coming.append((departure, { $0.left(number, at: departure) }))
                coming.append((answered, { $0.answered(number, now: answered) }))
            }
            left.sort()
        }

        /// The most that left within any second.
        var most: Int {
            left.indices.map { first in left[first...].prefix { $0 - left[first] < .seconds(1) }.count }.max() ?? 0
        }
    }

    private static let rates = [0.1, 0.5, 1, 1.1, 1.9, 2, 2.5, 5, 19.5, 20]

    @Test(arguments: rates, 0..<12)
    func `no second sees more creates leave than are allowed, however long connecting takes`(rate: Double, seed: Int) {
        var random = Seeded(state: UInt64(seed) &* 7919 + 1)
        var load = Load(rate)
        // Most connections are kept; some are made, slowly; some never are.
        let slow = Int64([5, 400, 3000][seed % 3])
        load.run(
            until: load.now + .seconds(rate < 1 ? 200 : 40),
            way: {
                switch Int.random(in: 0..<10, using: &random) {
                case 0: nil
                case 1...4: .milliseconds(Int64.random(in: 0...slow, using: &random))
                default: .milliseconds(Int64.random(in: 0...3, using: &random))
                }
            },
            answer: { .milliseconds(Int64.random(in: 0...5000, using: &random)) }
        )
        #expect(load.left.count > 5)
        #expect(load.most <= Int(rate.rounded(.up)))
        for (one, next) in zip(load.left, load.left.dropFirst()) where rate <= 1 {
            #expect(next - one >= .seconds(1 / rate))
        }
    }

    @Test(arguments: rates, [0, 500, 5000])
    func `at a steady load the setting is used up, however long answers take`(rate: Double, answer: Int64) {
        var random = Seeded(state: 3)
        var load = Load(rate)
        let time = Duration.seconds(rate < 1 ? 1000 : 200)
        load.run(
            until: load.now + time,
            way: { .milliseconds(Int64.random(in: 0...15, using: &random)) },
            answer: { .milliseconds(answer) }
        )
        let seconds = Double(time.wholeSeconds)
        #expect(Double(load.left.count) >= rate * seconds * 0.95)
        #expect(Double(load.begun.count) <= rate * seconds + 1)
        #expect(load.most <= Int(rate.rounded(.up)))
    }

    @Test func `a create whose connection takes long does not leave together with the next one`() {
        var pace = DialPace(callsPerSecond: 1)
        let start = Moment(elapsed: .seconds(50))
        let slow = pace.begin(now: start)
        // Its TLS handshake takes two seconds: until then the next one does not begin, and then a second later.
        #expect(pace.wait(now: start + .milliseconds(1990)) > .zero)
        pace.left(slow, at: start + .seconds(2))
        #expect(pace.wait(now: start + .milliseconds(2990)) > .zero)
        #expect(pace.wait(now: start + .seconds(3) + DialPace.margin) == .zero)
    }

    @Test func `a create that never leaves gives its place back, and one that left does not`() {
        var pace = DialPace(callsPerSecond: 1)
        let start = Moment(elapsed: .seconds(50))
        pace.takeBack(pace.begin(now: start))
        #expect(pace.wait(now: start) == .zero)
        let left = pace.begin(now: start)
        pace.left(left, at: start)
        pace.takeBack(left)
        #expect(pace.wait(now: start) > .seconds(1))
    }

    @Test(arguments: [0.5, 1, 5])
    func `what a process before this one may have sent counts`(rate: Double) {
        var pace = DialPace(callsPerSecond: rate)
        let end = Moment(elapsed: .seconds(50))
        pace.mayHaveLeft(until: end)
        let window = Duration.seconds(max(1, 1 / rate)) + DialPace.margin
        #expect(pace.wait(now: end + .milliseconds(40)) == window - .milliseconds(40))
        #expect(pace.wait(now: end + window) == .zero)
    }

    @Test func `a create of which only the answer is known left when that came`() {
        var pace = DialPace(callsPerSecond: 1)
        let start = Moment(elapsed: .seconds(50))
        pace.answered(pace.begin(now: start), now: start + .milliseconds(700))
        #expect(pace.wait(now: start + .milliseconds(1700)) > .zero)
        #expect(pace.wait(now: start + .milliseconds(1725)) == .zero)
    }
}

struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
