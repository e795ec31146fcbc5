import BenchmarkLives
import CallDomain
import CallStorage
import Foundation
import JournalFormat
import SQLiteJournal

/// How fast records become bytes, are made durable, and are read again.
@main
struct JournalBenchmark {
    static func main() async throws {
        #if SQLite
        let words = CommandLine.arguments.dropFirst()
        if words.first == "start", words.count == 3, let limit = words.last.flatMap({ Int($0) }) {
            let time = try await StartBenchmark(path: words[words.startIndex + 1]).start()
            if time > .seconds(limit) { fail("a start takes more than \(limit) s") }
            return
        }
        guard words.count <= 2, let calls = words.first.map({ Int($0) }) ?? 100_000, calls >= 1000 else {
            fail("the arguments are the number of calls, at least 1000, and a folder")
        }
        let folder = URL(filePath: words.dropFirst().first ?? ".build").appending(path: "journal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await JournalBenchmark(calls: calls, path: folder.appending(path: "benchmark.sqlite").path).run()
        #else
        fail("it was built without the trait SQLite")
        #endif
    }

    static func fail(_ reason: String) -> Never {
        FileHandle.standardError.write(Data("\(reason)\n".utf8))
        exit(1)
    }

    #if SQLite
    let calls: Int
    let path: String

    private static let atOnce = 256
    private let clock = ContinuousClock()

    private func run() async throws {
        let decoded = try measureFormat()
        try await measureAppends()
        let read = try await measureReplay()
        for (count, limit) in [(100_000, 1), (calls * 15, 3)] {
            try FileManager.default.removeItem(atPath: path)
            let start = StartBenchmark(path: path)
            try await start.fill(count)
            try start.startElsewhere(within: limit)
        }
        if decoded < 500_000 || read < 200_000 { Self.fail("a bound does not hold") }
    }

    /// The records of a status webhook, the commonest ones.
    private var webhooks: [Record] {
        (0..<10_000).compactMap { Life(number: $0).record(.completed, at: Life(number: $0).at) }
    }

    /// - Returns: how many records are decoded in a second.
    private func measureFormat() throws -> Double {
        let records = webhooks
        let rounds = 100
        var bytes: [[UInt8]] = []
        let encoding = clock.measure { for _ in 0..<rounds { bytes = records.map(RecordFormat.encode) } }
        var sum: Int64 = 0
        let decoding = try clock.measure {
            for _ in 0..<rounds {
                for record in bytes { sum &+= try RecordFormat.decode(record).at.milliseconds }
            }
        }
        guard sum != 0 else { return 0 }
        let count = records.count * rounds
        show("status webhook encoded", count, encoding)
        show("status webhook decoded", count, decoding)
        print("status webhook: \(bytes.joined().count / bytes.count) bytes")
        return rate(count, decoding)
    }

    private func measureAppends() async throws {
        let journal = try JournalFile.open(at: path)
        let records = webhooks
        let alone = try await clock.measure {
            for record in records.prefix(500) { _ = try await journal.append([record]) }
        }
        show("appended one after the other", 500, alone)
        let each = 100
        let together = try await clock.measure {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for first in 0..<Self.atOnce {
                    group.addTask {
                        for number in 0..<each {
                            _ = try await journal.append([records[(first + number) % records.count]])
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        show("appended by \(Self.atOnce) at a time", Self.atOnce * each, together)
        try journal.close()
        try FileManager.default.removeItem(atPath: path)
    }

    /// - Returns: how many records are read in a second.
    private func measureReplay() async throws -> Double {
        let count = try await fill()
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        print("\(calls) calls: \(count) records, \(size / count) bytes of the file for each")
        let journal = try JournalFile.open(at: path)
        var book = Book()
        var (reading, folding) = (Duration.zero, Duration.zero)
        while true {
            var part: [LoggedRecord] = []
            reading += try await clock.measure { part = try await journal.records(after: book.position, limit: 1000) }
            folding += clock.measure { for logged in part { _ = book.apply(logged.record, at: logged.position) } }
            if part.count < 1000 { break }
        }
        try journal.close()
        show("read", count, reading)
        show("replayed", count, reading + folding)
        return rate(count, reading)
    }

    private func fill() async throws -> Int {
        let journal = try JournalFile.open(at: path)
        var (batch, count) = ([Record](), 0)
        for number in 0..<calls {
            let life = Life(number: number)
            batch += Life.Step.allCases.compactMap { life.record($0, at: life.at + .seconds($0.rawValue)) }
            if batch.count >= 1000 || number == calls - 1 {
                _ = try await journal.append(batch)
                count += batch.count
                batch = []
            }
        }
        try journal.close()
        return count
    }

    private func rate(_ count: Int, _ time: Duration) -> Double { Double(count) / (time / .seconds(1)) }

    private func show(_ what: String, _ count: Int, _ time: Duration) {
        print("\(what): \(Int(rate(count, time))) a second")
    }
    #endif
}
