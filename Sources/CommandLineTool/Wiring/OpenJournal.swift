import CallDomain
import CallStorage
import Logging
import SQLiteJournal
import ServiceLifecycle

/// The journal that `JOURNAL` names, from its opening to its end.
///
/// Must be the first service of its group: that one stops last.
struct OpenJournal: Service {
    let journal: any Journal
    private let close: @Sendable () throws(JournalFailure) -> Void
    private let logger: Logger

    /// - Throws: a ``JournalFailure`` if the journal cannot be used.
    init(_ kind: JournalKind, logger: Logger) throws(JournalFailure) {
        self.logger = logger
        switch kind {
        case .none: (journal, close) = (NoJournal(), { () throws(JournalFailure) in })
        case .sqlite(let path):
            #if SQLite
            let file = try JournalFile.open(at: path)
            if file.tornTail > 0 {
                logger.warning(
                    "the end of the journal was torn and has been cut",
                    metadata: [
                        "bytes": "\(file.tornTail)", "path": "\(path)",
                        "advice": "The gateway ended while it wrote. Nothing that was acknowledged is lost.",
                    ]
                )
            }
            (journal, close) = (file, { () throws(JournalFailure) in try file.close() })
            #else
            throw JournalFailure(reason: "\(path) cannot be opened: this program was built without SQLite")
            #endif
        }
    }

    func run() async {
        try? await gracefulShutdown()
        do throws(JournalFailure) {
            try close()
        } catch {
            logger.error(
                "the journal could not be closed well",
                metadata: ["reason": "\(error.reason)", "advice": "The next start checks it, and says what it finds."]
            )
        }
    }
}
