import CallDomain
import Synchronization
import Testing

@Suite struct DialPermitTests {
    private final class Clock: TimeSource {
        private let milliseconds = Atomic<Int64>(50_000)

        var now: Timestamp { Timestamp(milliseconds: 0) }
        var moment: Moment { Moment(elapsed: .milliseconds(milliseconds.load(ordering: .relaxed))) }

        func sleep(for duration: Duration) async throws { advance(by: duration.milliseconds) }

        func advance(by time: Int64) { milliseconds.add(time, ordering: .relaxed) }
    }

    private let clock = Clock()
    private let permit: DialPermit

    init() {
        let clock = clock
        permit = DialPermit(armedAt: clock.moment, until: clock.moment + .seconds(6), clock: clock)
    }

    @Test func `lets a request leave once, and says when`() {
        let armedAt = clock.moment
        #expect(permit.state == .armed)
        clock.advance(by: 5999)
        #expect(permit.leave())
        #expect(permit.state == .left(armedAt + .milliseconds(5999)))
        clock.advance(by: -5000)
        #expect(!permit.leave())
        permit.withdraw()
        #expect(permit.state == .left(armedAt + .milliseconds(5999)))
    }

    @Test func `one that left as it was armed has left`() {
        #expect(permit.leave())
        #expect(permit.state == .left(clock.moment))
    }

    @Test func `once withdrawn lets nothing leave`() {
        permit.withdraw()
        #expect(!permit.leave())
        #expect(permit.state == .withdrawn)
    }

    /// A process that was frozen for a minute goes on with whichever thread is first.
    @Test func `lets nothing leave after its end, not even when the clock of a machine is odd`() {
        clock.advance(by: 60_000)
        #expect(!permit.leave())
        clock.advance(by: -60_000)
        #expect(!permit.leave())
        #expect(permit.state == .withdrawn)
    }

    @Test func `of a request that leaves and one who withdraws one alone succeeds`() async {
        for _ in 0..<200 {
            let permit = DialPermit(armedAt: clock.moment, until: clock.moment + .seconds(6), clock: clock)
            async let left = permit.leave()
            async let withdrawn: Void = permit.withdraw()
            await withdrawn
            #expect(await left == (permit.state == .left(clock.moment)))
            #expect(permit.state != .armed)
        }
    }
}
