#if SQLite
import CallDomain
import Foundation
import GRDB
import TestSupport
import Testing

@testable import SQLiteJournal

@Suite struct `A journal in a file` {
    @Test func `gives back what was appended, in order, also after it was closed`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        #expect(!journal.isVolatile)
        #expect(try await journal.all() == [])
        #expect(try await journal.append(Sample.records(0..<3)) == [1, 2, 3].map { Position(low: $0) })
        #expect(try await journal.append([]) == [])
        #expect(try await journal.append([Sample.record(3)]) == [Position(low: 4)])
        let whole = try await journal.all()
        #expect(whole.map(\.record) == Sample.records(0..<4))
        #expect(whole.map(\.position.low) == [1, 2, 3, 4])
        try journal.close()

        let again = try JournalFile.open(at: folder.path())
        #expect(again.last == Position(low: 4))
        #expect(try await again.all() == whole)
        #expect(try await again.append([Sample.record(4)]) == [Position(low: 5)])
        try again.close()
    }

    @Test func `is read in parts`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append(Sample.records(0..<25))
        var (parts, position) = ([[LoggedRecord]](), Position.start)
        repeat {
            parts.append(try await journal.records(after: position, limit: 10))
            position = parts.last?.last?.position ?? position
        } while parts.last?.count == 10
        #expect(parts.map(\.count) == [10, 10, 5])
        #expect(parts.joined().map(\.record) == Sample.records(0..<25))
        #expect(try await journal.records(after: position, limit: 10) == [])
        await #expect(throws: JournalFailure.self) {
            try await journal.records(after: Position(high: 1, low: 0), limit: 10)
        }
        try journal.close()
    }

    @Test func `writes all that waits as one transaction`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        let gate = DispatchSemaphore(value: 0)
        journal.database.asyncWriteWithoutTransaction { _ in gate.wait() }
        let positions = try await withThrowingTaskGroup(of: (Int, [Position]).self) { group in
            for number in 0..<256 {
                group.addTask { (number, try await journal.append([Sample.record(number)])) }
            }
            await eventually { journal.waiting == 256 }
            gate.signal()
            return try await group.reduce(into: [Position: Int]()) { told, answer in
                for position in answer.1 { told[position] = answer.0 }
            }
        }
        #expect(journal.commits == 1)
        #expect(positions.count == 256)
        for logged in try await journal.all() {
            #expect(logged.record == Sample.record(try #require(positions[logged.position])))
        }
        try journal.close()
    }

    @Test func `keeps what a cancelled task appended`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        let gate = DispatchSemaphore(value: 0)
        journal.database.asyncWriteWithoutTransaction { _ in gate.wait() }
        let client = Task { try await journal.append([Sample.record(1)]) }
        await eventually { journal.waiting == 1 }
        client.cancel()
        gate.signal()
        #expect(try await client.value == [Position(low: 1)])
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await journal.append([Sample.record(2)])
        }
        #expect(try await late.value == [Position(low: 2)])
        #expect(try await journal.all().map(\.record) == Sample.records(1..<3))
        try journal.close()
    }

    @Test func `syncs every commit`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        let pragmas = try await journal.database.writeWithoutTransaction { database in
            try ["synchronous", "journal_mode", "wal_autocheckpoint"].map {
                try String.fetchOne(database, sql: "PRAGMA \($0)")
            }
        }
        #expect(pragmas == ["2", "wal", "0"])
        try journal.close()
    }

    @Test func `is readable for its owner alone`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append([Sample.record(1)])
        for name in ["", "-wal", "-shm", ".lock"] { #expect(try folder.mode("switchboard.sqlite\(name)") == 0o600) }
        try journal.close()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.path())
        let again = try JournalFile.open(at: folder.path())
        _ = try await again.append([Sample.record(1)])
        for name in ["", "-wal", "-shm", ".lock"] { #expect(try folder.mode("switchboard.sqlite\(name)") == 0o600) }
        try again.close()
    }

    @Test func `is written by one process, and others may read it`() async throws {
        let folder = try JournalFolder()
        let first = try JournalFile.open(at: folder.path())
        _ = try await first.append(Sample.records(0..<5))
        try FileManager.default.createSymbolicLink(atPath: folder.path("alias"), withDestinationPath: folder.path())
        for path in [folder.path(), folder.path("alias")] {
            let failure = #expect(throws: JournalFailure.self) { try JournalFile.open(at: path) }
            #expect(failure?.reason.contains("in use by process \(getpid()): ") == true)
        }
        let reader = try DatabaseQueue(path: folder.path(), configuration: Self.readOnly)
        #expect(try await reader.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM log") } == 5)
        _ = try await first.append([Sample.record(5)])
        #expect(try await reader.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM log") } == 6)
        try await reader.writeWithoutTransaction {
            try $0.execute(sql: "VACUUM INTO '\(folder.path("backup.sqlite"))'")
        }
        try reader.close()
        try first.close()

        let second = try JournalFile.open(at: folder.path())
        #expect(try await second.all().count == 6)
        try second.close()
        let backup = try JournalFile.open(at: folder.path("backup.sqlite"))
        #expect(try await backup.all().map(\.record) == Sample.records(0..<6))
        try backup.close()
    }

    private static var readOnly: Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        return configuration
    }

    @Test func `is dead after the first write that fails`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path(), maximumPages: 12)
        var kept: [CallDomain.Record] = []
        var failure: JournalFailure?
        while failure == nil, kept.count < 100 {
            let record = Sample.record(kept.count, filler: 1500)
            do {
                _ = try await journal.append([record])
                kept.append(record)
            } catch {
                failure = error
            }
        }
        #expect(failure?.reason.contains("database or disk is full") == true)
        #expect(failure?.text.contains("restart the gateway") == true)
        #expect(kept.count > 5 && kept.count < 100)
        // A small one would have room.
        let first = try #require(failure)
        await #expect(throws: first) { try await journal.append([Sample.record(0)]) }
        #expect(journal.failure == failure)
        #expect(try await journal.all().map(\.record) == kept)
        try journal.close()
        let again = try JournalFile.open(at: folder.path())
        #expect(try await again.all().map(\.record) == kept)
        try again.close()
    }

    @Test func `takes nothing once it is closed`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        try journal.close()
        let failure = await #expect(throws: JournalFailure.self) { try await journal.append([Sample.record(0)]) }
        #expect(failure?.reason.hasSuffix("is closed") == true)
        let read = await #expect(throws: JournalFailure.self) { try await journal.all() }
        let purged = await #expect(throws: JournalFailure.self) { try await journal.purge() }
        let kept = await #expect(throws: JournalFailure.self) {
            try await journal.keep(SnapshotChanges(position: .start, isWhole: true, names: [.summary]) { _ in nil })
        }
        #expect([failure, read, purged, kept].allSatisfy { $0?.kind == .closed })
        for name in ["-wal", "-shm"] { #expect(!folder.exists("switchboard.sqlite\(name)")) }
    }

    @Test func `copies what was written into the file before the write-ahead log is long`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        for number in 0..<40 {
            let records = (0..<50).map { Sample.record(number * 50 + $0, filler: 8000) }
            _ = try await journal.append(records)
        }
        #expect(try folder.bytes("switchboard.sqlite-wal").count < 8 << 20)
        #expect(try folder.bytes().count > 8 << 20)
        #expect(try await journal.all().count == 2000)
        try journal.close()
    }

    @Test func `copies what was written before it was opened, too`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append((0..<400).map { Sample.record($0, filler: 8000) })
        let (file, log) = (try folder.bytes(), try folder.bytes("switchboard.sqlite-wal"))
        try journal.close()
        // One process after the other that is killed before it has written much.
        try folder.write(file, to: "killed")
        try folder.write(log, to: "killed-wal")
        let killed = try JournalFile.open(at: folder.path("killed"))
        _ = try await killed.append((400..<600).map { Sample.record($0, filler: 8000) })
        #expect(try await killed.append([Sample.record(600)]) == [Position(low: 601)])
        #expect(try folder.bytes("killed").count > 4 << 20)
        #expect(try await killed.all().count == 601)
        try killed.close()
    }

    @Test func `goes on where it ended, however its process ended`() async throws {
        let folder = try JournalFolder()
        let journal = try JournalFile.open(at: folder.path())
        _ = try await journal.append(Sample.records(0..<3))
        // What a process that is killed leaves, byte for byte.
        for end in ["", "-wal"] { try folder.write(try folder.bytes("switchboard.sqlite\(end)"), to: "killed\(end)") }
        try journal.close()
        let killed = try JournalFile.open(at: folder.path("killed"))
        #expect(try await killed.all().map(\.record) == Sample.records(0..<3))
        #expect(try await killed.append([Sample.record(3)]) == [Position(low: 4)])
        try killed.close()
    }
}

@Suite struct `A checksum` {
    @Test func `is CRC-32C`() {
        func value(_ text: String) -> UInt32 {
            var checksum = Checksum()
            Array(text.utf8).withUnsafeBytes { checksum.add($0) }
            return checksum.value
        }
        // RFC 3720, B.4, and the check value of the catalogue of CRC algorithms.
        #expect(value("123456789") == 0xE306_9283)
        #expect(value(String(repeating: "\0", count: 32)) == 0x8A91_36AA)
        #expect(value("") == 0)
    }
}
#endif
