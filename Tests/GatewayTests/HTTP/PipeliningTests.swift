import CallDomain
import Testing

@testable import Gateway

private let end = "GET /end HTTP/1.1⏎Host: a⏎Connection: close⏎⏎"
private func get(_ target: String) -> String { "GET \(target) HTTP/1.1⏎Host: a⏎⏎" }

@Suite struct `Messages on one connection` {
    @Test func `are answered one at a time and in order, however the bytes are cut`() async throws {
        let text =
            get("/1") + "POST /2 HTTP/1.1⏎Host: a⏎Content-Length: 5⏎⏎12345" + "⏎" + get("/3")
            + "POST /4 HTTP/1.1⏎Host: a⏎Transfer-Encoding: chunked⏎⏎3⏎abc⏎0⏎X: y⏎⏎" + end
        let bytes = text.onWire
        let wanted = ["GET /1 0", "POST /2 5", "GET /3 0", "POST /4 3", "GET /end 0"]
        for size in [1, 2, 3, 7, 50, bytes.count] {
            try await ChannelRig.run { rig in
                let (answers, ending) = try await rig.client { connection in
                    for start in stride(from: 0, to: bytes.count, by: size) {
                        connection.send(bytes[start..<min(start + size, bytes.count)])
                    }
                    return connection.answers()
                }
                #expect(answers.map(\.status) == [200, 200, 200, 200, 200])
                #expect(answers.map(\.text) == ["/1 0", "/2 5", "/3 0", "/4 3", "/end 0"])
                #expect(answers.last?.header("connection") == "close" && ending == .closed)
                #expect(rig.handlers.reached == wanted)
            }
        }
    }

    @Test func `wait for the answer before, and a refusal does not overtake it`() async throws {
        try await ChannelRig.run { rig in
            let answers = try await rig.client { connection in
                connection.send((get("/gated") + get("/2") + "GET / HTTP/3.0⏎⏎" + get("/4")).onWire)
                // The first has reached its handler, the second waits.
                rig.handlers.awaitArrival()
                rig.handlers.release()
                return connection.answers().0
            }
            #expect(answers.map(\.status) == [200, 200, 505])
            #expect(answers.prefix(2).map(\.text) == ["/gated 0", "/2 0"])
            #expect(try answers.last?.problem?["code"]?.stringValue == "http_version_not_supported")
            #expect(rig.handlers.reached == ["GET /gated 0", "GET /2 0"])
        }
    }

    @Test func `by the hundred are answered by the hundred`() async throws {
        try await ChannelRig.run { rig in
            let (answers, _) = try await rig.exchange(
                ((0..<500).map { get("/\($0)") }.joined() + end).onWire
            )
            #expect(answers.map(\.text) == (0..<500).map { "/\($0) 0" } + ["/end 0"])
        }
    }

    @Test func `that wait in excess are dropped, and the connection ends with the answer`() async throws {
        try await ChannelRig.run { rig in
            let (answers, ending) = try await rig.client { connection in
                connection.send(get("/gated").onWire)
                rig.handlers.awaitArrival()
                let post = "POST /2 HTTP/1.1⏎Host: a⏎Content-Length: 200000⏎⏎" + String(repeating: "x", count: 200_000)
                // An end of input makes the server take in all that the system holds.
                connection.send((post + post + post).onWire)
                connection.finishSending()
                rig.handlers.release()
                return connection.answers()
            }
            #expect(answers.first?.text == "/gated 0" && ending == .closed)
            #expect([1, 2, 3, 4].contains(answers.count))
            #expect(rig.handlers.reached.count == answers.count)
        }
    }

    @Test func `keep their places when one is HEAD`() async throws {
        try await ChannelRig.run { rig in
            let (texts, heads) = try await rig.client { connection in
                var heads: [RawAnswer?] = []
                for target in ["/a", "/stream", "/nothing"] {
                    connection.send("HEAD \(target) HTTP/1.1⏎Host: a⏎⏎".onWire)
                    heads.append(connection.answer(hasBody: false))
                }
                connection.send((get("/stream") + get("/nothing") + get("/b") + end).onWire)
                return (connection.answers().0.map(\.text), heads)
            }
            #expect(texts == ["onetwo", "", "/b 0", "/end 0"])
            #expect(heads.map { $0?.status } == [200, 200, 204])
            #expect(heads.first??.header("content-length") == "4")
        }
    }

    @Test(
        arguments: [
            "Connection: close", "Connection: Close", "Connection: close, x", "Connection: x, CLOSE",
            "Connection: Upgrade⏎Upgrade: websocket", "Connection: Upgrade, HTTP2-Settings⏎Upgrade: h2c",
            "Upgrade: x",
        ]
    )
    func `end with the one that asks for it`(field: String) async throws {
        try await ChannelRig.run { rig in
            let (answers, ending) = try await rig.exchange(("GET /1 HTTP/1.1⏎Host: a⏎\(field)⏎⏎" + get("/2")).onWire)
            #expect(answers.map(\.text) == ["/1 0"] && ending == .closed)
            #expect(answers.first?.header("connection") == "close")
            #expect(rig.handlers.reached == ["GET /1 0"])
        }
    }

    @Test func `may announce a body and wait for leave to send it`() async throws {
        try await ChannelRig.run { rig in
            let statuses = try await rig.client { connection -> [Int?] in
                let head = "POST /1 HTTP/1.1⏎Host: a⏎Expect: 100-Continue⏎Content-Length: "
                connection.send((head + "5⏎⏎").onWire)
                var statuses = [connection.answer()?.status]
                connection.send("12345")
                statuses.append(connection.answer()?.status)
                // Without a body there is nothing to wait for; of one that is too large nothing is wanted.
                connection.send((head + "0⏎⏎").onWire)
                statuses.append(connection.answer()?.status)
                connection.send((head + "262145⏎⏎").onWire)
                statuses.append(connection.answer()?.status)
                return statuses
            }
            #expect(statuses == [100, 200, 200, 413])
            #expect(rig.handlers.reached == ["POST /1 5", "POST /1 0"])
        }
    }

    @Test func `are answered after the client has ended its output`() async throws {
        try await ChannelRig.run { rig in
            let (answers, ending) = try await rig.client { connection in
                connection.send((get("/gated") + get("/2") + get("/large")).onWire)
                connection.finishSending()
                rig.handlers.awaitArrival()
                rig.handlers.release()
                return connection.answers()
            }
            #expect(answers.map(\.status) == [200, 200, 200] && ending == .closed)
            #expect(answers.last?.body.count == 16 << 20)
        }
    }

    @Test(arguments: ["GET /", "GET / HTTP/1.1⏎Host: a⏎", "POST / HTTP/1.1⏎Host: a⏎Content-Length: 5⏎⏎123"])
    func `that the client gives up half-way reach nobody`(text: String) async throws {
        try await ChannelRig.run { rig in
            let (answers, _) = try await rig.client { connection in
                connection.send(text.onWire)
                connection.finishSending()
                return connection.answers()
            }
            #expect(answers.isEmpty && rig.handlers.reached.isEmpty)
        }
    }

    @Test func `that are refused leave no reset behind, however much is sent`() async throws {
        try await ChannelRig.run { rig in
            for _ in 0..<10 {
                let (answers, ending) = try await rig.exchange(
                    Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4194304\r\n\r\n".utf8)
                        + [UInt8](repeating: 0x78, count: 4 << 20)
                )
                #expect(answers.map(\.status) == [413] && ending == .closed)
            }
        }
    }
}
