#if SQLite
import CallDomain
import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@testable import SQLiteJournal

@Suite struct `A journal from which records are removed` {
    private static let secret = "+12125550187"

    private static func record(_ number: Int, filler: Int = 0) -> CallDomain.Record {
        let at = Timestamp(milliseconds: 1_795_000_000_000 + Int64(number))
        let words = String(repeating: "Ada Lovelace lives at the lake. ", count: filler)
        let reason = isSecret(number) ? "\(secret) \(words)" : "other \(number) \(words.replacing("Ada", with: "Bob"))"
        return CallDomain.Record(at: at, .noted(CallID(at: at, random: (0, UInt64(number))), .canceled(reason: reason)))
    }

    private static func isSecret(_ number: Int) -> Bool { number.isMultiple(of: 7) }

    private static let edit: @Sendable (LoggedRecord) -> RecordEdit = { logged in
        guard case .noted(_, .canceled(let reason)) = logged.record.content else { return .keep }
        return reason.contains(secret) ? .remove : .keep
    }

    /// Where a text stands in one of the journal's files.
    private static func files(with text: String, in folder: JournalFolder) throws -> [String] {
        let names = ["", "-wal", "-shm"].map { "switchboard.sqlite" + $0 }.filter(folder.exists)
        return try names.filter { try Data(folder.bytes($0)).firstRange(of: Data(text.utf8)) != nil }
    }

    private static func leaves(_ text: String, in folder: JournalFolder) throws -> Bool {
        try !files(with: text, in: folder).isEmpty
    }

    @Test(arguments: [0, 30, 400])
    func `holds nothing of them in any file, and all others`(filler: Int) async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        for batch in 0..<10 {
            _ = try await journal.append((batch * 30..<batch * 30 + 30).map { Self.record($0, filler: filler) })
        }
        #expect(try Self.leaves(Self.secret, in: folder))
        try await journal.edit(upTo: journal.last, Self.edit)
        #expect(try await journal.purge())
        #expect(try !Self.leaves(Self.secret, in: folder))
        if filler > 0 { #expect(try !Self.leaves("Ada Lovelace", in: folder)) }
        #expect(try folder.bytes("switchboard.sqlite-wal").isEmpty)
        let kept = (0..<300).filter { !Self.isSecret($0) }
        #expect(try await journal.all().map(\.record) == kept.map { Self.record($0, filler: filler) })
        #expect(try await journal.all().map(\.position.low) == kept.map { UInt64($0) + 1 })
        // Positions go on where they were.
        #expect(try await journal.append([Self.record(302)]) == [Position(low: 301)])
        try journal.close()

        let again = try JournalFile.open(at: folder.path())
        #expect(again.last == Position(low: 301))
        #expect(try await again.all().count == kept.count + 1)
        #expect(try !Self.leaves(Self.secret, in: folder))
        try again.close()
    }

    /// What was in a file and is not any more, by marks that nothing else has.
    private struct Marks {
        /// Each is followed by eight digits.
        static let begin = Array("~mark~".utf8)

        private(set) var count = 0

        mutating func next() -> (number: Int, text: String) {
            count += 1
            let digits = String(count)
            return (count, "~mark~" + String(repeating: "0", count: 8 - digits.utf8.count) + digits)
        }

        /// The numbers of the marks in the journal's files.
        static func found(in folder: JournalFolder) throws -> Set<Int> {
            var found: Set<Int> = []
            for name in ["switchboard.sqlite", "switchboard.sqlite-wal"] where folder.exists(name) {
                try folder.bytes(name).withUnsafeBufferPointer { bytes in
                    var place = 0
                    while place + 14 <= bytes.count {
                        defer { place += 1 }
                        guard bytes[place] == begin[0], bytes[place..<place + 6].elementsEqual(begin) else { continue }
                        let digits = String(decoding: bytes[place + 6..<place + 14], as: UTF8.self)
                        if let number = Int(digits) { found.insert(number) }
                    }
                }
            }
            return found
        }
    }

    /// Rows move between pages when others come and leave, and leave copies of themselves behind.
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `holds nothing of what left its snapshot, wherever it was moved before`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append(Sample.records(0..<20))
        var marks = Marks()
        var parts: [Snapshot.Name: (part: Snapshot.Part, marks: [Int])] = [:]
        let summary = Snapshot.Part.summary(Snapshot.Summary())
        func write(_ name: KeyName) -> (Snapshot.Part, Int) {
            let mark = marks.next()
            let length = Bool.random(using: &generator) ? 200 : 3000
            let body = String(repeating: mark.text, count: Int.random(in: 2...length, using: &generator) / 14 + 1)
            let answer = KeptAnswer(status: 201, contentType: "", location: nil, body: Array(body.utf8))
            let id = CallID(at: Timestamp(milliseconds: 1_795_000_000_000), random: (0, UInt64(mark.number)))
            let key = Snapshot.KnownKey(digest: [], callID: id, answer: answer, keptAt: nil)
            return (.key(name, key), mark.number)
        }
        func keep(_ names: [Snapshot.Name], isWhole: Bool = false) async throws {
            let kept = parts.mapValues(\.part).merging([.summary: summary]) { $1 }
            try await journal.keep(
                SnapshotChanges(position: Position(low: 9), isWhole: isWhole, names: names + [.summary]) { kept[$0] }
            )
        }
        for _ in 0..<1500 {
            let mark = marks.next()
            let key = String(UInt64.random(in: 0 ... .max, using: &generator), radix: 36) + mark.text
            let name = KeyName(caller: "", key: key)
            let (part, number) = write(name)
            parts[.key(name)] = (part, [mark.number, number])
        }
        try await keep(Array(parts.keys), isWhole: true)
        let names = parts.keys.sorted { "\($0)" < "\($1)" }
        for _ in 0..<8 {
            let changed = Array(names.shuffled(using: &generator).prefix(Int.random(in: 50...400, using: &generator)))
            for case .key(let name) in changed {
                let (part, number) = write(name)
                parts[.key(name)] = (part, [parts[.key(name)]?.marks[0] ?? 0, number])
            }
            try await keep(changed)
        }
        let gone = Array(names.shuffled(using: &generator).prefix(500))
        for name in gone { parts[name] = nil }
        try await keep(gone)
        #expect(try await journal.purge())
        let left = Set(parts.values.flatMap(\.marks))
        #expect(try Marks.found(in: folder) == left)
        // What is there is as it was, also for whoever opens it next, and what comes is written on clean pages.
        #expect(try await journal.snapshot()?.parts.count == 1001)
        _ = try await journal.append(Sample.records(20..<300))
        try await keep([])
        #expect(try Marks.found(in: folder) == left)
        try journal.close()
        let again = try JournalFile.open(at: folder.path())
        let found = try #require(try await again.snapshot())
        #expect(found.parts.count == 1001)
        #expect(found.parts.allSatisfy { $0 == parts[$0.name]?.part ?? summary })
        #expect(try await again.all().count == 300)
        try again.close()
        try folder.check()
    }

    @Test func `is read in parts, however many stubs there are`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append(Sample.records(0..<100))
        try await journal.edit(upTo: Position(low: 90)) { logged in
            logged.position.low == 40 ? .replace(Sample.record(1000)) : logged.position.low > 10 ? .remove : .keep
        }
        #expect(try await journal.records(after: .start, limit: 12).map(\.position.low) == Array(1...10) + [40, 91])
        #expect(try await journal.records(after: Position(low: 12), limit: 1).map(\.record) == [Sample.record(1000)])
        try await journal.edit(upTo: journal.last) { $0.position.low > 90 ? .remove : .keep }
        #expect(try await journal.records(after: Position(low: 40), limit: 10) == [])
        #expect(journal.last == Position(low: 100))
        try journal.close()
        // The last records are stubs, and the next one comes after them.
        let again = try JournalFile.open(at: folder.path())
        #expect(try await again.append([Sample.record(7)]) == [Position(low: 101)])
        try again.close()
    }

    @Test func `does not take a stub for damage, nor damage for a stub`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append(Sample.records(0..<9))
        try await journal.edit(upTo: journal.last) { $0.position.low == 5 ? .remove : .keep }
        #expect(try await journal.all().count == 8)
        try journal.close()
        // A stub of another place, and a record that was overwritten with zeros.
        for change in [
            "UPDATE log SET record = (SELECT record FROM log WHERE position = 5), "
                + "checksum = (SELECT checksum FROM log WHERE position = 5) WHERE position = 7",
            "UPDATE log SET record = zeroblob(length(record)) WHERE position = 6",
        ] {
            let copy = try JournalFolder()
            try copy.write(try folder.bytes())
            try copy.execute(change)
            let damaged = try JournalFile.open(at: copy.path())
            await #expect(throws: JournalFailure.self) { try await damaged.all() }
            try damaged.close()
        }
    }

    @Test func `is not purged while somebody reads an older state, and is afterwards; appending goes on`() async throws
    {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append((0..<50).map { Self.record($0) })
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let reader = try DatabaseQueue(path: folder.path(), configuration: configuration)
        try reader.inDatabase { database in
            try database.execute(sql: "BEGIN")
            _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM log")
        }
        let begin = ContinuousClock.now
        try await journal.edit(upTo: journal.last, Self.edit)
        #expect(try await !journal.purge())
        _ = try await journal.append([Self.record(52)])
        #expect(ContinuousClock.now - begin < .seconds(4), "a reader must not be waited for")
        #expect(try Self.leaves(Self.secret, in: folder))
        try reader.inDatabase { try $0.execute(sql: "COMMIT") }
        #expect(try await journal.purge())
        #expect(try !Self.leaves(Self.secret, in: folder))
        // A reader that looks in between holds nothing back.
        #expect(try reader.inDatabase { try Int.fetchOne($0, sql: "SELECT count(*) FROM log") } == 51)
        #expect(try await journal.purge())
        try reader.close()
        try journal.close()
    }

    @Test func `is read and edited while its oldest records are let go`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append((0..<50).map { Self.record($0) })
        // Both readers are taken, so that the log is looked at when the oldest records are gone.
        let gate = DispatchSemaphore(value: 0)
        let taken = Mutex(0)
        for _ in 0..<2 {
            journal.database.asyncRead { _ in
                taken.withLock { $0 += 1 }
                gate.wait()
            }
        }
        await eventually { taken.withLock { $0 } == 2 }
        let edit = Task { try await journal.edit(upTo: Position(low: 50), Self.edit) }
        let read = Task { try await journal.records(after: .start, limit: 10) }
        for _ in 0..<1000 { await Task.yield() }
        try await journal.onWriter { database in
            try database.execute(sql: "DELETE FROM log WHERE position < 20")
            try StateTable.note("first", 20, database)
            return 1
        }
        for _ in 0..<2 { gate.signal() }
        try await edit.value
        let failure = await #expect(throws: JournalFailure.self) { try await read.value }
        #expect(failure?.reason.contains("begins with record 20") == true)
        let kept = (19..<50).filter { !Self.isSecret($0) }
        let left = try await journal.records(after: Position(low: 19), limit: .max)
        #expect(left.map(\.record) == kept.map { Self.record($0) })
        try journal.close()
    }

    @Test func `goes on being appended to while it is edited`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append((0..<2000).map { Self.record($0) })
        let end = journal.last
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<200 { _ = try await journal.append([Self.record(10_000 + number * 7 + 4)]) }
            }
            group.addTask {
                for _ in 0..<5 {
                    try await journal.edit(upTo: end, Self.edit)
                    _ = try await journal.purge()
                }
            }
            try await group.waitForAll()
        }
        #expect(try await journal.purge())
        #expect(journal.failure == nil)
        #expect(try await journal.all().count == 2000 - (0..<2000).count(where: Self.isSecret) + 200)
        #expect(try !Self.leaves(Self.secret, in: folder))
        try journal.close()
    }
}
#endif
