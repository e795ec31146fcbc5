#if SQLite
import CallDomain
import Foundation
import GRDB
import SQLiteJournal
import Testing

/// A folder for the files of one test.
final class JournalFolder: Sendable {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String = "switchboard.sqlite") -> String { folder.appending(path: name).path }

    func bytes(_ name: String = "switchboard.sqlite") throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path(name))))
    }

    func write(_ bytes: [UInt8], to name: String = "switchboard.sqlite") throws {
        try Data(bytes).write(to: URL(filePath: path(name)))
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// The permissions of a file, such as 0o600.
    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
        return try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
    }

    /// Lets SQLite look for damage.
    func check(_ name: String = "switchboard.sqlite") throws {
        let other = try DatabaseQueue(path: path(name))
        #expect(try other.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
        try other.close()
    }

    /// Runs SQL as another program would, in its own connection.
    func execute(_ sql: String, in name: String = "switchboard.sqlite") throws {
        let other = try DatabaseQueue(path: path(name))
        try other.writeWithoutTransaction { try $0.execute(sql: sql) }
        try other.close()
    }

    /// What SQL gives to another program.
    func rows(_ sql: String) throws -> [String] {
        let other = try DatabaseQueue(path: path())
        defer { try? other.close() }
        return try other.read { try String.fetchAll($0, sql: sql) }
    }
}

extension JournalFile {
    /// Everything in the log.
    func all() async throws(JournalFailure) -> [LoggedRecord] { try await records(after: .start, limit: .max) }
}

/// Records of which each is different.
enum Sample {
    static func record(_ number: Int, filler: Int = 0) -> CallDomain.Record {
        let at = Timestamp(milliseconds: 1_795_000_000_000 + Int64(number))
        let reason = "\(number) " + String(repeating: "x", count: filler)
        return CallDomain.Record(
            at: at,
            .noted(CallID(at: at, random: (0, UInt64(number))), .canceled(reason: reason))
        )
    }

    static func records(_ numbers: Range<Int>) -> [CallDomain.Record] { numbers.map { record($0) } }
}
#endif
