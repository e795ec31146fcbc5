import CallDomain
import Logging
import Synchronization

@testable import CommandLineTool

/// Keeps what a logger writes, as the program writes it.
final class LoggedLines: Sendable {
    private let lines = Mutex<[[UInt8]]>([])

    var logger: Logger {
        Logger(label: "test") { _ in
            LineLogHandler(
                format: .json,
                stream: LogStream { line in self.lines.withLock { $0.append(line) } },
                clock: FixedClock(),
                level: .debug
            )
        }
    }

    /// The lines since the last time that somebody asked.
    func take() throws -> [JSONValue] {
        let taken = lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
        return try taken.map { try JSONParser.parse($0) }
    }
}
