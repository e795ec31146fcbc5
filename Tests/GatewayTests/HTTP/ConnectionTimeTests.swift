import NIOCore
import Testing

@testable import Gateway

extension ConnectionLimits {
    /// One time is short, the others never end.
    fileprivate static func short(_ time: WritableKeyPath<ConnectionLimits, Duration>) -> ConnectionLimits {
        var limits = ConnectionLimits()
        for long in [\.openingTime, \.headTime, \.bodyTime, \.readerTime, \.idleTime, \.lingerTime]
            as [WritableKeyPath<ConnectionLimits, Duration>]
        {
            limits[keyPath: long] = .seconds(3600)
        }
        limits[keyPath: time] = .milliseconds(200)
        return limits
    }
}

private let ask = "GET /1 HTTP/1.1⏎Host: a⏎⏎"

@Suite struct `Time that a connection has` {
    @Test(
        arguments: [
            "G", "GET /", "GET / HTTP/1.1⏎", "GET / HTTP/1.1⏎Host: a⏎X", "GET / HTTP/1.1⏎Host: a⏎X: y⏎",
        ]
    )
    func `for a head ends`(text: String) async throws {
        try await ChannelRig.run(limits: .short(\.headTime)) { rig in
            let (answers, ending) = try await rig.exchange(text.onWire)
            #expect(answers.map(\.status) == [408] && ending == .closed)
        }
    }

    @Test func `before its first byte ends without an answer`() async throws {
        try await ChannelRig.run(limits: .short(\.openingTime)) { rig in
            let (answers, ending) = try await rig.exchange([])
            #expect(answers.isEmpty && ending == .closed)
        }
    }

    @Test func `for a head is not prolonged by a byte now and then`() async throws {
        try await ChannelRig.run(limits: .short(\.headTime)) { rig in
            let (answers, ending) = try await rig.client { connection in
                connection.send("GET / HTTP/1.1⏎Host: a⏎X: ".onWire)
                while connection.send("y"), !connection.hasSomething(within: 5) {}
                return connection.answers()
            }
            #expect(answers.map(\.status) == [408] && ending != .silent)
        }
    }

    @Test(
        arguments: [
            "GET /", "GET / HTTP/1.1⏎", "GET / HTTP/1.1⏎Host: a⏎X: y⏎",
        ],
        [
            ask, "POST /1 HTTP/1.1⏎Host: a⏎Content-Length: 2⏎⏎12",
            "POST /1 HTTP/1.1⏎Host: a⏎Transfer-Encoding: chunked⏎⏎0⏎⏎",
        ]
    )
    func `for a head ends also where its beginning came with the message before`(
        beginning: String,
        before: String
    ) async throws {
        try await ChannelRig.run(limits: .short(\.headTime)) { rig in
            let (answers, ending) = try await rig.exchange((before + beginning).onWire)
            #expect(answers.map(\.status) == [200, 408] && ending == .closed)
        }
    }

    @Test(
        arguments: [
            "POST / HTTP/1.1⏎Host: a⏎Content-Length: 5⏎⏎", "POST / HTTP/1.1⏎Host: a⏎Content-Length: 5⏎⏎1234",
            "POST / HTTP/1.1⏎Host: a⏎Transfer-Encoding: chunked⏎⏎5⏎1234",
            "POST / HTTP/1.1⏎Host: a⏎Transfer-Encoding: chunked⏎⏎0⏎X: y⏎",
        ]
    )
    func `for a body ends`(text: String) async throws {
        try await ChannelRig.run(limits: .short(\.bodyTime)) { rig in
            let (answers, ending) = try await rig.exchange(text.onWire)
            #expect(answers.map(\.status) == [408] && ending == .closed)
            #expect(rig.handlers.reached.isEmpty)
        }
    }

    @Test func `between messages ends without an answer`() async throws {
        try await ChannelRig.run(limits: .short(\.idleTime)) { rig in
            let (answers, ending) = try await rig.exchange((ask + ask).onWire)
            #expect(answers.map(\.status) == [200, 200] && ending == .closed)
            #expect(rig.refused.total == 0)
        }
    }

    /// `KEEP_ALIVE`: whoever is told a time must be able to rely on it, or a load balancer in front answers 502.
    @Test func `between messages is not shorter than it is set to`() async throws {
        var limits = ConnectionLimits()
        limits.idleTime = .milliseconds(700)
        try await ChannelRig.run(limits: limits) { rig in
            let idle = try await rig.client { connection in
                connection.send(ask.onWire)
                _ = connection.answer()
                // Each message begins it anew.
                _ = connection.hasSomething(within: 400)
                connection.send(ask.onWire)
                let second = connection.answer()
                let start = ContinuousClock.now
                let ending = connection.receiveToEnd()
                return (second?.status, ending, ContinuousClock.now - start)
            }
            #expect(idle.0 == 200 && idle.1 == .closed)
            // The answer is sent a moment before its end is noted.
            #expect(idle.2 >= .milliseconds(690) && idle.2 < .seconds(10))
        }
    }

    @Test func `for taking an answer ends`() async throws {
        try await ChannelRig.run(limits: .short(\.readerTime)) { rig in
            let ending = try await rig.client { connection in
                connection.send("GET /endless HTTP/1.1⏎Host: a⏎⏎".onWire)
                // Takes nothing until the server has given up.
                rig.handlers.awaitCut()
                return connection.receiveToEnd()
            }
            #expect(ending != .silent)
        }
    }

    @Test func `for reading what a refused client still sends ends`() async throws {
        try await ChannelRig.run(limits: .short(\.lingerTime)) { rig in
            let (first, isCut) = try await rig.client { connection in
                connection.send("GET / HTTP/3.0⏎⏎".onWire)
                let first = connection.answer()?.status
                while connection.send("x") {}
                return (first, true)
            }
            #expect(first == 505 && isCut)
        }
    }

    @Test func `is the handler's own while it works on an answer`() async throws {
        var limits = ConnectionLimits()
        limits.headTime = .milliseconds(50)
        limits.bodyTime = .milliseconds(50)
        limits.readerTime = .milliseconds(50)
        limits.idleTime = .milliseconds(50)
        try await ChannelRig.run(limits: limits) { rig in
            let answer = try await rig.client { connection in
                connection.send("GET /gated HTTP/1.1⏎Host: a⏎⏎".onWire)
                rig.handlers.awaitArrival()
                // Another connection has been cut twice over meanwhile.
                for _ in 0..<4 {
                    let other = RawConnection(port: rig.port)
                    other.send("G")
                    _ = other.receiveToEnd()
                }
                rig.handlers.release()
                return connection.answer()
            }
            #expect(answer?.status == 200)
        }
    }
}

@Suite struct `A reader` {
    /// Whether it is in time at each look; `written` grows before each one.
    private func inTime(written: [Int], waiting: [Int], at seconds: [Int64]) -> [Bool] {
        var reader = SlowReader()
        return zip(zip(written, waiting), seconds).map { bytes, second in
            reader.written += bytes.0
            let now = NIODeadline.uptimeNanoseconds(0) + .seconds(second)
            return reader.isInTime(waiting: bytes.1, now: now, limit: .seconds(30))
        }
    }

    @Test func `that takes nothing is late`() {
        #expect(inTime(written: [100, 0, 0], waiting: [60, 60, 60], at: [0, 29, 30]) == [true, true, false])
    }

    @Test func `that takes a little at a time is late`() {
        #expect(inTime(written: [100, 0, 0], waiting: [60, 40, 1], at: [0, 29, 30]) == [true, true, false])
    }

    @Test func `of a stream that never stops is in time as long as all arrives in time`() {
        let looks = 30
        let result = inTime(
            written: .init(repeating: 1000, count: looks),
            waiting: .init(repeating: 500, count: looks),
            at: (0..<Int64(looks)).map { $0 * 10 }
        )
        #expect(result == .init(repeating: true, count: looks))
    }
}
