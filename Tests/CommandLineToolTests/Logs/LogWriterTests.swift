import Foundation
import Testing

@testable import CommandLineTool

/// A pipe whose reader takes what it is told to.
private final class Channel: Sendable {
    let reading: Int32
    let writing: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// Leaves no room for a single byte.
    func fill() throws {
        try #require(fcntl(writing, F_SETFL, O_NONBLOCK) == 0)
        let filling = [UInt8](repeating: UInt8(ascii: "\n"), count: 4096)
        while write(writing, filling, filling.count) > 0 {}
        try #require(fcntl(writing, F_SETFL, 0) == 0)
    }

    /// Blocks until `isEnough`, and returns all lines so far.
    func lines(until isEnough: ([Substring]) -> Bool) -> [Substring] {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let lines = text.split(separator: "\n")
            if text.hasSuffix("\n"), isEnough(lines) { return lines }
            let count = read(reading, &buffer, buffer.count)
            guard count > 0 else { return lines }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }
}

private func numbered(_ number: Int) -> [UInt8] { Array("line \(number)\n".utf8) }

@Suite(.timeLimit(.minutes(1))) struct `The writer of the log` {
    init() { signal(SIGPIPE, SIG_IGN) }

    @Test func `writes every line, in order, from many threads`() throws {
        let channel = try Channel()
        let writer = LogWriter(descriptor: channel.writing)
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            for number in 0..<500 { writer.append(Array("\(thread) \(number)\n".utf8)) }
        }
        let lines = channel.lines { $0.count == 2000 }
        for thread in 0..<4 {
            #expect(lines.filter { $0.hasPrefix("\(thread) ") } == (0..<500).map { "\(thread) \($0)" })
        }
        #expect(writer.linesDropped == 0)
    }

    @Test func `holds nobody up whose log is not read, and tells how many lines are missing when it is`() throws {
        let channel = try Channel()
        let writer = LogWriter(descriptor: channel.writing, capacity: 10_000)
        writer.tellDropped { Array("missing \($0)\n".utf8) }
        try channel.fill()
        let count = 20_000
        let start = ContinuousClock.now
        for number in 0..<count { writer.append(numbered(number)) }
        #expect(ContinuousClock.now - start < .seconds(5))
        let dropped = writer.linesDropped
        #expect(dropped > 0)
        func missing(_ lines: [Substring]) -> Int {
            lines.compactMap { $0.hasPrefix("missing ") ? Int($0.dropFirst(8)) : nil }.reduce(0, +)
        }
        let lines = channel.lines { missing($0) == dropped }
        // What is there is a beginning without gaps, and behind it how many lines are not.
        let there = (0..<count - dropped).map { "line \($0)" }
        let isBeginning = lines.prefix(there.count).elementsEqual(there) { $0 == $1 }
        #expect(isBeginning && lines.dropFirst(there.count).allSatisfy { $0.hasPrefix("missing ") })
        writer.append(numbered(count))
        #expect(channel.lines { $0.count == 1 } == ["line \(count)"])
    }

    @Test func `has written everything when a flush returns`() throws {
        let channel = try Channel()
        let writer = LogWriter(descriptor: channel.writing)
        for number in 0..<1000 { writer.append(numbered(number)) }
        writer.flush(within: .seconds(30))
        try #require(fcntl(channel.reading, F_SETFL, O_NONBLOCK) == 0)
        #expect(channel.lines { $0.count == 1000 }.count == 1000)
        // Nothing is to be done any more: it does not wait.
        let start = ContinuousClock.now
        writer.flush(within: .seconds(30))
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test func `gives a flush up in time where nobody reads`() throws {
        let channel = try Channel()
        let writer = LogWriter(descriptor: channel.writing)
        try channel.fill()
        writer.append(numbered(0))
        let start = ContinuousClock.now
        writer.flush(within: .milliseconds(100))
        let waited = ContinuousClock.now - start
        #expect(waited >= .milliseconds(100) && waited < .seconds(10))
    }

    @Test func `goes on after a reader that left, and tells the next one`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
            .path(percentEncoded: false)
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        // Both ends at once, so that neither waits for the other.
        let both = open(path, O_RDWR)
        let writing = open(path, O_WRONLY)
        try #require(both >= 0 && writing >= 0)
        defer { close(writing) }
        let writer = LogWriter(descriptor: writing)
        writer.tellDropped { Array("missing \($0)\n".utf8) }
        close(both)
        for number in 0..<3 { writer.append(numbered(number)) }
        writer.flush(within: .seconds(30))
        #expect(writer.linesDropped == 3)
        let reading = open(path, O_RDONLY | O_NONBLOCK)
        try #require(reading >= 0)
        defer { close(reading) }
        writer.append(numbered(3))
        writer.flush(within: .seconds(30))
        var buffer = [UInt8](repeating: 0, count: 100)
        let count = read(reading, &buffer, buffer.count)
        #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self) == "missing 3\nline 3\n")
    }

    @Test func `waits for a reader also where the descriptor does not`() throws {
        let channel = try Channel()
        try #require(fcntl(channel.writing, F_SETFL, O_NONBLOCK) == 0)
        let writer = LogWriter(descriptor: channel.writing)
        for number in 0..<20_000 { writer.append(numbered(number)) }
        #expect(writer.linesDropped == 0)
        #expect(channel.lines { $0.count == 20_000 }.last == "line 19999")
    }

    @Test func `counts what a closed descriptor does not take`() {
        let writer = LogWriter(descriptor: -1)
        for number in 0..<3 { writer.append(numbered(number)) }
        writer.flush(within: .seconds(30))
        #expect(writer.linesDropped == 3)
    }
}
