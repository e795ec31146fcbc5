import CallDomain
import Testing

@testable import Gateway

/// A row of the table: bytes, and the statuses of which one has to come.
struct RawRow: CustomTestStringConvertible, Sendable {
    var bytes: [UInt8]
    var statuses: [Int]

    var testDescription: String { String(decoding: bytes.prefix(80), as: UTF8.self).debugDescription }

    init(_ text: String, _ statuses: Int...) {
        bytes = text.onWire
        self.statuses = statuses
    }

    init(_ bytes: [UInt8], _ statuses: Int...) {
        self.bytes = bytes
        self.statuses = statuses
    }
}

private func post(_ fields: String, _ body: String = "") -> String {
    "POST /calls HTTP/1.1⏎Host: a⏎\(fields)⏎⏎\(body)"
}
private func get(_ target: String) -> String { "GET \(target) HTTP/1.1⏎Host: a⏎⏎" }
private func field(_ field: String) -> String { "GET /f HTTP/1.1⏎Host: a⏎\(field)⏎⏎" }
private let next = "GET /next HTTP/1.1⏎Host: a⏎⏎"

private let framing = [
    RawRow(post("Content-Length: 6⏎Transfer-Encoding: chunked", "0⏎⏎X" + next), 400),
    RawRow(post("Transfer-Encoding: chunked⏎Content-Length: 6", "0⏎⏎X" + next), 400),
    RawRow(post("Content-Length: 5⏎Content-Length: 6", "123456" + next), 400),
    RawRow(post("Content-Length: 5⏎Content-Length: 5", "12345" + next), 400),
    RawRow(post("Content-Length: 5, 10", "12345"), 400),
    RawRow(post("Content-Length: 5, 5", "12345"), 400),
    RawRow(post("Content-Length: +5", "12345"), 400),
    RawRow(post("Content-Length: -0"), 400),
    RawRow(post("Content-Length: -5", "12345"), 400),
    RawRow(post("Content-Length: 0x5", "12345"), 400),
    RawRow(post("Content-Length: 1_0", "1234567890"), 400),
    RawRow(post("Content-Length: 5 5", "12345"), 400),
    RawRow(post("Content-Length: 5.0", "12345"), 400),
    RawRow(post("Content-Length: ٥", "12345"), 400),
    RawRow(post("Content-Length: "), 400),
    RawRow(post("Content-Length: 99999999999999999999"), 400),
    RawRow(post("Content-Length: 9999999999999999999"), 400, 413),
    RawRow(post("Transfer-Encoding: xchunked", "0⏎⏎" + next), 400, 501),
    RawRow(post("Transfer-Encoding: chunked, gzip", "0⏎⏎" + next), 400, 501),
    RawRow(post("Transfer-Encoding: gzip, chunked", "0⏎⏎" + next), 400, 501),
    RawRow(post("Transfer-Encoding: chunked, chunked", "0⏎⏎" + next), 400, 501),
    RawRow(post("Transfer-Encoding: chunked⏎Transfer-Encoding: chunked", "0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked⏎Transfer-Encoding: identity", "0⏎⏎" + next), 400, 501),
    RawRow(post("Transfer-Encoding: identity", "0⏎⏎" + next), 400, 501),
    RawRow(post("Transfer-Encoding:", "0⏎⏎" + next), 400, 501),
    RawRow(post("Transfer-Encoding: \"chunked\"", "0⏎⏎" + next), 400, 501),
    RawRow(post("Transfer-Encoding : chunked", "0⏎⏎" + next), 400),
    RawRow(post(" : chunked", "0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked\u{B}", "0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding: \u{B}chunked", "0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked\u{C}", "0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked\u{0}", "0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding:⏎ chunked", "0⏎⏎" + next), 400, 501),
    RawRow("POST /calls HTTP/1.0⏎Host: a⏎Transfer-Encoding: chunked⏎⏎0⏎⏎" + next, 400),
]

private let chunks = [
    RawRow(post("Transfer-Encoding: chunked", "x⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked", "⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked", "0x1⏎a⏎0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked", "-1⏎a⏎0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked", "1 ⏎a⏎0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked", " 1⏎a⏎0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked", "1⏎ab⏎0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked", "1\na\n0\n\n" + next), 400),
    RawRow(post("Transfer-Encoding: chunked", "1⏎a\n0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked", "1;x\u{0}⏎a⏎0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked", "1;x\ny⏎a⏎0⏎⏎" + next), 400),
    RawRow(post("Transfer-Encoding: chunked", "0⏎X: 1\n\n" + next), 400),
    RawRow(post("Transfer-Encoding: chunked", "FFFFFFFFFFFFFFFFF⏎a"), 400, 413),
    RawRow(post("Transfer-Encoding: chunked", "FFFFFFFFFFFFFFFE⏎a"), 400, 413),
]

private let hosts = [
    RawRow("GET / HTTP/1.1⏎⏎", 400),
    RawRow("GET / HTTP/1.1⏎Host: a⏎Host: a⏎⏎", 400),
    RawRow("GET / HTTP/1.1⏎Host: a⏎host: b⏎⏎", 400),
    RawRow("GET / HTTP/1.0⏎Host: a⏎Host: b⏎⏎", 400),
    RawRow("GET / HTTP/1.1⏎Host: a, b⏎⏎", 400),
    RawRow("GET / HTTP/1.1⏎Host: u@h⏎⏎", 400),
    RawRow("GET / HTTP/1.1⏎Host: a/b⏎⏎", 400),
    RawRow("GET / HTTP/1.1⏎Host: a b⏎⏎", 400),
    RawRow("GET / HTTP/1.1⏎Host: a:x⏎⏎", 400),
    RawRow("GET / HTTP/1.1⏎Host: :80⏎⏎", 400),
    RawRow("GET / HTTP/1.1⏎Host: [::1⏎⏎", 400),
    RawRow("GET / HTTP/1.1⏎Host: é⏎⏎", 400),
    RawRow("GET / HTTP/1.1⏎Host: ⏎⏎", 400),
]

private let fields = [
    RawRow(field("X-A: 1⏎ 2"), 400),
    RawRow(field("X-A: 1⏎\t2"), 400),
    RawRow(field(" X-A: 1"), 400),
    RawRow(field("X-A : 1"), 400),
    RawRow(field("X-A"), 400),
    RawRow(field(": 1"), 400),
    RawRow(field("X-A[]: 1"), 400),
    RawRow(Array("GET / HTTP/1.1\r\nHost: a\r\nX-".utf8) + [0xEB] + Array(": 1\r\n\r\n".utf8), 400),
    RawRow(field("X-A: \u{0}"), 400),
    RawRow(field("X-A: \u{7}"), 400),
    RawRow(field("X-A: \u{7F}"), 400),
    RawRow(field("X-A: a\rb"), 400),
    RawRow(field("X-A: a\nX-B: b"), 400),
    RawRow("GET / HTTP/1.1\nHost: a\n\n", 400),
    RawRow("GET / HTTP/1.1⏎Host: a⏎\n", 400),
    RawRow("GET / HTTP/1.1⏎Host: a⏎Expect: 200-ok⏎⏎", 417),
]

private let targets = [
    RawRow(get("/\u{0}x"), 400),
    RawRow(get("/caf\u{E9}"), 400),
    RawRow(get("/\\x"), 400),
    RawRow(Array("GET /".utf8) + [0xC0, 0xAF] + Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8), 400),
    RawRow(get("http://other/"), 400),
    RawRow(get("http://a/"), 400),
    RawRow(get("*"), 400),
    RawRow(get("calls"), 400),
    RawRow(get("a:80"), 400),
    RawRow(get("/#x"), 400),
    RawRow(get("/\u{7F}"), 400),
    RawRow("GET\t/ HTTP/1.1⏎Host: a⏎⏎", 400),
    RawRow("GET /\tHTTP/1.1⏎Host: a⏎⏎", 400),
    RawRow("GET  / HTTP/1.1⏎Host: a⏎⏎", 400),
    RawRow("GET /  HTTP/1.1⏎Host: a⏎⏎", 400),
    RawRow("GET / HTTP/1.1 ⏎Host: a⏎⏎", 400),
    RawRow(" GET / HTTP/1.1⏎Host: a⏎⏎", 400),
    RawRow("GET / x HTTP/1.1⏎Host: a⏎⏎", 400),
    RawRow("⏎⏎GET / HTTP/1.1⏎Host: a⏎⏎", 400),
    RawRow("CONNECT x:1 HTTP/1.1⏎Host: x:1⏎⏎", 400),
    RawRow("CONNECT / HTTP/1.1⏎Host: x:1⏎⏎", 400),
]

private let versions = [
    RawRow("GET / HTTP/1.2⏎Host: a⏎⏎", 505),
    RawRow("GET / HTTP/2.0⏎Host: a⏎⏎", 505),
    RawRow("GET / HTTP/9.9⏎Host: a⏎⏎", 505),
    RawRow("GET / HTTP/0.9⏎Host: a⏎⏎", 505),
    RawRow("GET / HTTP/01.1⏎Host: a⏎⏎", 400),
    RawRow("GET / HTTP/1.10⏎Host: a⏎⏎", 400),
    RawRow("GET / http/1.1⏎Host: a⏎⏎", 400),
    RawRow("GET / HTTP/1⏎Host: a⏎⏎", 400),
    RawRow("GET / ICY/1.1⏎Host: a⏎⏎", 400),
    RawRow("GET /⏎Host: a⏎⏎", 400),
    RawRow("GET⏎⏎", 400),
    RawRow("PRI * HTTP/2.0⏎⏎SM⏎⏎", 505),
]

private let methods = [
    RawRow("TRACE / HTTP/1.1⏎Host: a⏎⏎", 501),
    RawRow("PROPFIND / HTTP/1.1⏎Host: a⏎⏎", 501),
    RawRow("get / HTTP/1.1⏎Host: a⏎⏎", 501),
    RawRow("GETT / HTTP/1.1⏎Host: a⏎⏎", 501),
    RawRow("G(T / HTTP/1.1⏎Host: a⏎⏎", 400),
    RawRow("G\u{0}T / HTTP/1.1⏎Host: a⏎⏎", 400),
    RawRow("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}", 400),
]

private func long(_ count: Int) -> String { String(repeating: "a", count: count) }

private let sizes = [
    RawRow(get("/" + long(100_000)), 414),
    RawRow("GET /" + long(100_000), 414),
    RawRow(long(100_000) + " / HTTP/1.1⏎Host: a⏎⏎", 400, 501),
    RawRow(field(long(100_000) + ": 1"), 431),
    RawRow(field("X-A: " + long(100_000)), 431),
    RawRow(field("X-A: " + String(repeating: " ", count: 1_000_000) + "1"), 431),
    RawRow(field("X-Twilio-Signature: " + long(1_000_000)), 431),
    RawRow(field((0..<10_000).map { "X-\($0): 1" }.joined(separator: "⏎")), 431),
    RawRow(field(Array(repeating: "a:", count: 100_000).joined(separator: "⏎")), 431),
    RawRow(post("Content-Length: 999999999"), 413),
    RawRow(post("Content-Length: 262145", long(262_145)), 413),
    RawRow(post("Transfer-Encoding: chunked", "40001⏎" + long(262_145)), 413),
    RawRow(
        post("Transfer-Encoding: chunked", String(repeating: "1000⏎" + long(4096) + "⏎", count: 65)),
        413
    ),
    RawRow(post("Transfer-Encoding: chunked", "1;" + long(20_000_000)), 413),
    RawRow(post("Transfer-Encoding: chunked", "0⏎X: " + long(40_000) + "⏎⏎"), 431),
    RawRow(post("Transfer-Encoding: chunked", "0⏎" + String(repeating: "a: b⏎", count: 101)), 431),
]

@Suite struct `A malformed message` {
    @Test(arguments: framing + chunks + hosts + fields + targets + versions + methods + sizes)
    func `gets one refusal, and nothing after it is read`(row: RawRow) async throws {
        try await ChannelRig.run { rig in
            let (answers, ending) = try await rig.exchange(row.bytes)
            #expect(answers.count == 1 && ending == .closed, "\(answers) \(ending)")
            let answer = try #require(answers.first)
            #expect(row.statuses.contains(answer.status), "\(answer)")
            // Malformed HTTP gets a bare 400, anything else a problem that tells which bound was met.
            let problem = try answer.problem
            #expect(answer.status == 400 ? answer.isBare : problem?["status"]?.intValue == answer.status)
            #expect(rig.handlers.reached.isEmpty)
            #expect(rig.refused.total == 1)
        }
    }

    @Test(arguments: [0x00, 0x80, 0xFF].map { UInt8($0) }, [1, 100, 100_000])
    func `may be any bytes`(byte: UInt8, count: Int) async throws {
        try await ChannelRig.run { rig in
            let (answers, ending) = try await rig.exchange([UInt8](repeating: byte, count: count))
            #expect(answers.map(\.status) == [400] && ending == .closed)
        }
    }
}

@Suite struct `A message at the edge` {
    @Test(
        arguments: [
            (get("/%00"), "GET /%00 0"), (get("/a%0d%0aX:1"), "GET /a%0d%0aX:1 0"), (get("//ping"), "GET //ping 0"),
            (get("/a?b={}|^`"), "GET /a?b={}|^` 0"), ("OPTIONS * HTTP/1.1⏎Host: a⏎⏎", "OPTIONS * 0"),
            ("⏎" + next, "GET /next 0"), ("GET /next HTTP/1.1⏎HOST: a⏎⏎", "GET /next 0"),
            ("GET /next HTTP/1.1⏎Host: [::1]:80⏎⏎", "GET /next 0"),
            ("GET /next HTTP/1.1⏎Host: a_b.example.com:8443⏎⏎", "GET /next 0"),
            ("GET /next HTTP/1.1⏎Host:a:⏎X-A:⏎⏎", "GET /next 0"),
            (get("/" + long(8191)), "GET /\(long(8191)) 0"),
            (post("Content-Length: 007", "1234567"), "POST /calls 7"),
            (post("Content-Length: 262144", long(262_144)), "POST /calls 262144"),
            (post("Transfer-Encoding: ChUnKeD", "1⏎a⏎2;x=\"y\"⏎bc⏎0⏎T: 1⏎⏎"), "POST /calls 3"),
            (post("Transfer-Encoding: chunked", "0000000A⏎1234567890⏎00⏎⏎"), "POST /calls 10"),
            (
                post("Transfer-Encoding: chunked", String(repeating: "1⏎a⏎", count: 10_000) + "0⏎⏎"),
                "POST /calls 10000"
            ),
            (field((1...99).map { "X-\($0): 1" }.joined(separator: "⏎")), "GET /f 0"),
            // The target, `Host`, `a` and `X` make up the rest of 32 KiB.
            (field("X: " + long(32 * 1024 - 8)), "GET /f 0"),
        ]
    )
    func `is taken, and so is the next`(text: String, reached: String) async throws {
        try await ChannelRig.run { rig in
            let statuses = try await rig.client { connection in
                connection.send(text.onWire + "GET /last HTTP/1.1⏎Host: a⏎Connection: close⏎⏎".onWire)
                return connection.answers().0.map(\.status)
            }
            #expect(statuses == [200, 200])
            #expect(rig.handlers.reached == [reached, "GET /last 0"])
            #expect(rig.refused.total == 0)
        }
    }

    @Test(
        arguments: [
            (get("/" + long(8192)), 414), (field((1...100).map { "X-\($0): 1" }.joined(separator: "⏎")), 431),
            (field("X: " + long(32 * 1024 - 7)), 431), (post("Content-Length: 262145"), 413),
        ]
    )
    func `is refused when it is over it`(text: String, status: Int) async throws {
        try await ChannelRig.run { rig in
            let (answers, _) = try await rig.exchange(text.onWire)
            #expect(answers.map(\.status) == [status])
        }
    }

    @Test(
        arguments: [
            ("/webhooks/twilio/status?call=x", 65536), ("/webhooks/ultravox", 1_048_576),
            ("/webhooks/ultravox?call=x", 1_048_576), ("/webhooks/ultravoxes", 262_144), ("/agents", 262_144),
        ],
        [true, false]
    )
    func `has a body as large as its path allows`(place: (path: String, size: Int), chunked: Bool) async throws {
        try await ChannelRig.run { rig in
            func message(_ size: Int) -> String {
                let start = "POST \(place.path) HTTP/1.1⏎Host: a⏎Connection: close⏎"
                return chunked
                    ? start + "Transfer-Encoding: chunked⏎⏎1⏎a⏎\(String(size - 1, radix: 16))⏎\(long(size - 1))⏎0⏎⏎"
                    : start + "Content-Length: \(size)⏎⏎\(long(size))"
            }
            let (taken, _) = try await rig.exchange(message(place.size).onWire)
            #expect(taken.map(\.status) == [200])
            #expect(rig.handlers.reached == ["POST \(place.path) \(place.size)"])
            let (answers, ending) = try await rig.exchange(message(place.size + 1).onWire)
            #expect(answers.map(\.status) == [413] && ending == .closed)
        }
    }

    @Test func `may be HTTP 1.0, without a host, and ends the connection`() async throws {
        try await ChannelRig.run { rig in
            for text in ["GET /a HTTP/1.0⏎⏎", "GET /b HTTP/1.0⏎Connection: keep-alive⏎⏎", "GET /stream HTTP/1.0⏎⏎"] {
                let (received, ending) = try await rig.client { connection in
                    connection.send(text.onWire)
                    let ending = connection.receiveToEnd()
                    return (String(decoding: connection.received, as: UTF8.self), ending)
                }
                #expect(ending == .closed)
                #expect(received.contains("connection: close") && !received.contains("transfer-encoding"))
                #expect(received.hasSuffix(text.contains("stream") ? "\r\n\r\nonetwo" : " 0"))
            }
        }
    }
}
