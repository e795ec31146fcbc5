import CallDomain
import Logging
import Synchronization

/// Where log lines go: one `write` a line, so that lines of several threads never mix.
final class LogStream: Sendable {
    private let write: @Sendable ([UInt8]) -> Void

    init(write: @escaping @Sendable ([UInt8]) -> Void) { self.write = write }

    /// Adds the line end.
    func emit(_ line: consuming [UInt8]) {
        line.append(UInt8(ascii: "\n"))
        write(line)
    }
}

/// How a log line is written.
enum LogFormat: String, CaseIterable {
    /// A JSON object a line, for programs.
    case json
    /// For a person at a terminal.
    case text
}

/// Writes log lines as JSON objects or as text for people.
///
/// Neither form can be forged by what is logged: JSON escapes control characters, text drops them.
struct LineLogHandler: LogHandler {
    let format: LogFormat
    let stream: LogStream
    let clock: any TimeSource
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    /// Names of the task: the id of the request that caused it, and the like.
    var metadataProvider: Logger.MetadataProvider? = Logger.MetadataProvider {
        LogContext.names.mapValues { .string($0) }
    }

    init(format: LogFormat, stream: LogStream, clock: any TimeSource, level: Logger.Level) {
        self.format = format
        self.stream = stream
        self.clock = clock
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        // What the server library says of its start and stop, the gateway says itself.
        guard event.level != .info || !event.file.hasPrefix("HummingbirdCore/") else { return }
        stream.emit(line(of: event))
    }

    /// The line without its end.
    func line(of event: LogEvent) -> [UInt8] {
        var fields: [(name: String, value: String)] = []
        // The few names of a line are found sooner one by one than by their hashes.
        func add(_ more: Logger.Metadata) {
            for (name, value) in more where !fields.contains(where: { $0.name == name }) {
                fields.append((name, value.description))
            }
        }
        // What is given with the line counts more than what the task says, and that more than what the logger says.
        if let given = event.metadata { add(given) }
        if let provided = metadataProvider?.get() { add(provided) }
        add(metadata)
        fields.sort { $0.name < $1.name }
        return switch format {
        case .json: json(event, fields)
        case .text: text(event, fields)
        }
    }

    private func json(_ event: LogEvent, _ fields: [(name: String, value: String)]) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(512)
        func add(_ name: String, _ value: String) {
            line.append(UInt8(ascii: line.isEmpty ? "{" : ","))
            JSONValue.encode(name, into: &line)
            line.append(UInt8(ascii: ":"))
            JSONValue.encode(value, into: &line)
        }
        add("time", clock.now.rfc3339)
        add("level", event.level.rawValue)
        add("message", event.message.description)
        for (name, value) in fields where name != "time" && name != "level" && name != "message" { add(name, value) }
        line.append(UInt8(ascii: "}"))
        return line
    }

    private func text(_ event: LogEvent, _ fields: [(name: String, value: String)]) -> [UInt8] {
        let time = clock.now.rfc3339.dropFirst(11).dropLast(1)
        let level = event.level.rawValue.uppercased()
        let padding = String(repeating: " ", count: max(0, 8 - level.utf8.count))
        let facts = fields.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        let line = "\(time) \(level)\(padding)\(event.message)\(facts.isEmpty ? "" : "  " + facts)"
        return Array(String(String.UnicodeScalarView(line.unicodeScalars.filter { !Self.isControl($0) })).utf8)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // C0, DEL and C1, the line separators, and the marks that turn a line's direction.
        case 0..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
