import Foundation
import Testing

@testable import Gateway

@Suite struct `A server that stops` {
    @Test func `ends idle connections, finishes what is being answered, and says that this is the last`() async throws {
        try await ChannelRig.run { rig in
            let (fresh, idle, busy) = try await rig.client { busy in
                let fresh = RawConnection(port: rig.port)
                let idle = RawConnection(port: rig.port)
                idle.send("GET /idle HTTP/1.1⏎Host: a⏎⏎".onWire)
                let first = idle.answer()
                busy.send("POST /gated HTTP/1.1⏎Host: a⏎Content-Length: 2⏎⏎12GET /2 HTTP/1.1⏎Host: a⏎⏎".onWire)
                for _ in 0..<2 { rig.handlers.awaitArrival() }
                rig.stop()
                let endings = (fresh.receiveToEnd(), idle.receiveToEnd())
                rig.handlers.release()
                let (answers, ending) = busy.answers()
                return (endings.0, (first?.status, endings.1), (answers, ending))
            }
            #expect(fresh == .closed)
            #expect(idle.0 == 200 && idle.1 == .closed)
            #expect(busy.0.map(\.text) == ["/gated 2"] && busy.1 == .closed)
            #expect(busy.0.first?.header("connection") == "close")
            #expect(rig.handlers.reached == ["GET /idle 0", "POST /gated 2"])
            let hasStopped = try await rig.client { _ in rig.hasStopped() }
            #expect(hasStopped)
        }
    }

    @Test func `takes a message to its end that had begun`() async throws {
        try await ChannelRig.run { rig in
            let (answers, ending) = try await rig.client { connection in
                let other = RawConnection(port: rig.port)
                other.send("GET / HTTP/1.1⏎Host: a⏎⏎".onWire)
                _ = other.answer()
                connection.send("POST /1 HTTP/1.1⏎Host: a⏎Expect: 100-continue⏎Content-Length: 2⏎⏎".onWire)
                _ = connection.answer()
                rig.stop()
                _ = other.receiveToEnd()
                connection.send("12")
                return connection.answers()
            }
            #expect(answers.map(\.text) == ["/1 2"] && ending == .closed)
            #expect(answers.first?.header("connection") == "close")
            let hasStopped = try await rig.client { _ in rig.hasStopped() }
            #expect(hasStopped)
        }
    }

    @Test func `is not held up by a refused client that stays`() async throws {
        var limits = ConnectionLimits()
        limits.lingerTime = .seconds(3600)
        try await ChannelRig.run(limits: limits) { rig in
            let (ending, hasStopped) = try await rig.client { connection in
                connection.send("GET / HTTP/3.0⏎⏎".onWire)
                let ending = connection.receiveToEnd()
                rig.stop()
                return (ending, rig.hasStopped())
            }
            #expect(ending == .closed && hasStopped)
        }
    }

    @Test func `lets an answer go out whole whose client is slow to take it`() async throws {
        try await ChannelRig.run { rig in
            let (ending, size, hasStopped) = try await rig.client { _ in
                let slow = RawConnection(port: rig.port, receiveBuffer: 4096)
                slow.send("GET /large HTTP/1.1⏎Host: a⏎⏎".onWire)
                _ = slow.hasSomething(within: 60_000)
                let idle = RawConnection(port: rig.port)
                idle.send("GET /idle HTTP/1.1⏎Host: a⏎⏎".onWire)
                _ = idle.answer()
                rig.stop()
                _ = idle.receiveToEnd()
                let (answers, ending) = slow.answers()
                return (ending, answers.first?.body.count, rig.hasStopped())
            }
            #expect(size == 16 << 20 && ending == .closed && hasStopped)
        }
    }

    /// The service group cancels what has not stopped when its time is up.
    @Test(.timeLimit(.minutes(1)))
    func `is not held up beyond its time by a client that takes nothing`() async throws {
        var limits = ConnectionLimits()
        limits.readerTime = .seconds(3600)
        let mayLeave = DispatchSemaphore(value: 0)
        try await ChannelRig.run(limits: limits) { rig in
            let port = rig.port
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    let silent = RawConnection(port: port, receiveBuffer: 4096)
                    silent.send("GET /large HTTP/1.1⏎Host: a⏎⏎".onWire)
                    _ = silent.hasSomething(within: 60_000)
                    continuation.resume()
                    mayLeave.wait()
                }
            }
            rig.stop()
        }
        mayLeave.signal()
    }
}
