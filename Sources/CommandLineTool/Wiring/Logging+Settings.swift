import CallDomain
import Foundation
import Logging

extension LogFormat {
    /// Where nothing else is said: text on a terminal, JSON elsewhere.
    static var ofStandardError: LogFormat { isatty(STDERR_FILENO) == 1 ? .text : .json }
}

extension Logger {
    /// The process's logger: to standard error, as JSON lines or, on a terminal, as text. Nobody who logs waits for
    /// whoever reads the log.
    static func process(level: Logger.Level, format: LogFormat?) -> Logger {
        let writer = LogWriter.standardError
        let handler = LineLogHandler(
            format: format ?? .ofStandardError,
            stream: LogStream { writer.append($0) },
            clock: SystemClock(),
            level: level
        )
        writer.tellDropped { count in
            let event = LogEvent(
                level: .warning,
                message: "log lines were dropped: whoever reads the log was too slow, or had stopped",
                metadata: ["lines": "\(count)"],
                source: nil,
                file: #fileID,
                function: #function,
                line: #line
            )
            return handler.line(of: event) + [UInt8(ascii: "\n")]
        }
        return Logger(label: "switchboard") { _ in handler }
    }
}
