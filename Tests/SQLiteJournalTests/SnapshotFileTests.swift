#if SQLite
import BenchmarkLives
import CallDomain
import CallStorage
import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@testable import SQLiteJournal

/// A journal and the book that was folded from it.
private struct Kept {
    static let file = "switchboard.sqlite"

    let folder: JournalFolder
    var journal: JournalFile
    var book = Book()

    init(keptRecords: Int64 = JournalFile.keptRecords) throws {
        folder = try JournalFolder()
        journal = try JournalFile.open(at: folder.path(), maximumPages: nil, keptRecords: keptRecords)
    }

    mutating func write(_ records: [CallDomain.Record]) async throws {
        let positions = try await journal.append(records)
        for (record, position) in zip(records, positions) { _ = book.apply(record, at: position) }
    }

    mutating func write(_ lives: Range<Int>) async throws {
        for number in lives { try await write(Life(number: number).whole) }
    }

    mutating func keep() async throws {
        let changes = book.takeChanges()
        try await journal.keep(book.snapshot(changes))
    }

    /// Lets all finished calls go.
    mutating func tidy() async throws {
        let retention = Retention(calls: .zero, maximumCalls: 0, numberCooldown: .zero)
        let time = Life.begin + .seconds(1_000_000)
        while true {
            let record = CallDomain.Record(at: time, .tidied(retention))
            let position = try #require(try await journal.append([record]).first)
            if !book.apply(record, at: position).hasMore { break }
        }
    }

    mutating func reopen(keptRecords: Int64 = JournalFile.keptRecords) throws {
        try journal.close()
        journal = try JournalFile.open(at: folder.path(), maximumPages: nil, keptRecords: keptRecords)
    }

    /// The files as they are on the disk, in a folder of their own.
    func copy() throws -> JournalFolder {
        let copy = try JournalFolder()
        for name in [Self.file, "\(Self.file)-wal"] { try copy.write(try folder.bytes(name), to: name) }
        return copy
    }
}

extension JournalFile {
    /// What a start does.
    fileprivate func replayed() async throws -> (book: Book, snapshot: Position?) {
        let snapshot = try await snapshot()
        var book = Book()
        if let snapshot { book = try await Book(snapshot) }
        for logged in try await records(after: book.position, limit: .max) {
            _ = book.apply(logged.record, at: logged.position)
        }
        return (book, snapshot?.position)
    }

    fileprivate func count(_ sql: String) async throws -> Int {
        try await onReader { try Int.fetchOne($0, sql: sql) ?? 0 }
    }
}

@Suite struct `A snapshot in a file` {
    @Test func `gives the book back, whole or in steps, with the log after it`() async throws {
        var kept = try Kept()
        #expect(try await kept.journal.snapshot() == nil)
        for part in 0..<5 {
            try await kept.write(part * 40..<part * 40 + 40)
            if part == 3 { try await kept.tidy() }
            try await kept.keep()
            let position = kept.book.position
            try await kept.write(1000 + part..<1002 + part)
            if part.isMultiple(of: 2) { try kept.reopen() }
            let (book, snapshot) = try await kept.journal.replayed()
            #expect(snapshot == position)
            let isSame = book == kept.book
            #expect(isSame, "part \(part)")
        }
        try kept.journal.close()
    }

    @Test func `is the one before or the new one, wherever the process ends`() async throws {
        var kept = try Kept(keptRecords: 200)
        try await kept.write(0..<150)
        var position = kept.book.position
        try await kept.keep()
        for round in 0..<2 {
            try await kept.write(200 + round * 50..<260 + round * 50)
            if round == 1 { try await kept.tidy() }
            let before = position
            position = kept.book.position
            let copies = Mutex<[JournalFolder]>([])
            kept.journal.afterEachChore { [kept] in
                // Nothing writes meanwhile.
                guard let copy = try? kept.copy() else { return }
                copies.withLock { $0.append(copy) }
            }
            try await kept.keep()
            kept.journal.afterEachChore(nil)
            let folders = copies.withLock { $0 }
            #expect(folders.count >= 6)
            var seen: [Position] = []
            for (step, folder) in folders.enumerated() {
                // Beside the gateway, too, which may be in the middle of the next one.
                let shown = try #require(try JournalReader(folder.path()).snapshot())
                #expect(shown.position == before || shown.position == position)
                #expect(try await Book(shown).position == shown.position)
                let journal = try JournalFile.open(at: folder.path())
                let (book, snapshot) = try await journal.replayed()
                let isSame = book == kept.book
                #expect(isSame, "round \(round), step \(step)")
                #expect(snapshot == before || snapshot == position)
                seen.append(try #require(snapshot))
                #expect(try await journal.count("SELECT count(*) - count(DISTINCT key) FROM state") == 0)
                #expect(try await journal.count("SELECT count(*) FROM state WHERE part IS NULL") == 0)
                // It goes on from there.
                var again = book
                again.loseChanges()
                let changes = again.takeChanges()
                try await journal.keep(again.snapshot(changes))
                let isKept = try await journal.replayed().book == kept.book
                #expect(isKept)
                try journal.close()
            }
            #expect(seen == seen.sorted())
            #expect(Set(seen) == [before, position])
        }
        try kept.journal.close()
    }

    @Test func `lets records go that it holds, and the log tells damage from that`() async throws {
        var kept = try Kept(keptRecords: 100)
        try await kept.write(0..<200)
        try await kept.keep()
        let (first, last) = (kept.journal.first, kept.journal.last)
        #expect(first == Position(low: last.low - 99))
        await #expect(throws: JournalFailure.self) {
            try await kept.journal.records(after: .start, limit: 10)
        }
        let before = Position(low: first.low - 1)
        #expect(try await kept.journal.records(after: before, limit: .max).count == 100)
        try kept.reopen()
        #expect(kept.journal.first == first)
        let isSame = try await kept.journal.replayed().book == kept.book
        #expect(isSame)
        try kept.journal.close()
        for sql in [
            "DELETE FROM log WHERE position = \(first)", "UPDATE meta SET value = 1 WHERE name = 'first'",
            "UPDATE meta SET value = 0 WHERE name = 'first'", "DELETE FROM meta WHERE name = 'first'",
        ] {
            let copy = try JournalFolder()
            try copy.write(try kept.folder.bytes())
            try copy.execute(sql)
            #expect(throws: JournalFailure.self, "\(sql)") { try JournalFile.open(at: copy.path()) }
        }
    }

    @Test func `that is damaged is refused`() async throws {
        var kept = try Kept()
        try await kept.write(0..<20)
        try await kept.keep()
        try kept.journal.close()
        let damage = [
            "UPDATE state SET part = substr(part, 1, length(part) - 1) WHERE rowid = 7",
            "UPDATE state SET part = zeroblob(20) WHERE rowid = 7",
            "UPDATE state SET part = NULL WHERE rowid = 7",
            "UPDATE state SET generation = 0 WHERE rowid = 7",
            "UPDATE state SET key = x'0100' WHERE rowid = 7",
            "DELETE FROM state WHERE rowid = 7", "DELETE FROM state",
            "INSERT INTO state SELECT key, generation + 1, checksum, part FROM state WHERE rowid = 7",
            "UPDATE meta SET value = 5 WHERE name = 'snapshot'",
            "UPDATE meta SET value = 1000000 WHERE name = 'snapshot'",
            "DROP TABLE state",
        ]
        for sql in damage {
            let copy = try JournalFolder()
            try copy.write(try kept.folder.bytes())
            try copy.execute(sql)
            await #expect(throws: (any Error).self, "\(sql)") {
                let journal = try JournalFile.open(at: copy.path())
                let snapshot = try #require(try await journal.snapshot())
                _ = try await Book(snapshot)
            }
        }
    }

    @Test(arguments: [0, 1])
    func `of which something untrue was noted is refused with the way out, and stays`(writing: Int) async throws {
        var kept = try Kept()
        for part in 0..<3 {
            try await kept.write(part * 20..<part * 20 + 20)
            try await kept.keep()
        }
        try kept.journal.close()
        let untrue = [
            "value = value + 1 WHERE name = 'generation'", "value = value - 1 WHERE name = 'generation'",
            "value = 0 WHERE name = 'generation'", "value = 1000 WHERE name = 'base'", "value = -1 WHERE name = 'base'",
        ]
        for sql in untrue {
            let copy = try JournalFolder()
            try copy.write(try kept.folder.bytes())
            try copy.execute("UPDATE meta SET \(sql); UPDATE meta SET value = \(writing) WHERE name = 'writing'")
            let rows = try copy.rows("SELECT hex(key) || generation FROM state")
            let failure = #expect(throws: JournalFailure.self, "\(sql)") { try JournalFile.open(at: copy.path()) }
            #expect(failure?.reason.contains("damaged") == true && failure?.text.contains("move it away") == true)
            #expect(try copy.rows("SELECT hex(key) || generation FROM state") == rows)
            #expect(throws: JournalFailure.self, "\(sql)") { try JournalReader(copy.path()).snapshot() }
        }
    }

    /// SQLite finds what comes after a number by halving, so that rows out of order have no last one.
    @Test func `whose rows are out of order is refused`() async throws {
        var kept = try Kept()
        try await kept.write(0..<3)
        try await kept.keep()
        try kept.journal.close()
        let root = try #require(
            Int(try kept.folder.rows("SELECT rootpage FROM sqlite_master WHERE name = 'state'").first ?? "")
        )
        var bytes = try kept.folder.bytes()
        func number(_ place: Int, _ length: Int) -> Int {
            bytes[place..<place + length].reduce(0) { $0 << 8 | Int($1) }
        }
        // The first leaf of the tree.
        var page = (root - 1) * 4096
        while bytes[page] == 5 { page = (number(page + number(page + 12, 2), 4) - 1) * 4096 }
        try #require(bytes[page] == 13 && number(page + 3, 2) > 1)
        // Its first row gets a number beyond that of the next one.
        var place = page + number(page + 8, 2)
        while bytes[place] & 0x80 != 0 { place += 1 }
        bytes[place + 1] ^= 0x20
        let copy = try JournalFolder()
        try copy.write(bytes)
        let journal = try JournalFile.open(at: copy.path())
        let failure = await #expect(throws: JournalFailure.self) { try await journal.snapshot() }
        #expect(failure?.reason.contains("out of order") == true && failure?.text.contains("move it away") == true)
        try journal.close()
    }

    @Test func `is never silently wrong, whichever bit is flipped`() async throws {
        var kept = try Kept(keptRecords: 50)
        try await kept.write(0..<40)
        try await kept.keep()
        try await kept.write(40..<42)
        try kept.journal.close()
        let whole = try kept.folder.bytes()
        var generator = SeededGenerator(seed: 21)
        var refused = 0
        for _ in 0..<150 {
            var bytes = whole
            let index = Int.random(in: bytes.indices, using: &generator)
            bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            let copy = try JournalFolder()
            try copy.write(bytes)
            do {
                let journal = try JournalFile.open(at: copy.path())
                let isSame = try await journal.replayed().book == kept.book
                #expect(isSame, "byte \(index)")
                try journal.close()
            } catch {
                refused += 1
            }
        }
        #expect(refused > 50)
    }

    @Test func `keeps nothing of what left the book`() async throws {
        var kept = try Kept(keptRecords: 1)
        try await kept.write(0..<30)
        try await kept.keep()
        let number = Array("+12125000007".utf8)
        try kept.reopen(keptRecords: 1)
        #expect(try kept.folder.bytes().contains(number))
        kept.book = try await kept.journal.replayed().book
        try await kept.tidy()
        try await kept.keep()
        try kept.journal.close()
        #expect(try !kept.folder.bytes().contains(number))
    }

    @Test func `lets records be appended meanwhile`() async throws {
        var kept = try Kept()
        try await kept.write(0..<400)
        let (changes, journal) = (kept.book.takeChanges(), kept.journal)
        let snapshot = kept.book.snapshot(changes)
        async let keeping: Void = journal.keep(snapshot)
        for number in 500..<600 { try await kept.write(Life(number: number).whole) }
        try await keeping
        let isSame = try await journal.replayed().book == kept.book
        #expect(isSame)
        try journal.close()
    }

    /// Made by the first version of the tables, with the records of one call.
    @Test func `is not in a file of the first version, which gets its table`() async throws {
        let folder = try JournalFolder()
        try folder.write([UInt8](try Data(contentsOf: Fixture.root.appending(path: "journal/tables-version-1.sqlite"))))
        let journal = try JournalFile.open(at: folder.path())
        #expect(try await journal.all().map(\.record) == Life(number: 0).whole)
        #expect(try await journal.snapshot() == nil)
        #expect(journal.first == Position(low: 1))
        var book = try await journal.replayed().book
        let changes = book.takeChanges()
        try await journal.keep(book.snapshot(changes))
        let isSame = try await journal.replayed().book == book
        #expect(isSame)
        try journal.close()
    }
}

extension [UInt8] {
    fileprivate func contains(_ other: [UInt8]) -> Bool { firstRange(of: other) != nil }
}
#endif
