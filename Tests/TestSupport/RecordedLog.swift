package import Logging
import Synchronization

/// Keeps the lines of a logger.
package final class RecordedLog: Sendable {
    package struct Line: Sendable {
        package let level: Logger.Level
        package let message: String
        package let metadata: [String: String]
    }

    private let lines = Mutex<[Line]>([])

    package init() {}

    package var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    /// Those of that message, in order.
    package func lines(_ message: String) -> [Line] { lines.withLock { $0.filter { $0.message == message } } }

    /// Those that an operator sees by default.
    package var shown: [Line] { lines.withLock { $0.filter { $0.level >= .info } } }

    private struct Handler: LogHandler {
        let lines: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let line = Line(
                level: event.level,
                message: event.message.description,
                metadata: all.mapValues(\.description)
            )
            lines.lines.withLock { $0.append(line) }
        }
    }
}
