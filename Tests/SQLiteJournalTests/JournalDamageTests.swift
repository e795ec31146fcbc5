#if SQLite
import CallDomain
import Foundation
import GRDB
import TestSupport
import Testing

@testable import SQLiteJournal

@Suite struct `A damaged journal` {
    private static let file = "switchboard.sqlite"

    /// The files of a journal with these records: closed well, or as a process that is killed leaves them.
    private static func image(
        _ records: [CallDomain.Record]
    ) async throws -> (closed: [UInt8], file: [UInt8], log: [UInt8]) {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        for record in records { _ = try await journal.append([record]) }
        let (file, log) = (try folder.bytes(), try folder.bytes("\(Self.file)-wal"))
        try journal.close()
        return (try folder.bytes(), file, log)
    }

    /// What becomes of a journal of these bytes.
    private enum Outcome: Equatable {
        case read([CallDomain.Record])
        case refused(String)
    }

    private static func outcome(of file: [UInt8], log: [UInt8]? = nil) async throws -> Outcome {
        let folder = try JournalFolder()
        try folder.write(file)
        if let log { try folder.write(log, to: "\(Self.file)-wal") }
        do throws(JournalFailure) {
            let journal = try JournalFile.open(at: folder.path())
            let records = try await journal.all()
            try journal.close()
            return .read(records.map(\.record))
        } catch {
            return .refused(error.text)
        }
    }

    private static func expectRefusal(_ outcome: Outcome, _ words: String, _ comment: Comment? = nil) {
        guard case .refused(let reason) = outcome else {
            Issue.record("it was read: \(comment ?? "")")
            return
        }
        for part in [words, "damaged", "move it away"] {
            #expect(part.isEmpty || reason.contains(part), comment)
        }
    }

    @Test func `is refused with the way out`() async throws {
        let whole = try await Self.image(Sample.records(0..<200)).closed
        #expect(try await Self.outcome(of: whole) == .read(Sample.records(0..<200)))

        var header = whole
        header.replaceSubrange(0..<16, with: [UInt8](repeating: 0, count: 16))
        Self.expectRefusal(try await Self.outcome(of: header), "not a database")

        var page = whole
        let place = try #require(page.firstRange(of: Array("\u{2}77 ".utf8)) ?? page.firstRange(of: Array("77 ".utf8)))
        page[place.lowerBound] ^= 4
        Self.expectRefusal(try await Self.outcome(of: page), "checksum of record 78 is wrong")

        var pages = whole
        pages.replaceSubrange(4096 * 6..<4096 * 7, with: [UInt8](repeating: 0xFF, count: 4096))
        Self.expectRefusal(try await Self.outcome(of: pages), "")
        Self.expectRefusal(try await Self.outcome(of: Array(whole.dropLast(4096))), "")
        Self.expectRefusal(try await Self.outcome(of: Array(whole.prefix(40))), "")
    }

    @Test func `is refused where records are missing`() async throws {
        let holes = [
            ("DELETE FROM log WHERE position = 7", "record 7 is missing"),
            ("DELETE FROM log WHERE position = 20", "ends with record 19"),
            ("DELETE FROM log", "ends with record 0"),
            ("DELETE FROM meta", "nothing was noted"),
            ("UPDATE log SET record = (SELECT record FROM log WHERE position = 4) WHERE position = 5", "record 5"),
            ("DROP TABLE log", "no such table"),
            ("PRAGMA user_version = 0", "does not say which version"),
        ]
        for (sql, words) in holes {
            let folder = try JournalFolder()
            let journal = try JournalFile.open(at: folder.path())
            _ = try await journal.append(Sample.records(0..<20))
            try journal.close()
            try folder.execute(sql)
            Self.expectRefusal(try await Self.outcome(of: try folder.bytes()), words, "\(sql)")
        }
    }

    @Test func `is refused where the file was lost and not what stands beside it`() async throws {
        let image = try await Self.image(Sample.records(0..<5))
        Self.expectRefusal(try await Self.outcome(of: [], log: image.log), "was lost")
    }

    @Test func `of a later version is refused, and so is another program's`() async throws {
        let folder = try JournalFolder()
        try JournalFile.open(at: folder.path()).close()
        try folder.execute("PRAGMA user_version = 9")
        let later = #expect(throws: JournalFailure.self) { try JournalFile.open(at: folder.path()) }
        #expect(later?.reason.contains("version 9 of the journal's tables") == true)

        try folder.execute("CREATE TABLE mine (id INTEGER PRIMARY KEY)", in: "foreign.sqlite")
        let before = try folder.bytes("foreign.sqlite")
        let mode = try folder.mode("foreign.sqlite")
        #expect(mode != 0o600)
        let foreign = #expect(throws: JournalFailure.self) { try JournalFile.open(at: folder.path("foreign.sqlite")) }
        #expect(foreign?.reason.contains("another program") == true)
        #expect(try folder.bytes("foreign.sqlite") == before)
        #expect(try folder.mode("foreign.sqlite") == mode)

        for path in [folder.path("no/such/folder.sqlite"), folder.path("."), "/", ""] {
            #expect(throws: JournalFailure.self) { try JournalFile.open(at: path) }
        }
    }

    @Test func `is never silently wrong, whichever bit is flipped`() async throws {
        let records = Sample.records(0..<120)
        let image = try await Self.image(records)
        var generator = SeededGenerator(seed: 25)
        for round in 0..<150 {
            var file = image.closed
            // The header, the roots of the tables and their leaves.
            let index = Int.random(in: round % 3 == 0 ? 0..<200 : file.indices, using: &generator)
            let bit = UInt8.random(in: 0..<8, using: &generator)
            file[index] ^= 1 << bit
            guard case .read(let read) = try await Self.outcome(of: file) else { continue }
            #expect(read == records, "bit \(bit) of byte \(index)")
        }
    }

    @Test func `is never silently wrong, whichever bit of the write-ahead log is flipped`() async throws {
        let records = Sample.records(0..<20)
        let image = try await Self.image(records)
        var generator = SeededGenerator(seed: 27)
        var (refused, cut) = (0, 0)
        for _ in 0..<100 {
            var log = image.log
            let (index, bit) = (
                Int.random(in: log.indices, using: &generator), UInt8.random(in: 0..<8, using: &generator)
            )
            log[index] ^= 1 << bit
            switch try await Self.outcome(of: image.file, log: log) {
            case .refused(let reason):
                #expect(reason.contains("damaged"))
                refused += 1
            case .read(let read):
                // What cannot be told from the end of a process in the middle of a write.
                #expect(read == Array(records.prefix(read.count)), "bit \(bit) of byte \(index)")
                #expect(read.count >= records.count - 2, "bit \(bit) of byte \(index)")
                cut += 1
            }
        }
        #expect(refused > 80 && cut > 0)
    }

    @Test func `write-ahead log says how much of its end was cut`() async throws {
        let image = try await Self.image(Sample.records(0..<5))
        let folder = try JournalFolder()
        try folder.write(image.file)
        try folder.write(image.log.dropLast(50), to: "\(Self.file)-wal")
        let journal = try JournalFile.open(at: folder.path())
        #expect(journal.tornTail > 0 && journal.tornTail < 4 * 4120)
        // Nothing of it stays behind what is written next, to look like damage after another crash.
        #expect(try WriteAheadLog.check(folder.path()) == 0)
        #expect(try await journal.all().map(\.record) == Sample.records(0..<4))
        try journal.close()
        let again = try JournalFile.open(at: folder.path())
        #expect(again.tornTail == 0)
        try again.close()
    }

    @Test func `write-ahead log that cannot be read is not taken for none`() async throws {
        let folder = try JournalFolder()
        try JournalFile.open(at: folder.path()).close()
        let path = folder.path("\(Self.file)-wal")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let failure = #expect(throws: JournalFailure.self) { try JournalFile.open(at: folder.path()) }
        #expect(failure?.reason.contains("\(Self.file)-wal cannot be read") == true)
    }

    @Test func `write-ahead log is checked to its end, however long it is`() async throws {
        let records = (0..<300).map { Sample.record($0, filler: 4000) }
        let image = try await Self.image(records)
        #expect(image.log.count > 2 << 20)
        #expect(try await Self.outcome(of: image.file, log: image.log) == .read(records))
        for place in [image.log.count / 4, image.log.count / 2, image.log.count - (1 << 16)] {
            var log = image.log
            log[place] ^= 1
            Self.expectRefusal(try await Self.outcome(of: image.file, log: log), "came later")
        }
    }

    @Test func `write-ahead log that was cut gives the longest whole beginning`() async throws {
        let records = Sample.records(0..<20)
        let image = try await Self.image(records)
        var generator = SeededGenerator(seed: 26)
        var lengths: Set<Int> = []
        for _ in 0..<60 {
            let log = Array(image.log.prefix(Int.random(in: image.log.indices, using: &generator)))
            guard case .read(let read) = try await Self.outcome(of: image.file, log: log) else {
                Issue.record("a cut at \(log.count) was refused")
                continue
            }
            #expect(read == Array(records.prefix(read.count)), "\(log.count)")
            lengths.insert(read.count)
        }
        #expect(lengths.count > 5)
    }
}
#endif
