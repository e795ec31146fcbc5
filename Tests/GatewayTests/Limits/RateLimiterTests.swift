import Testing

@testable import Gateway

/// How much one API key may ask.
@Suite struct RateLimiterTests {
    private let clock = SetClock()

    @Test func `zero remaining means that the next one is refused`() {
        let limiter = RateLimiter(quota: 3, clock: clock)
        #expect(limiter.count("a") == .init(isAllowed: true, remaining: 2, resetSeconds: 60))
        clock.advance(by: .milliseconds(500))
        #expect(limiter.count("a") == .init(isAllowed: true, remaining: 1, resetSeconds: 60))
        clock.advance(by: .seconds(30))
        #expect(limiter.count("a") == .init(isAllowed: true, remaining: 0, resetSeconds: 30))
        #expect(limiter.count("a") == .init(isAllowed: false, remaining: 0, resetSeconds: 30))
        clock.advance(by: .milliseconds(29_499))
        #expect(limiter.count("a") == .init(isAllowed: false, remaining: 0, resetSeconds: 1))
        clock.advance(by: .milliseconds(1))
        #expect(limiter.count("a") == .init(isAllowed: true, remaining: 2, resetSeconds: 60))
    }

    @Test func `one key's noise costs no other key anything`() {
        let limiter = RateLimiter(quota: 5, clock: clock)
        for _ in 0..<100 { _ = limiter.count("noisy") }
        for rest in (0..<5).reversed() {
            #expect(limiter.count("quiet") == .init(isAllowed: true, remaining: rest, resetSeconds: 60))
        }
    }

    @Test func `exact, however many ask at once`() async {
        let limiter = RateLimiter(quota: 100, clock: clock)
        let allowed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<1000 { group.addTask { limiter.count("a").isAllowed } }
            var count = 0
            for await isAllowed in group where isAllowed { count += 1 }
            return count
        }
        #expect(allowed == 100)
    }

    @Test(arguments: [-3600, 3600]) func `a wall clock that is set moves no window`(seconds: Int) {
        let limiter = RateLimiter(quota: 1, clock: clock)
        #expect(limiter.count("a").isAllowed)
        clock.advance(by: .seconds(20))
        clock.setWallClock(by: .seconds(seconds))
        #expect(limiter.count("a") == .init(isAllowed: false, remaining: 0, resetSeconds: 40))
        clock.advance(by: .seconds(40))
        #expect(limiter.count("a") == .init(isAllowed: true, remaining: 0, resetSeconds: 60))
    }
}
