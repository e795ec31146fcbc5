#if SQLite
import CallDomain
import Foundation
import GRDB
import TestSupport
import Testing

@testable import SQLiteJournal

@Suite struct `The files of a running journal` {
    private static let file = "switchboard.sqlite"

    /// A journal with three records; the fourth is appended after `meddle`, and must fail.
    private func failure(_ meddle: (JournalFolder) throws -> Void) async throws -> (JournalFolder, JournalFailure?) {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append(Sample.records(0..<3))
        try meddle(folder)
        let failure = await #expect(throws: JournalFailure.self) { try await journal.append([Sample.record(3)]) }
        #expect(journal.failure == failure)
        await #expect(throws: JournalFailure.self) { try await journal.append([Sample.record(4)]) }
        try journal.close()
        return (folder, failure)
    }

    @Test(arguments: ["", "-wal"]) func `are missed when they are removed`(end: String) async throws {
        let (_, failure) = try await failure { try $0.remove(Self.file + end) }
        #expect(failure?.reason.contains("\(Self.file)\(end) was removed or replaced while the gateway ran") == true)
        #expect(failure?.advice?.contains("restore a backup") == true)
    }

    @Test(arguments: ["", "-wal"]) func `are missed when others take their places`(end: String) async throws {
        let (_, failure) = try await failure { folder in
            let bytes = try folder.bytes(Self.file + end)
            // The first one lives on under another name, so that its number is not given to the second.
            try FileManager.default.moveItem(atPath: folder.path(Self.file + end), toPath: folder.path("moved"))
            try folder.write(bytes, to: Self.file + end)
        }
        #expect(failure?.reason.contains("\(Self.file)\(end) was removed or replaced") == true)
    }

    @Test func `that were moved hold all when they are put back`() async throws {
        let (folder, _) = try await failure { folder in
            try FileManager.default.moveItem(atPath: folder.path(), toPath: folder.path("moved"))
        }
        try FileManager.default.moveItem(atPath: folder.path("moved"), toPath: folder.path())
        let again = try JournalFile.open(at: folder.path())
        // The last one reached the disk, and nobody was told.
        #expect(try await again.all().map(\.record) == Sample.records(0..<4))
        try again.close()
    }

    @Test func `hold all after a stop if only the write-ahead log was removed`() async throws {
        let (folder, _) = try await failure { try $0.remove(Self.file + "-wal") }
        let again = try JournalFile.open(at: folder.path())
        #expect(try await again.all().map(\.record) == Sample.records(0..<4))
        try again.close()
    }

    @Test func `are missed by what is changed in them, too`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append(Sample.records(0..<3))
        try folder.remove(Self.file)
        let failure = await #expect(throws: JournalFailure.self) { try await journal.onWriter { _ in 0 } }
        #expect(failure?.reason.contains("was removed or replaced") == true)
        try journal.close()
    }

    @Test func `that another program holds locked are not called a broken disk`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        // Waiting for the other program would take its time.
        try await journal.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA busy_timeout = 0") }
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: folder.path(), configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let failure = await #expect(throws: JournalFailure.self) { try await journal.append([Sample.record(0)]) }
        #expect(failure?.reason.contains("another program has held it locked for more than 5 s") == true)
        #expect(failure?.text.contains("disk") == false)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try other.close()
        try journal.close()
    }
}
#endif
