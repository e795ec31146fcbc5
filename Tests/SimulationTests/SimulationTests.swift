import CallDomain
import Foundation
import Synchronization
import Testing

/// The whole flow between two vendors that fail, with a clock that jumps, decided by a seed.
@Suite("Simulation")
struct SimulationTests {
    private static let steps = 60

    /// `SIMULATION_SEEDS=1..2000` runs more, by hand.
    private static let seeds: ClosedRange<UInt64> = {
        let bounds = ProcessInfo.processInfo.environment["SIMULATION_SEEDS"]?.components(separatedBy: "..")
        let numbers = (bounds ?? []).compactMap { UInt64($0) }
        if numbers.count == 2, numbers[0] <= numbers[1] { return numbers[0]...numbers[1] }
        return numbers.count == 1 ? numbers[0]...numbers[0] : 1...200
    }()

    /// Runs `body` on a thread of its own, so that it takes none of those that tests share.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: body()) }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    @Test("Seeds keep the invariants, and together they meet every fault and every edge")
    func seedsKeepTheInvariants() async throws {
        let outcomes = await Self.onThread {
            Self.seeds.map { Simulation(seed: $0).run(steps: Self.steps) }
        }
        for outcome in outcomes where !outcome.isGood {
            let broken = outcome.violations.map { "\($0.invariant.rawValue): \($0.text)" }
            Issue.record(
                """
                seed \(outcome.seed): \(broken.prefix(5).joined(separator: "; ")) \
                \(outcome.fault.map(String.init(describing:)) ?? "")
                """
            )
        }
        if let first = outcomes.first(where: { !$0.isGood }) {
            print("The trace of seed \(first.seed):\n" + first.trace.joined(separator: "\n"))
        }
        var hits: [String: Int] = [:]
        for outcome in outcomes { hits.merge(outcome.hits) { $0 + $1 } }
        if ProcessInfo.processInfo.environment["SIMULATION_COVERAGE"] != nil {
            for (name, count) in hits.sorted(by: { $0.key < $1.key }) { print("\(name): \(count)") }
            var gaps: [String: Int] = [:]
            for outcome in outcomes { gaps.merge(outcome.gaps) { $0 + $1 } }
            for (name, count) in gaps.sorted(by: { $0.key < $1.key }) { print("gap \(name): \(count)") }
        }
        guard outcomes.count >= 200 else { return }
        let missed = Coverage.required(of: outcomes.count).filter { hits[$0] == nil }
        #expect(missed.isEmpty, "never met in \(outcomes.count) seeds: \(missed.joined(separator: ", "))")
    }

    @Test("One seed gives one trace, byte by byte")
    func tracesAreRepeatable() async throws {
        for seed in [UInt64(1), 2, 3, 4, 5, 6, 7, 8, 9, 10] {
            let (first, second) = await Self.onThread {
                (Simulation(seed: seed).run(steps: Self.steps), Simulation(seed: seed).run(steps: Self.steps))
            }
            #expect(first.trace == second.trace, "seed \(seed)")
            #expect(first.trace.count > 100)
        }
        let traces = await Self.onThread { (11...15).map { Simulation(seed: $0).run(steps: Self.steps).trace } }
        #expect(Set(traces).count == traces.count)
    }
}
