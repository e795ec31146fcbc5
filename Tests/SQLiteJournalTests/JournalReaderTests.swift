#if SQLite
import CallDomain
import Foundation
import JournalFormat
import TestSupport
import Testing

@testable import SQLiteJournal

@Suite struct `A journal that is read beside its gateway` {
    private static func records(of reader: JournalReader) throws -> [LoggedRecord] {
        var records: [LoggedRecord] = []
        try reader.read { records.append($0) }
        return records
    }

    @Test func `shows what is durable, and who writes it`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append(Sample.records(0..<2500))
        let reader = try JournalReader(folder.path())
        #expect(reader.writer == .process(Int(getpid())))
        #expect(reader.version == JournalSchema.version)
        #expect(try Self.records(of: reader).map(\.record) == Sample.records(0..<2500))
        try reader.checkStructure()
        // Nobody is held up.
        _ = try await journal.append([Sample.record(2500)])
        #expect(try Self.records(of: reader).count == 2501)
        try journal.close()
        let closed = try JournalReader(folder.path())
        #expect(closed.writer == .none)
        #expect(try Self.records(of: closed).map(\.record) == Sample.records(0..<2501))
    }

    @Test func `keeps no gateway from starting`() async throws {
        let folder = try JournalFolder()
        try JournalFile.open(at: folder.path()).close()
        let reader = try JournalReader(folder.path())
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append([Sample.record(1)])
        #expect(try Self.records(of: reader).map(\.record) == [Sample.record(1)])
        #expect(try JournalReader(folder.path()).writer == .process(Int(getpid())))
        try journal.close()
    }

    @Test func `is not written, and not made`() async throws {
        let folder = try JournalFolder()
        #expect(throws: JournalFailure.self) { try JournalReader(folder.path()) }
        #expect(!folder.exists("switchboard.sqlite") && !folder.exists("switchboard.sqlite.lock"))
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append(Sample.records(0..<3))
        for end in ["", "-wal"] { try folder.write(try folder.bytes("switchboard.sqlite\(end)"), to: "killed\(end)") }
        try journal.close()
        let before = [try folder.bytes("killed"), try folder.bytes("killed-wal")]
        #expect(try Self.records(of: try JournalReader(folder.path("killed"))).count == 3)
        #expect([try folder.bytes("killed"), try folder.bytes("killed-wal")] == before)
    }

    @Test func `is a regular file`() throws {
        let folder = try JournalFolder()
        let failure = #expect(throws: JournalFailure.self) { try JournalReader(folder.path(".")) }
        #expect(failure?.reason.hasSuffix("is not a regular file") == true)
    }

    @Test func `tells the first damage`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append(Sample.records(0..<20))
        try journal.close()
        try folder.execute("UPDATE log SET checksum = 0 WHERE position IN (7, 9)")
        let reader = try JournalReader(folder.path())
        var count = 0
        let failure = #expect(throws: JournalFailure.self) { try reader.read { _ in count += 1 } }
        #expect(failure?.reason.contains("the checksum of record 7 is wrong") == true)
        try folder.write([UInt8]("a text".utf8), to: "notes")
        let other = #expect(throws: JournalFailure.self) { try JournalReader(folder.path("notes")) }
        #expect(other?.text.contains("move it away") == false)
        #expect(other?.reason.contains("is not an SQLite database") == true)
    }
}

@Suite struct `A journal of the first version` {
    private struct Golden: Decodable {
        let hex: String
    }

    @Test func `is read, brought up to date and gone on with, with records of every kind`() async throws {
        let folder = try JournalFolder()
        try folder.write([UInt8](try Fixture.bytes("journal/version-1.sqlite")))
        let kept: [Golden] = try Fixture.decode(from: "journal/version-1.json")
        let reader = try JournalReader(folder.path())
        #expect(reader.version == 1)
        try reader.checkStructure()
        var count = 0
        try reader.read { _ in count += 1 }
        #expect(count == kept.count)
        let journal = try JournalFile.open(at: folder.path())
        let records = try await journal.all().map(\.record)
        // Written anew, they differ in the version alone.
        let written = records.map { Hex.encode(Array(RecordFormat.encode($0).dropFirst())) }
        #expect(written == kept.map { String($0.hex.dropFirst(2)) })
        let next = Position(low: UInt64(kept.count + 1))
        #expect(try await journal.append([Sample.record(0)]) == [next])
        try journal.close()
        #expect(try JournalReader(folder.path()).version == JournalSchema.version)
    }
}
#endif
