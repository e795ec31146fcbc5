/// How many requests may be in flight to one vendor at the same time.
package struct PermitLimits: Sendable {
    /// In all. What the other classes may not use is for ``WorkClass/urgent`` alone.
    var all = 64
    /// Such as are not urgent.
    var notUrgent = 48
    /// Of those, such as are not dials either.
    var other = 32
    /// Of those, such as one API key asked for.
    var otherOfOneKey = 16

    package init() {}
}

/// Which requests may be in flight to one vendor at the same time, by class and API key, and who waits for a place.
struct PermitPool {
    /// What a place is asked for.
    struct Claim: Sendable, Hashable {
        let work: WorkClass
        /// Of the client that asked; `nil` where none did.
        let apiKey: String?
    }

    private let limits: PermitLimits
    private var inUse: [WorkClass: Int] = [:]
    private var otherOfKey: [String: Int] = [:]
    /// In order of arrival.
    private var waiting: [(number: Int, claim: Claim)] = []
    private var next = 0

    init(_ limits: PermitLimits = PermitLimits()) { self.limits = limits }

    /// Takes a place if there is one. Whoever waits found none that fits, so a newcomer overtakes nobody.
    mutating func take(_ claim: Claim) -> Bool {
        guard fits(claim) else { return false }
        occupy(claim)
        return true
    }

    /// Queues a claim for which there is no place.
    /// - Returns: its number, which ``release(_:)`` or ``giveUp(_:)`` will name.
    mutating func wait(_ claim: Claim) -> Int {
        defer { next += 1 }
        waiting.append((next, claim))
        return next
    }

    /// - Returns: whether it still waited; if not, it has been given its place.
    mutating func giveUp(_ number: Int) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.number == number }) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// Gives a place back.
    /// - Returns: the numbers of those who have a place now: the most urgent first, then in order of arrival.
    mutating func release(_ claim: Claim) -> [Int] {
        inUse[claim.work, default: 0] -= 1
        if claim.work == .other, let key = claim.apiKey {
            let left = otherOfKey[key, default: 0] - 1
            otherOfKey[key] = left > 0 ? left : nil
        }
        var admitted: [Int] = []
        for work in WorkClass.allCases {
            for (number, claim) in waiting where claim.work == work && fits(claim) {
                occupy(claim)
                admitted.append(number)
            }
        }
        waiting.removeAll { admitted.contains($0.number) }
        return admitted
    }

    private func fits(_ claim: Claim) -> Bool {
        let (urgent, dial, other) = (inUse[.urgent, default: 0], inUse[.dial, default: 0], inUse[.other, default: 0])
        guard urgent + dial + other < limits.all else { return false }
        switch claim.work {
        case .urgent: return true
        case .dial: return dial + other < limits.notUrgent
        case .other:
            let ofKey = claim.apiKey.map { otherOfKey[$0, default: 0] } ?? 0
            return dial + other < limits.notUrgent && other < limits.other && ofKey < limits.otherOfOneKey
        }
    }

    private mutating func occupy(_ claim: Claim) {
        inUse[claim.work, default: 0] += 1
        if claim.work == .other, let key = claim.apiKey { otherOfKey[key, default: 0] += 1 }
    }
}
