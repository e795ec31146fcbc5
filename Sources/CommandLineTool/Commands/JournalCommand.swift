import ArgumentParser
import CallDomain
import CallFlow
import Foundation
import SQLiteJournal

/// `switchboard journal`: looks at a journal beside the gateway that writes it.
struct JournalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Looks at a journal: what it is, whether it is whole, and what is in it.",
        discussion: """
            Nothing is written, and a running gateway is not held up. Reads the file that JOURNAL names, in the environment \
            or .env, or the one given with --file.

              switchboard journal inspect
              switchboard journal verify --file /backup/switchboard.sqlite
              switchboard journal export | jq 'select(.kind == "ordered")'
            """,
        subcommands: [JournalInspectCommand.self, JournalVerifyCommand.self, JournalExportCommand.self]
    )
}

/// Which journal.
struct JournalOption: ParsableArguments {
    @Option(help: ArgumentHelp("The journal's file, in place of the one that JOURNAL names.", valueName: "path"))
    var file: String?

    #if SQLite
    /// Opens the journal and works on it; what is wrong with it is written to standard error.
    /// - Throws: `ExitCode` 1 if it cannot be read or is damaged, 78 if the setting does not name one.
    func open<Value>(_ body: (JournalReader) async throws -> Value) async throws -> Value {
        let path = try path()
        do {
            return try await body(try JournalReader(path))
        } catch let failure as JournalFailure {
            try FileHandle.standardError.write(contentsOf: Data("\(failure.text).\n".utf8))
            throw ExitCode(1)
        }
    }
    #endif

    private func path() throws -> String {
        if let file { return file }
        do throws(SettingsProblems) {
            switch try Self.journal() {
            case .sqlite(let path): return path
            case .none:
                throw SettingsProblems([
                    SettingProblem(name: "JOURNAL", wrong: "is none: name a journal with --file")
                ])
            }
        } catch {
            try FileHandle.standardError.write(contentsOf: Data("\(error)\n".utf8))
            throw ExitCode(78)
        }
    }

    /// `JOURNAL` as `serve` reads it, even if other settings have problems.
    private static func journal() throws(SettingsProblems) -> JournalKind {
        let reader = SettingReader(
            environment: ProcessInfo.processInfo.environment,
            surroundings: Surroundings(
                workingDirectory: URL(filePath: FileManager.default.currentDirectoryPath)
            ),
            isClient: true
        )
        let problems = reader.ownProblems(of: [SettingCatalogue.journal.entry])
        guard problems.isEmpty else { throw SettingsProblems(problems) }
        return try reader.value(SettingCatalogue.journal)
    }
}

/// `switchboard journal inspect`.
struct JournalInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Tells what a journal is: version, size, who writes it, how many records of each kind.",
        discussion: """
              switchboard journal inspect
              switchboard journal inspect --file /var/lib/switchboard/switchboard.sqlite
            """
    )

    @OptionGroup var journal: JournalOption

    func run() async throws {
        #if SQLite
        try await journal.open { reader in
            var tally = JournalTally()
            try reader.read { tally.count($0) }
            let terminal = Terminal()
            func line(_ name: String, _ text: String) { terminal.line(Terminal.column(name, 16) + text) }
            line("journal", reader.path)
            line("version", "\(reader.version)")
            let sizes = reader.sizes
            line("size", "\(sizes.file) bytes, and \(sizes.log) in the write-ahead log beside it")
            switch reader.writer {
            case .none: line("written by", "nobody")
            case .process(let number): line("written by", number.map { "process \($0)" } ?? "a process that starts")
            }
            line("records", tally.summary)
            for (kind, count) in tally.byKind.sorted(by: { $0.key < $1.key }) { line("  \(kind)", "\(count)") }
        }
        #else
        throw ValidationError(JournalCommand.withoutSQLite)
        #endif
    }
}

/// `switchboard journal verify`.
struct JournalVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads all of a journal and checks it: structure, checksums, snapshot, that no record is missing.",
        discussion: """
            Exit code: 0 if all of it is whole, 1 if it is damaged or cannot be read, with the first damage on standard \
            error. Use it on every backup:

              sqlite3 switchboard.sqlite ".backup copy.sqlite" && switchboard journal verify --file copy.sqlite
            """
    )

    @OptionGroup var journal: JournalOption

    func run() async throws {
        #if SQLite
        try await journal.open { reader in
            var tally = JournalTally()
            try reader.read { tally.count($0) }
            try reader.checkStructure()
            if let snapshot = try reader.snapshot() { _ = try await Ledger.book(snapshot) }
            Terminal().line("\(reader.path) is whole: \(tally.summary)")
        }
        #else
        throw ValidationError(JournalCommand.withoutSQLite)
        #endif
    }
}

/// `switchboard journal export`.
struct JournalExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes a journal as JSON, one record per line.",
        discussion: """
            Phone numbers are masked, and contents that clients, callers or agents gave are left out: contexts, metadata, \
            summaries, join URLs, idempotency keys and kept answers. --unredacted shows them.

              switchboard journal export > journal.jsonl
              switchboard journal export | jq -r 'select(.call == "call_0…") | [.at, .type] | @tsv'
            """
    )

    @OptionGroup var journal: JournalOption

    @Flag(help: "Shows everything that the records hold: keep the output as safe as the journal.")
    var unredacted = false

    func run() async throws {
        #if SQLite
        try await journal.open { reader in
            var lines: [UInt8] = []
            func write() throws {
                try FileHandle.standardOutput.write(contentsOf: Data(lines))
                lines.removeAll(keepingCapacity: true)
            }
            try reader.read { logged in
                lines += JSONValue.object(logged.line(isUnredacted: unredacted)).encoded
                lines.append(UInt8(ascii: "\n"))
                if lines.count > 1 << 16 { try write() }
            }
            try write()
        }
        #else
        throw ValidationError(JournalCommand.withoutSQLite)
        #endif
    }
}

extension JournalCommand {
    fileprivate static let withoutSQLite = "this program was built without SQLite, and knows no journals"
}

/// What is in a journal, in figures.
struct JournalTally {
    private(set) var byKind: [String: Int] = [:]
    private var first: LoggedRecord?
    private var last: LoggedRecord?

    mutating func count(_ logged: LoggedRecord) {
        byKind[logged.record.content.kind, default: 0] += 1
        first = first ?? logged
        last = logged
    }

    var summary: String {
        guard let first, let last else { return "0 records" }
        let count = byKind.values.reduce(0, +)
        return "\(count) record\(count == 1 ? "" : "s"), \(first.position) of \(first.record.at.rfc3339) to "
            + "\(last.position) of \(last.record.at.rfc3339)"
    }
}
