import Testing

@testable import CallFlow

/// How the requests in flight to a vendor are shared out. Steps alone: nothing waits here.
@Suite struct PermitPoolTests {
    private var pool: PermitPool

    init() {
        var limits = PermitLimits()
        (limits.all, limits.notUrgent, limits.other, limits.otherOfOneKey) = (8, 6, 4, 2)
        pool = PermitPool(limits)
    }

    private static let urgent = PermitPool.Claim(work: .urgent, apiKey: nil)
    private static let dial = PermitPool.Claim(work: .dial, apiKey: "a")

    private static func other(_ key: String?) -> PermitPool.Claim { .init(work: .other, apiKey: key) }

    /// Takes places until there are none.
    private mutating func fill(_ claim: PermitPool.Claim) -> Int {
        var count = 0
        while pool.take(claim) { count += 1 }
        return count
    }

    private mutating func release(_ claim: PermitPool.Claim) -> [Int] { pool.release(claim) }

    @Test mutating func `one API key cannot take all the places of look-ups`() {
        #expect(fill(Self.other("a")) == 2)
        #expect(fill(Self.other("b")) == 2)
        #expect(fill(Self.other("c")) == 0)
    }

    @Test mutating func `look-ups leave places to dials, and dials to those who are on the line`() {
        #expect(fill(Self.other(nil)) == 4)
        #expect(fill(Self.dial) == 2)
        #expect(fill(Self.urgent) == 2)
        #expect(fill(Self.urgent) == 0)
    }

    @Test mutating func `those on the line may use every place`() {
        #expect(fill(Self.urgent) == 8)
        #expect(fill(Self.dial) == 0)
    }

    @Test mutating func `a place goes to the most urgent, then to the first who fits`() {
        #expect(fill(Self.other("a")) == 2)
        #expect(fill(Self.dial) == 4)
        #expect(fill(Self.urgent) == 2)
        let sameKey = pool.wait(Self.other("a"))
        let otherKey = pool.wait(Self.other("b"))
        let dial = pool.wait(Self.dial)
        let urgent = pool.wait(Self.urgent)
        // One of six dials and look-ups goes, and a third urgent one comes; a dial waits until one of the six is free.
        #expect(release(Self.dial) == [urgent])
        #expect(release(Self.urgent) == [dial])
        #expect(release(Self.dial) == [otherKey])
        #expect(release(Self.other("a")) == [sameKey])
    }

    @Test mutating func `whoever gave up gets no place`() {
        #expect(fill(Self.urgent) == 8)
        let first = pool.wait(Self.urgent)
        let second = pool.wait(Self.urgent)
        let hasGivenUp = pool.giveUp(first)
        #expect(hasGivenUp)
        #expect(release(Self.urgent) == [second])
        let gaveUpTooLate = pool.giveUp(second)
        #expect(!gaveUpTooLate)
    }

    @Test mutating func `every place that was given back is there again`() {
        for claim in [Self.urgent, Self.dial, Self.other("a"), Self.other(nil)] {
            let count = fill(claim)
            for _ in 0..<count { #expect(release(claim) == []) }
            #expect(fill(claim) == count)
            for _ in 0..<count { _ = pool.release(claim) }
        }
    }
}
