import CallDomain
import Logging
import Synchronization
import Testing

@testable import CommandLineTool

private struct StoppedClock: TimeSource {
    var moment: Moment { Moment(elapsed: .milliseconds(now.milliseconds)) }

    var now: Timestamp { Timestamp(milliseconds: 1_790_000_000_123) }
    func sleep(for duration: Duration) async throws {}
}

private final class Lines: Sendable {
    private let lines = Mutex<[[UInt8]]>([])

    var all: [[UInt8]] { lines.withLock { $0 } }

    func logger(_ format: LogFormat) -> Logger {
        Logger(label: "test") { _ in
            LineLogHandler(
                format: format,
                stream: LogStream { line in self.lines.withLock { $0.append(line) } },
                clock: StoppedClock(),
                level: .info
            )
        }
    }
}

private let hostile = "x\r\n{\"level\":\"info\"}\u{1B}[31m\u{2028}\u{202E}\u{85}\"\\"

@Suite struct `A log line` {
    @Test func `is one JSON object, whatever is logged`() throws {
        let lines = Lines()
        lines.logger(.json).info("\(hostile)", metadata: ["key\n": "\(hostile)", "level": "forged"])
        #expect(lines.all.count == 1)
        let line = try #require(lines.all.first)
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(line.count { $0 == UInt8(ascii: "\n") } == 1)
        let object = try JSONParser.parse(line)
        #expect(object["message"]?.stringValue == hostile)
        #expect(object["key\n"]?.stringValue == hostile)
        #expect(object["level"] == "info")
        #expect(object["time"] == "2026-09-21T14:13:20.123Z")
    }

    @Test func `names what is given with it before what the task and the logger say, each name once and in order`()
        async
    {
        let lines = Lines()
        var logger = lines.logger(.json)
        for name in ["b", "request.id", "z"] { logger[metadataKey: name] = "of the logger" }
        await LogContext.adding(["a": "of the task", "b": "of the task", "request.id": "of the task"]) { [logger] in
            logger.info("m", metadata: ["b": "given \"\n", "time": "forged", "é": "€"])
        }
        let expected =
            #"{"time":"2026-09-21T14:13:20.123Z","level":"info","message":"m","a":"of the task","b":"given \"\n","#
            + #""request.id":"of the task","z":"of the logger","é":"€"}"# + "\n"
        #expect(lines.all.map { String(decoding: $0, as: UTF8.self) } == [expected])
    }

    @Test func `for people has no character that moves the cursor or breaks the line`() throws {
        let lines = Lines()
        lines.logger(.text).warning("\(hostile)", metadata: ["key": "\(hostile)"])
        let line = String(decoding: try #require(lines.all.first).dropLast(), as: UTF8.self)
        #expect(line.hasPrefix("14:13:20.123 WARNING "))
        for scalar in line.unicodeScalars {
            #expect(scalar.value >= 0x20 && !(0x7F...0x9F ~= scalar.value) && !(0x2028...0x202E ~= scalar.value))
        }
    }

    @Test func `below the level is not written`() {
        let lines = Lines()
        lines.logger(.json).debug("quiet")
        #expect(lines.all.isEmpty)
    }
}
