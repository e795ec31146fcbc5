import CallDomain
import Synchronization

/// Admits requests to one vendor, so that no kind of work takes the connections that a more urgent one needs.
///
/// The transport has a connection for every permit, so nothing waits there: what waits, waits here, in order of urgency,
/// and what finds no place in time was certainly not sent. Over HTTP/2 a permit is a stream of a shared connection.
final class VendorPermits: Sendable {
    /// A place among the requests in flight. Whoever holds it must release it once.
    struct Permit: Sendable {
        fileprivate let claim: PermitPool.Claim
        fileprivate let permits: VendorPermits

        func release() { permits.release(claim) }
    }

    private enum Wait {
        /// Nobody listens for the outcome yet.
        case unheard
        case heard(CheckedContinuation<Bool, Never>)
        case decided(isAdmitted: Bool)
    }

    private struct State {
        var pool: PermitPool
        var waits: [Int: Wait] = [:]

        /// - Returns: who is to be told, outside the lock.
        mutating func decide(_ number: Int, _ isAdmitted: Bool) -> CheckedContinuation<Bool, Never>? {
            switch waits[number] {
            case .unheard:
                waits[number] = .decided(isAdmitted: isAdmitted)
                return nil
            case .heard(let continuation):
                waits[number] = nil
                return continuation
            case .decided, nil: return nil
            }
        }
    }

    private let vendor: Vendor
    private let clock: any TimeSource
    private let state: Mutex<State>

    init(_ vendor: Vendor, limits: PermitLimits, clock: any TimeSource) {
        self.vendor = vendor
        self.clock = clock
        state = Mutex(State(pool: PermitPool(limits)))
    }

    /// Waits for a place, no longer than `patience` and what the class of the work allows.
    /// - Throws: `.noConnection` if none was free in time.
    func permit(for work: WorkClass, within patience: Duration) async throws(VendorFailure) -> Permit {
        let claim = PermitPool.Claim(work: work, apiKey: Requester.apiKey)
        let number: Int? = state.withLock { state in
            if state.pool.take(claim) { return nil }
            let number = state.pool.wait(claim)
            state.waits[number] = .unheard
            return number
        }
        if let number {
            guard await isAdmitted(number, within: min(patience, work.longestWait)) else { throw .noConnection(vendor) }
        }
        return Permit(claim: claim, permits: self)
    }

    private func isAdmitted(_ number: Int, within patience: Duration) async -> Bool {
        await withTaskGroup(of: Bool?.self) { group in
            group.addTask { await self.outcome(of: number) }
            group.addTask {
                // A cancellation ends the wait, too.
                if patience > .zero { try? await self.clock.sleep(for: patience) }
                self.giveUp(number)
                return nil
            }
            var isAdmitted = false
            for await outcome in group {
                guard let outcome else { continue }
                isAdmitted = outcome
                group.cancelAll()
            }
            return isAdmitted
        }
    }

    private func outcome(of number: Int) async -> Bool {
        await withCheckedContinuation { continuation in
            let decided: Bool? = state.withLock { state in
                if case .decided(let isAdmitted) = state.waits[number] {
                    state.waits[number] = nil
                    return isAdmitted
                }
                state.waits[number] = .heard(continuation)
                return nil
            }
            if let decided { continuation.resume(returning: decided) }
        }
    }

    private func giveUp(_ number: Int) {
        let waiter = state.withLock { state in
            state.pool.giveUp(number) ? state.decide(number, false) : nil
        }
        waiter?.resume(returning: false)
    }

    private func release(_ claim: PermitPool.Claim) {
        let waiters = state.withLock { state in
            let admitted = state.pool.release(claim)
            return admitted.compactMap { state.decide($0, true) }
        }
        for waiter in waiters { waiter.resume(returning: true) }
    }
}
