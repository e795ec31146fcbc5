import CallDomain
import HTTPTypes
import NIOCore
import Testing

@testable import Gateway

private func long(_ count: Int) -> String { String(repeating: "a", count: count) }

private let explained: [(Refusal, Int, String)] = [
    (.targetTooLong, 414, "uri_too_long"), (.fields, 431, "header_fields_too_large"),
    (.version, 505, "http_version_not_supported"), (.method, 501, "not_implemented"),
    (.transferCoding, 501, "not_implemented"), (.expectation, 417, "expectation_failed"),
    (.headTooSlow, 408, "request_timeout"), (.bodyTooSlow, 408, "request_timeout"),
]

private let head = "POST /calls/x?secret=1 HTTP/1.1⏎Host: a⏎X-Request-ID: mine⏎"

@Suite struct `A refusal before the router` {
    private let answers = RefusalAnswers(limits: ConnectionLimits())

    private func made(for refusal: Refusal, isBare: Bool) throws -> RawAnswer {
        let bytes = Array(answers.answer(to: refusal, isBare: isBare).readableBytesView)
        let (answer, count) = try #require(RawAnswer.first(in: bytes, hasBody: true))
        #expect(count == bytes.count)
        return answer
    }

    @Test(arguments: explained)
    func `explains itself in a problem document`(refusal: Refusal, status: Int, code: String) throws {
        let answer = try made(for: refusal, isBare: false)
        #expect(answer.status == status)
        #expect(answer.header("connection") == "close")
        #expect(answer.header("cache-control") == "no-store")
        for field in SecurityHeaders.always { #expect(answer.header(field.name.canonicalName) == field.value) }
        #expect(answer.header("server") == nil)
        let problem = try #require(try answer.problem)
        #expect(problem["status"]?.intValue == status)
        #expect(problem["code"]?.stringValue == code)
        #expect(problem["type"]?.stringValue == "urn:switchboard:problem:\(code)")
        #expect(problem["title"]?.stringValue?.isEmpty == false && problem["detail"]?.stringValue?.isEmpty == false)
        #expect(answer.body.count < 512)
    }

    @Test func `tells the bound that was met`() throws {
        var limits = ConnectionLimits()
        limits.requestTarget = 4711
        limits.headTime = .seconds(17)
        #expect(Refusal.targetTooLong.problem(limits: limits)?.contains("4711 bytes") == true)
        #expect(Refusal.headTooSlow.problem(limits: limits)?.contains("17 s") == true)
    }

    @Test(arguments: Refusal.allCases)
    func `is bare where nobody reads it, and of what is no HTTP`(refusal: Refusal) throws {
        #expect(try made(for: refusal, isBare: true).isBare)
        let isExplained = explained.contains { $0.0 == refusal }
        #expect(try made(for: refusal, isBare: false).isBare == !isExplained)
    }

    @Test(
        arguments: [
            ("POST /webhooks/twilio/status?call=x HTTP/1.1⏎Host: a⏎X-Twilio-Signature: \(long(40_000))⏎⏎", 431),
            ("POST /webhooks/twilio/status HTTP/1.1⏎Host: a⏎Expect: 200-ok⏎⏎", 417),
            ("POST /webhooks/ultravox HTTP/1.1⏎Host: a⏎Transfer-Encoding: gzip, chunked⏎⏎", 501),
            ("POST /webhooks/ultravox?call=\(long(9000)) HTTP/1.1⏎Host: a⏎⏎", 414),
            ("POST /webhooks/ultravox HTTP/1.2⏎Host: a⏎⏎", 505),
            ("POST /webhooks/twilio/voice HTTP/1.1⏎Host: a⏎Content-Length: 65537⏎⏎", 413),
            ("POST /webhooks/ultravox?call=x HTTP/1.1⏎Host: a⏎Content-Length: 1048577⏎⏎", 413),
            ("POST /webhooks/twilio/voice HTTP/1.1⏎Host: a⏎Transfer-Encoding: chunked⏎⏎10001⏎\(long(65_537))", 413),
            ("HEAD /calls HTTP/1.1⏎Host: a⏎X: \(long(40_000))⏎⏎", 431),
            ("HEAD /\(long(9000)) HTTP/1.1⏎Host: a⏎⏎", 414),
        ]
    )
    func `of a webhook or of HEAD is bare, and has a line at debug`(text: String, status: Int) async throws {
        try await ChannelRig.run { rig in
            let (answers, ending) = try await rig.exchange(text.onWire)
            #expect(answers.map(\.status) == [status] && answers.allSatisfy(\.isBare) && ending == .closed)
            #expect(rig.handlers.reached.isEmpty && rig.refused.total == 1)
            #expect(rig.log.lines("request answered").isEmpty && rig.log.lines("malformed request refused").count == 1)
        }
    }

    @Test func `of a head that does not come is bare from the first line on`() async throws {
        var limits = ConnectionLimits()
        limits.headTime = .milliseconds(200)
        try await ChannelRig.run(limits: limits) { rig in
            for (text, isBare) in [
                ("POST /webhooks/twilio/st", true), ("POST /webhooks/twilio/status HTTP/1.1⏎Host", true),
                ("HEAD ", true), ("POST /calls/x HTTP/1.1⏎Host", false), ("POST", false),
            ] {
                let (answers, _) = try await rig.exchange(text.onWire)
                #expect(answers.map(\.status) == [408] && answers.map(\.isBare) == [isBare], "\(text)")
            }
        }
    }
}

@Suite struct `A body that is too large for the REST API` {
    @Test(
        arguments: [
            head + "Content-Length: 262145⏎⏎", head + "Content-Length: 999999999⏎⏎{",
            head + "Content-Length: 9223372036854775807⏎⏎",
            head + "Expect: 100-continue⏎Content-Length: 262145⏎⏎",
            head + "Transfer-Encoding: chunked⏎⏎40001⏎",
            head + "Transfer-Encoding: chunked⏎⏎40000⏎\(long(262_144))⏎1⏎a⏎0⏎⏎",
            head + "Transfer-Encoding: chunked⏎⏎1;\(long(400_000))",
            head + "Content-Length: 262145⏎⏎\(long(262_145))GET /next HTTP/1.1⏎Host: a⏎⏎",
        ]
    )
    func `is refused like everything else that the API refuses`(text: String) async throws {
        try await ChannelRig.run { rig in
            let (answers, ending) = try await rig.exchange(text.onWire)
            #expect(answers.map(\.status) == [413] && ending == .closed)
            let answer = try #require(answers.first)
            #expect(answer.header("connection") == "close")
            #expect(answer.header("x-request-id") == "mine")
            #expect(answer.header("strict-transport-security") != nil)
            for field in SecurityHeaders.always { #expect(answer.header(field.name.canonicalName) == field.value) }
            let problem = try #require(try answer.problem)
            #expect(problem["status"]?.intValue == 413)
            #expect(problem["code"]?.stringValue == "payload_too_large")
            #expect(problem["type"]?.stringValue == "urn:switchboard:problem:payload_too_large")
            #expect(problem["detail"]?.stringValue?.contains("262144") == true)
            #expect(problem["instance"]?.stringValue == "/calls/x")
            #expect(problem["request_id"]?.stringValue == "mine")
            #expect(problem["timestamp"]?.stringValue?.hasSuffix("Z") == true)
            #expect(rig.handlers.reached.isEmpty && rig.refused.total == 1)
            let lines = rig.log.lines("request answered")
            #expect(lines.map { $0.fields["http.status"] } == ["413"])
            #expect(lines.map { $0.fields["outcome"] } == ["payload_too_large"])
            #expect(lines.map { $0.fields["request.id"] } == ["mine"])
            #expect(rig.log.lines("malformed request refused").isEmpty)
        }
    }

    @Test func `waits for the answer before, and is the last`() async throws {
        try await ChannelRig.run { rig in
            let text = "GET /gated HTTP/1.1⏎Host: a⏎⏎" + head + "Content-Length: 262145⏎⏎{GET /3 HTTP/1.1⏎Host: a⏎⏎"
            let (answers, ending) = try await rig.client { connection in
                connection.send(text.onWire)
                rig.handlers.awaitArrival()
                rig.handlers.release()
                return connection.answers()
            }
            #expect(answers.map(\.status) == [200, 413] && ending == .closed)
            #expect(rig.handlers.reached == ["GET /gated 0"])
        }
    }

    @Test func `is refused of HEAD without a body`() async throws {
        try await ChannelRig.run { rig in
            let (received, ending) = try await rig.client { connection in
                connection.send("HEAD /calls HTTP/1.1⏎Host: a⏎Content-Length: 999999999⏎⏎".onWire)
                let ending = connection.receiveToEnd()
                return (String(decoding: connection.received, as: UTF8.self), ending)
            }
            #expect(received.hasPrefix("HTTP/1.1 413 ") && received.hasSuffix("\r\n\r\n") && ending == .closed)
        }
    }

    @Test func `does not hold up a stop`() async throws {
        var limits = ConnectionLimits()
        limits.lingerTime = .seconds(3600)
        try await ChannelRig.run(limits: limits) { rig in
            let (status, hasStopped) = try await rig.client { connection in
                connection.send("POST /calls HTTP/1.1⏎Host: a⏎Content-Length: 999999999⏎⏎{".onWire)
                let status = connection.answer()?.status
                rig.stop()
                return (status, rig.hasStopped())
            }
            #expect(status == 413 && hasStopped)
        }
    }

    @Test func `leaves no reset behind, however much is still sent`() async throws {
        try await ChannelRig.run { rig in
            for _ in 0..<10 {
                let (answers, ending) = try await rig.exchange(
                    Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n400000\r\n".utf8)
                        + [UInt8](repeating: 0x78, count: 4 << 20)
                )
                #expect(answers.map(\.status) == [413] && ending == .closed)
            }
        }
    }
}
