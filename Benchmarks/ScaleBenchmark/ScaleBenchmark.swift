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
        print("First run")
        let first = await run(Load(calls: calls))
        print("Second run, of the same records")
        let second = await run(Load(calls: calls, after: first.load))
        print("\n" + second.load.figures.table + "\n")
        var broken = second.load.brokenBounds
        if let perCall = first.bytesPerCall {
            print("Resident bytes per call: \(perCall.grown) grown, \(perCall.steady) in steady state with tombstones.")
            if perCall.grown > Load.mostBytes {
                broken.append("\(perCall.grown) resident bytes per call, not \(Load.mostBytes)")
            }
        }
        if broken.isEmpty { print("All bounds hold.") } else { fail(broken.joined(separator: "\n")) }
    }

    private static func run(_ load: Load) async -> (load: Load, bytesPerCall: (grown: Int, steady: Int)?) {
        let before = Machine.residentBytes
        load.grow()
        let grown = Machine.residentBytes
        load.say("\(load.calls) calls in the book")
        await load.measured { load.makeRoom() }
        let steady = Machine.residentBytes
        load.say("\(load.committed - load.calls) more calls came while the oldest left")
        await load.measured { load.retire() }
        load.say("all calls left by retention")
        load.empty()
        guard let before, let grown, let steady else { return (load, nil) }
        return (load, ((grown - before) / load.calls, (steady - before) / load.calls))
    }

    private static func fail(_ reason: String) {
        print("Benchmarks/scale: \(reason)")
        Machine.end(1)
    }
}

/// A book that is filled, asked and emptied again.
final class Load: Sendable {
    /// Of a hold, in nanoseconds: of the p99.99, and of the longest of two runs.
    private static let longestHold: UInt64 = 1_000_000
    /// Of fewer holds the p99.99 is an outlier or two.
    private static let enough = 100_000
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
        /// In nanoseconds, of each commit.
        var holds: [UInt32] = []
    }

    let calls: Int
    /// The same of an earlier run of the same commits.
    private let earlierHolds: [UInt32]
    private let state = Mutex(State())
    private let hasEnded = Atomic(true)
    private let began = Machine.elapsed

    /// `earlier`: a run of the same number of calls, to which this one's figures are added.
    init(calls: Int, after earlier: Load? = nil) {
        self.calls = calls
        earlierHolds = earlier?.state.withLock { $0.holds } ?? []
        let figures = earlier?.figures ?? Figures()
        state.withLock { state in
            state.figures = figures
            // That this list grows is not the book's.
            state.holds.reserveCapacity(calls * 16)
        }
    }

    var committed: Int { state.withLock { $0.committed } }
    var figures: Figures { state.withLock { $0.figures } }

    func say(_ what: String) { print("\((Machine.elapsed - began) / 1_000_000_000) s: \(what)") }

    func empty() { state.withLock { $0.book = Book() } }

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
        state.withLock { $0.committed = number + 1 }
    }

    @discardableResult
    private func tidy(_ retention: Retention, at time: Timestamp, _ kind: Kind) -> Bool {
        commit(Record(at: time, .tidied(retention)), kind).hasMore
    }

    /// As the ledger does it.
    @discardableResult
    private func commit(_ record: Record, _ kind: Kind) -> Applied {
        state.withLock { state in
            let begin = Machine.threadTime
            let applied = state.book.apply(record, at: state.book.position.next)
            let time = Machine.threadTime - begin
            state.figures[kind].add(time)
            let number = state.holds.count
            if !earlierHolds.isEmpty {
                precondition(number < earlierHolds.count, "the second run has more commits than the first")
                state.figures[kind].compare(time, with: UInt64(earlierHolds[number]))
            }
            state.holds.append(UInt32(clamping: time))
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
            // As the flow does it: the page's memory comes from outside of the lock.
            var page = CallListPage(calls: [], next: nil)
            page.calls.reserveCapacity(50)
            let count = hold(.readPage, as: .page, &latencies) { book in
                page.calls.removeAll(keepingCapacity: true)
                _ = book.add(to: &page, matching: CallFilter(), limit: 50, after: cursor, lookingAt: Self.look)
                return page.calls.count
            }
            precondition(count <= 50, "the page is too long")
        }
        return latencies
    }

    private func hold<Value: Sendable>(
        _ hold: Kind,
        as latency: Kind,
        _ latencies: inout Figures,
        _ body: (Book) -> Value
    ) -> Value {
        func measure() -> (value: Value, time: UInt64) {
            state.withLock { state in
                let begin = Machine.threadTime
                let value = body(state.book)
                let time = Machine.threadTime - begin
                state.figures[hold].add(time)
                return (value, time)
            }
        }
        let begin = Machine.elapsed
        let first = measure()
        latencies[latency].add(Machine.elapsed - begin)
        let again = first.time > Self.longestHold ? measure().time : first.time
        state.withLock { $0.figures[hold].compare(again, with: first.time) }
        return first.value
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
            if figures[kind].count >= Self.enough {
                check(kind, "p99.99", figures[kind].quantile(0.9999), Self.longestHold)
            }
            check(kind, "the longest twice", figures[kind].longestTwice, Self.longestHold)
        }
        for kind in [Kind.lookUpByID, .lookUpBySid] {
            check(kind, "p99", figures[kind].quantile(0.99), Self.longestLookUp)
        }
        check(.page, "p99", figures[.page].quantile(0.99), Self.longestPage)
        return broken
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
