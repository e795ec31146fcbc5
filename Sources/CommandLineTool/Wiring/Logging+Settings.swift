import CallDomain
import Foundation
import Logging

extension Logger {
    /// The process's logger: to standard error, as JSON lines or, on a terminal, as text.
    static func process(level: Logger.Level, format: LogFormat?) -> Logger {
        let format = format ?? (isatty(STDERR_FILENO) == 1 ? .text : .json)
        let stream = LogStream { try? FileHandle.standardError.write(contentsOf: $0) }
        return Logger(label: "switchboard") { _ in
            LineLogHandler(format: format, stream: stream, clock: SystemClock(), level: level)
        }
    }
}
