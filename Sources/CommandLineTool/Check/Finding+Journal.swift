import CallDomain
import SQLiteJournal

extension Finding {
    /// Whether `serve` could start with the journal, as far as that is seen without opening it. Nothing is made or locked,
    /// and a gateway that runs with it is no hindrance.
    static func journal(_ kind: JournalKind) -> Finding {
        let name = "journal"
        switch kind {
        case .none: return Finding(name, .ok, "none: calls and orders are forgotten at the end of the gateway")
        case .sqlite(let path):
            #if SQLite
            do throws(JournalFailure) {
                let found = try JournalFile.look(at: path)
                return Finding(name, .ok, found.isThere ? found.path : "\(found.path) does not exist yet")
            } catch {
                return Finding(name, .failed, error.text)
            }
            #else
            return Finding(name, .failed, "\(path) cannot be opened: this program was built without SQLite")
            #endif
        }
    }
}
