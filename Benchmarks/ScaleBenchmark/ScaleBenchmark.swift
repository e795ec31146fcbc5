import BenchmarkLives
import CallDomain
import CallStorage
import Synchronization

/// How fast the book answers, and how long it is locked, with a million calls in it.
@main
struct ScaleBenchmark {
    static func main() async {
        let words = CommandLine.arguments.dropFirst()
        guard words.count <= 1, let calls = words.first.map({ Int($0) }) ?? 1_000_000, calls >= 10_000 else {
            return fail("the only argument is the number of calls, at least 10000")
        }
        let load = Load(calls: calls)
        let before = Machine.residentBytes
        load.grow()
        let grown = Machine.residentBytes
        load.say("\(calls) calls in the book")
        await load.measured { load.makeRoom() }
        let steady = Machine.residentBytes
        load.say("\(load.committed - calls) more calls came while the oldest left")
        await load.measured { load.retire() }
        load.say("all calls left by retention")

        print("\n" + load.figures.table + "\n")
        var broken = load.brokenBounds
        if let before, let grown, let steady {
            let (perCall, inSteadyState) = ((grown - before) / calls, (steady - before) / calls)
            print("Resident bytes per call: \(perCall) grown, \(inSteadyState) in steady state with tombstones.")
            if perCall > Load.mostBytes { broken.append("\(perCall) resident bytes per call, not \(Load.mostBytes)") }
        }
        if broken.isEmpty { print("All bounds hold.") } else { fail(broken.joined(separator: "\n")) }
    }

    private static func fail(_ reason: String) {
        print("Benchmarks/scale: \(reason)")
        Machine.end(1)
    }
}

/// A book that is filled, asked and emptied again.
final class Load: Sendable {
    /// Of a hold, in nanoseconds: of the p99.99, and of the longest that nothing interrupted. A virtual machine may charge a
    /// thread for time that it was not given, so others may take longer; but none so long as to move a table as a whole.
    private static let longestHold: UInt64 = 1_000_000
    private static let longestOutlier: UInt64 = 10_000_000
    /// Of the p99 of a look-up, and of a page.
    private static let longestLookUp: UInt64 = 1_000_000
    private static let longestPage: UInt64 = 5_000_000
    /// Of a call in memory.
    static let mostBytes = 3400

    /// How many calls lie between the steps of one call: so many times the number of steps are in progress.
    private static let distance = 32
    /// The flow looks at so many places of the list under one hold.
    private static let look = 512

    private struct State {
        var book = Book()
        var figures = Figures()
        /// How many calls were ordered.
        var committed = 0
    }

    private let calls: Int
    private let state = Mutex(State())
    private let hasEnded = Atomic(true)
    private let began = Machine.elapsed

    init(calls: Int) { self.calls = calls }

    var committed: Int { state.withLock { $0.committed } }
    var figures: Figures { state.withLock { $0.figures } }

    func say(_ what: String) { print("\((Machine.elapsed - began) / 1_000_000_000) s: \(what)") }

    // MARK: What is written

    func grow() {
        let retention = Retention(calls: .seconds(90 * 86_400), maximumCalls: .max, numberCooldown: .zero)
        for number in 0..<calls {
            step(number)
            // As often as once in 20 s.
            if number % 1000 == 0 { tidy(retention, at: Life(number: number).at, .idle) }
        }
    }

    /// New calls come, and for each of them an old one leaves.
    func makeRoom() {
        let retention = Retention(calls: .seconds(90 * 86_400), maximumCalls: calls, numberCooldown: .zero)
        for number in calls..<(calls + max(calls / 10, 1000)) {
            step(number)
            if state.withLock({ $0.book.needsRoom(calls) }) { tidy(retention, at: Life(number: number).at, .room) }
        }
    }

    /// All calls leave, while a few new ones come.
    func retire() {
        let retention = Retention(calls: .seconds(86_400), maximumCalls: calls, numberCooldown: .zero)
        let time = Life(number: committed).at + .seconds(10 * 86_400)
        var number = committed
        // Those in progress end.
        for _ in 0..<(Self.distance * Life.Step.allCases.count) {
            step(number)
            number += 1
        }
        while tidy(retention, at: time, .retention) {
            step(number)
            number += 1
        }
    }

    /// Orders a call, and brings a few earlier ones a step on.
    private func step(_ number: Int) {
        let time = Life(number: number).at
        for step in Life.Step.allCases {
            let number = number - step.rawValue * Self.distance
            guard number >= 0, let record = Life(number: number).record(step, at: time) else { continue }
            let kind = step.kind
            commit(record, kind)
            if kind == .status, number % 16 == 0 { commit(record, .repeated) }
        }
        control(number)
        state.withLock { $0.committed = number + 1 }
    }

    /// What the machine adds to a piece of work that always takes as long, about 10 µs.
    private func control(_ number: Int) {
        let stopwatch = Stopwatch()
        var value = UInt64(truncatingIfNeeded: number)
        for _ in 0..<4000 { value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB }
        state.withLock { state in
            // The sum is of use, so that it is not left out.
            if value != 0 { stopwatch.stop(&state.figures[.control]) }
        }
    }

    @discardableResult
    private func tidy(_ retention: Retention, at time: Timestamp, _ kind: Kind) -> Bool {
        commit(Record(at: time, .tidied(retention)), kind).hasMore
    }

    /// As the ledger does it.
    @discardableResult
    private func commit(_ record: Record, _ kind: Kind) -> Applied {
        state.withLock { state in
            let stopwatch = Stopwatch()
            let applied = state.book.apply(record, at: state.book.position.next)
            stopwatch.stop(&state.figures[kind])
            return applied
        }
    }

    // MARK: What is read

    /// Does `work` while another thread reads as fast as it can.
    func measured(_ work: @escaping @Sendable () -> Void) async {
        hasEnded.store(false, ordering: .relaxed)
        async let latencies = read()
        async let done: Void = { @Sendable in
            work()
            self.hasEnded.store(true, ordering: .relaxed)
        }()
        await done
        let read = await latencies
        state.withLock { $0.figures.add(read, of: [.lookUpByID, .lookUpBySid, .page]) }
    }

    @concurrent
    private func read() async -> Figures {
        var latencies = state.withLock { $0.figures }
        var random = SystemRandomNumberGenerator()
        while !hasEnded.load(ordering: .relaxed) {
            for _ in 0..<16 {
                let life = Life(number: Int.random(in: 0..<committed, using: &random))
                let (id, sid) = (life.id, life.callSid)
                let call = hold(.readByID, as: .lookUpByID, &latencies) { $0.call(id) }
                let found = hold(.readBySid, as: .lookUpBySid, &latencies) { book in
                    book.callID(of: sid).flatMap { book.call($0) }
                }
                precondition(call == nil || call?.id == id, "the look-up by id found another call")
                precondition(found == nil || found?.id == id, "the look-up by CallSid found another call")
            }
            let last = Life(number: Int.random(in: 0..<committed, using: &random))
            let cursor = Bool.random(using: &random) ? CallCursor(listedAt: last.at, id: last.id) : nil
            let page = hold(.readPage, as: .page, &latencies) { book in
                var page = CallListPage(calls: [], next: nil)
                _ = book.add(to: &page, matching: CallFilter(), limit: 50, after: cursor, lookingAt: Self.look)
                return page
            }
            precondition(page.calls.count <= 50, "the page is too long")
        }
        return latencies
    }

    private func hold<Value: Sendable>(
        _ hold: Kind,
        as latency: Kind,
        _ latencies: inout Figures,
        _ body: (Book) -> Value
    ) -> Value {
        let begin = Machine.elapsed
        let value = state.withLock { state in
            let stopwatch = Stopwatch()
            let value = body(state.book)
            stopwatch.stop(&state.figures[hold])
            return value
        }
        latencies[latency].add(Machine.elapsed - begin)
        return value
    }

    // MARK: What must hold

    var brokenBounds: [String] {
        let figures = figures
        var broken: [String] = []
        func check(_ kind: Kind, _ name: String, _ figure: UInt64, _ bound: UInt64) {
            if figures[kind].count == 0 { broken.append("\(kind.rawValue) was not measured") }
            if figure > bound { broken.append("\(kind.rawValue): \(name) is \(figure / 1000) µs, not \(bound / 1000)") }
        }
        for kind in Kind.allCases where kind.isHold {
            check(kind, "p99.99", figures[kind].quantile(0.9999), Self.longestHold)
            check(kind, "the longest undisturbed", figures[kind].longestUndisturbed, Self.longestHold)
            check(kind, "the longest", figures[kind].longest, Self.longestOutlier)
        }
        for kind in [Kind.lookUpByID, .lookUpBySid] {
            check(kind, "p99", figures[kind].quantile(0.99), Self.longestLookUp)
        }
        check(.page, "p99", figures[.page].quantile(0.99), Self.longestPage)
        return broken
    }
}

/// Measures the processor time of one piece of work on this thread.
private struct Stopwatch {
    private let interruptions = Machine.interruptions
    private let begin = Machine.threadTime

    func stop(_ durations: inout Durations) {
        let time = Machine.threadTime - begin
        durations.add(time, isUndisturbed: Machine.interruptions == interruptions)
    }
}

extension Life.Step {
    fileprivate var kind: Kind {
        switch self {
        case .ordered: .order
        case .dialing, .created: .note
        case .queued, .initiated, .ringing, .inProgress, .completed: .status
        case .answerKept: .answer
        }
    }
}
