#if SQLite
import BenchmarkLives
import CallDomain
import CallStorage
import Foundation
import SQLiteJournal

/// How long something takes that others wait for, in the processor time of its thread.
private struct Hold {
    var longest = Duration.zero
    /// How many took more than 1 ms.
    var long = 0

    mutating func measure(_ body: () -> Void) {
        let (begin, interruptions) = (Self.now, Self.interruptions)
        body()
        let time = Self.now - begin
        // Who was interrupted may be charged for that.
        guard time > longest || time > .milliseconds(1), Self.interruptions == interruptions else { return }
        longest = max(longest, time)
        if time > .milliseconds(1) { long += 1 }
    }

    private static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// How often the system took the processor from this thread before it was done.
    private static var interruptions: Int {
        var usage = rusage()
        #if canImport(Glibc)
        // `RUSAGE_THREAD`, which the module map leaves out.
        getrusage(__rusage_who_t(1), &usage)
        #else
        getrusage(RUSAGE_SELF, &usage)
        #endif
        return usage.ru_nivcsw
    }
}

/// How long a start takes that has a snapshot, and what keeping snapshots costs.
///
/// Calls with whole lives are appended and folded as a gateway does it, with a snapshot after every 20,000 records in the
/// background. Then another process starts from the file.
struct StartBenchmark {
    /// Records from one snapshot to the next.
    private static let distance = 20_000
    private static let atOnce = 500

    let path: String
    private let clock = ContinuousClock()

    init(path: String) { self.path = path }

    /// Makes a journal of so many records in its last snapshot, and nearly as many after it as there can be.
    func fill(_ count: Int) async throws {
        let journal = try JournalFile.open(at: path)
        var (book, batch, written, next) = (Book(), [Record](), 0, Self.distance)
        var (taking, applying, keeping): (Hold, Hold, [Duration]) = (Hold(), Hold(), [])
        var keeper: Task<Duration, any Error>?
        var number = 0
        while written < count + Self.distance - 2 * Self.atOnce {
            batch += Life(number: number).whole
            number += 1
            guard batch.count >= Self.atOnce else { continue }
            for (record, position) in zip(batch, try await journal.append(batch)) {
                applying.measure { _ = book.apply(record, at: position) }
            }
            written += batch.count
            batch = []
            guard written >= next else { continue }
            next += Self.distance
            if let keeper { keeping.append(try await keeper.value) }
            var taken: (Book, BookChanges)?
            taking.measure {
                let changes = book.takeChanges()
                taken = (book, changes)
            }
            guard let (copy, changes) = taken else { continue }
            keeper = Task {
                try await ContinuousClock().measure { try await journal.keep(copy.snapshot(changes)) }
            }
        }
        if let keeper { keeping.append(try await keeper.value) }
        try journal.close()
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        print("\(number) calls: \(written) records, \(keeping.count) snapshots, \(size / 1_000_000) MB")
        keeping.sort()
        print("a snapshot: \(Self.text(keeping[keeping.count / 2])), longest \(Self.text(keeping.last ?? .zero))")
        print("longest hold to take one: \(Self.text(taking.longest))")
        print("longest to apply a record: \(Self.text(applying.longest)), \(applying.long) of more than 1 ms")
    }

    /// Starts from the journal, in a process of its own, so that its memory is its own.
    func startElsewhere(within limit: Int) throws {
        let process = Process()
        process.executableURL = URL(filePath: CommandLine.arguments[0])
        process.arguments = ["start", path, "\(limit)"]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { JournalBenchmark.fail("a start takes too long") }
    }

    /// Does what a start does.
    /// - Returns: how long it took.
    func start() async throws -> Duration {
        let begin = clock.now
        let journal = try JournalFile.open(at: path)
        let opened = clock.now
        guard let snapshot = try await journal.snapshot() else {
            JournalBenchmark.fail("there is no snapshot")
        }
        let read = clock.now
        var book = try await Book(snapshot)
        let folded = clock.now
        var count = 0
        while true {
            let records = try await journal.records(after: book.position, limit: 1000)
            if records.isEmpty { break }
            count += records.count
            for logged in records { _ = book.apply(logged.record, at: logged.position) }
        }
        let end = clock.now
        let steps = [("open", opened - begin), ("read", read - opened), ("fold", folded - read)]
        let texts = steps.map { "\($0) \(Self.text($1))" } + ["\(count) records after it \(Self.text(end - folded))"]
        print("a start with \(book.callCount) calls: \(Self.text(end - begin)) (\(texts.joined(separator: ", ")))")
        if let memory = Self.peakMemory { print("peak memory: \(memory / 1_000_000) MB") }
        try journal.close()
        return end - begin
    }

    private static func text(_ time: Duration) -> String {
        String(format: "%.2f ms", time / .milliseconds(1))
    }

    /// Bytes; Linux alone says it.
    private static var peakMemory: Int? {
        let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}
#endif
