#if SQLite
import CallDomain
import Foundation
import Testing

@testable import SQLiteJournal

@Suite struct `The place of a journal` {
    /// Opens a journal there, which must be refused, and looks whether a look says the same.
    private func refusal(_ folder: JournalFolder, _ name: String) -> JournalFailure? {
        let looked = #expect(throws: JournalFailure.self) { try JournalFile.look(at: folder.path(name)) }
        let opened = #expect(throws: JournalFailure.self) { try JournalFile.open(at: folder.path(name)) }
        #expect(looked == opened)
        #expect(opened?.advice != nil)
        return opened
    }

    @Test func `is not beside another program's lock file`() throws {
        let folder = try JournalFolder()
        for text in ["# yarn lockfile v1\n", "12 34\n", String(repeating: "1", count: 100)] {
            try folder.write(Array(text.utf8), to: "yarn.lock")
            let failure = refusal(folder, "yarn")
            #expect(failure?.reason.contains("yarn.lock is a file of another program") == true)
            #expect(try folder.bytes("yarn.lock") == Array(text.utf8))
            #expect(!folder.exists("yarn"))
        }
        for text in ["", "\n", "4711", "4711\n"] {
            try folder.write(Array(text.utf8), to: "yarn.lock")
            try JournalFile.open(at: folder.path("yarn")).close()
        }
    }

    @Test func `is left as it was where it is refused`() throws {
        let folder = try JournalFolder()
        try folder.execute("CREATE TABLE mine (id INTEGER PRIMARY KEY)", in: "foreign")
        try folder.write(Array("a text".utf8), to: "text")
        try folder.write(Array(String(repeating: "a long text ", count: 1000).utf8), to: "long")
        try FileManager.default.createDirectory(atPath: folder.path("folder"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link"),
            withDestinationPath: folder.path("nothing")
        )
        let words = [
            "foreign": "is a database of another program", "text": "is not an SQLite database",
            "long": "is not an SQLite database", "folder": "is not a regular file",
            "link": "is a symbolic link to nothing", "no/folder": "No such file or directory",
        ]
        for (name, words) in words {
            let failure = refusal(folder, name)
            #expect(failure?.reason.contains(words) == true, "\(name)")
            #expect(failure?.text.contains("move it away") == false, "\(name)")
            #expect(!folder.exists(name + ".lock"), "\(name)")
        }
        #expect(!folder.exists("nothing"))
    }

    @Test func `is looked at without a trace`() throws {
        let folder = try JournalFolder()
        #expect(try JournalFile.look(at: folder.path()).isThere == false)
        #expect(!folder.exists("switchboard.sqlite") && !folder.exists("switchboard.sqlite.lock"))
        let journal = try JournalFile.open(at: folder.path())
        #expect(try JournalFile.look(at: folder.path()).isThere)
        try journal.close()
    }
}
#endif
