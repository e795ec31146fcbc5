import CurlTransport
import HTTPTypes
import OutboundHTTP
import Testing

/// How a test server speaks.
enum Wire: CaseIterable, Sendable {
    case clear, tls, http2

    /// Serves each request with 200 and its own body.
    func withEcho<Value: Sendable>(
        ledger: Ledger = Ledger(),
        _ body: (_ origin: String) async throws -> Value
    ) async throws -> Value {
        let script: Script = { peer in
            while let request = try await peer.request() {
                try await peer.answer(request.method == "HEAD" ? "" : String(decoding: request.body, as: UTF8.self))
            }
        }
        return switch self {
        case .clear: try await ScriptedServer(ledger: ledger, script: script).serve(body)
        case .tls: try await ScriptedServer(identity: .localhost, ledger: ledger, script: script).serve(body)
        case .http2:
            try await HTTP2Server(ledger: ledger) { peer in
                while let request = try await peer.request() {
                    try await peer.answer(request, body: String(decoding: request.body, as: UTF8.self))
                }
            }.serve(body)
        }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ExchangeTests {
    @Test(arguments: Wire.allCases)
    func `a request arrives as it was given and its answer comes back`(wire: Wire) async throws {
        let ledger = Ledger()
        let answer = try await wire.withEcho(ledger: ledger) { origin in
            try await withEngine { engine in
                var request = OutboundRequest.post("\(origin)/Calls.json?a=%20b", body: "To=%2B1")
                request.headers[.contentType] = "application/x-www-form-urlencoded"
                request.headers[.authorization] = "Basic eDp5"
                return try await engine.send(request)
            }
        }
        #expect(answer.status == 200)
        #expect(answer.body == Array("To=%2B1".utf8))
        let received = try #require(ledger.requests.first)
        #expect(ledger.requests.count == 1)
        #expect(received.method == "POST")
        #expect(received.target == "/Calls.json?a=%20b")
        #expect(received.body == Array("To=%2B1".utf8))
        #expect(received.values("authorization") == ["Basic eDp5"])
        #expect(received.values("content-type") == ["application/x-www-form-urlencoded"])
        #expect(received.values("user-agent") == ["switchboard"])
        #expect(received.values("expect").isEmpty)
        #expect(received.values("accept-encoding").isEmpty)
    }

    @Test(arguments: Wire.allCases, ["POST", "PUT", "PATCH", "DELETE", "GET"])
    func `every method keeps its name and an empty body is sent as zero bytes`(wire: Wire, name: String) async throws {
        let ledger = Ledger()
        let answer = try await wire.withEcho(ledger: ledger) { origin in
            try await withEngine { engine in
                let method = try #require(HTTPRequest.Method(name))
                return try await engine.send(OutboundRequest(method: method, url: "\(origin)/"))
            }
        }
        #expect(answer.status == 200)
        let received = try #require(ledger.requests.first)
        #expect(received.method == name)
        #expect(received.body.isEmpty)
        #expect(received.values("content-type").isEmpty)
        if wire != .http2 {
            #expect(received.values("content-length") == (["POST", "PUT", "PATCH"].contains(name) ? ["0"] : []))
        }
    }

    @Test
    func `a large body arrives whole and without asking for permission`() async throws {
        let ledger = Ledger()
        let body = String(repeating: "0123456789", count: 40_000)
        let answer = try await Wire.tls.withEcho(ledger: ledger) { origin in
            try await withEngine { try await $0.send(.post(origin, body: body)) }
        }
        #expect(answer.body == Array(body.utf8))
        #expect(ledger.requests.first?.values("expect") == [])
    }

    @Test
    func `a HEAD answer has no body however large it says it would be`() async throws {
        let answer = try await ScriptedServer { peer in
            while try await peer.request() != nil {
                try await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
            }
        }.serve { origin in
            try await withEngine { try await $0.send(OutboundRequest(method: .head, url: origin)) }
        }
        #expect(answer.headers[.contentLength] == "99999999")
        #expect(answer.body.isEmpty)
    }

    @Test(arguments: Wire.allCases)
    func `requests one after the other share a connection`(wire: Wire) async throws {
        let ledger = Ledger()
        try await wire.withEcho(ledger: ledger) { origin in
            try await withEngine { engine in
                for _ in 0..<10 { _ = try await engine.send(.post(origin)) }
            }
        }
        #expect(ledger.requests.count == 10)
        #expect(ledger.connections == 1)
    }

    @Test(arguments: Wire.allCases)
    func `64 requests at once stay within the limit of connections`(wire: Wire) async throws {
        let ledger = Ledger()
        var configuration = CurlConfiguration.trustingTestAuthority
        configuration.maximumConnectionsPerHost = 4
        let statuses = try await wire.withEcho(ledger: ledger) { origin in
            try await withEngine(configuration) { engine in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<64 { group.addTask { try await engine.send(.post(origin)).status } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
        }
        #expect(statuses == Array(repeating: 200, count: 64))
        #expect(ledger.requests.count == 64)
        #expect(ledger.connections <= 4)
    }

    @Test
    func `HTTP 2 carries many requests over one connection once it is known`() async throws {
        let ledger = Ledger()
        try await Wire.http2.withEcho(ledger: ledger) { origin in
            try await withEngine { engine in
                let first = try await engine.send(.get(origin))
                #expect(first.status == 200)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<64 { group.addTask { _ = try await engine.send(.post(origin)) } }
                    try await group.waitForAll()
                }
            }
        }
        #expect(ledger.requests.count == 65)
        #expect(ledger.connections == 1)
    }

    @Test
    func `a redirect is an answer`() async throws {
        let ledger = Ledger()
        let answer = try await ScriptedServer(ledger: ledger) { peer in
            while let request = try await peer.request() {
                if request.target == "/" {
                    try await peer.answer(status: "301 Moved Permanently", headers: "Location: /elsewhere\r\n")
                } else {
                    try await peer.answer()
                }
            }
        }.serve { origin in
            try await withEngine { try await $0.send(.get("\(origin)/")) }
        }
        #expect(answer.status == 301)
        #expect(answer.headers[.location] == "/elsewhere")
        #expect(ledger.requests.map(\.target) == ["/"])
    }

    @Test
    func `an encoded answer is handed through as it came`() async throws {
        let answer = try await ScriptedServer { peer in
            while try await peer.request() != nil {
                try await peer.answer("not gzip at all", headers: "Content-Encoding: gzip\r\n")
            }
        }.serve { origin in
            try await withEngine { try await $0.send(.get(origin)) }
        }
        #expect(answer.headers[.contentEncoding] == "gzip")
        #expect(answer.body == Array("not gzip at all".utf8))
    }

    @Test
    func `interim answers and trailers leave no trace in the headers`() async throws {
        let answer = try await ScriptedServer { peer in
            while try await peer.request() != nil {
                try await peer.write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n")
                try await peer.write("HTTP/1.1 201 Created\r\nX-Twice: a\r\nX-Twice: b\r\n")
                try await peer.write("Transfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n")
                try await peer.write("2\r\nok\r\n0\r\nX-Late: 1\r\n\r\n")
            }
        }.serve { origin in
            try await withEngine { try await $0.send(.get(origin)) }
        }
        #expect(answer.status == 201)
        #expect(answer.body == Array("ok".utf8))
        #expect(try answer.headers[values: #require(.init("X-Twice"))] == ["a", "b"])
        #expect(try answer.headers[#require(.init("X-Early"))] == nil)
        #expect(try answer.headers[#require(.init("X-Late"))] == nil)
    }

    @Test
    func `an idle engine closes its connections`() async throws {
        var configuration = CurlConfiguration()
        configuration.idleLifetime = .milliseconds(20)
        let (closed, isClosed) = AsyncStream.makeStream(of: Int.self)
        try await ScriptedServer { peer in
            while try await peer.request() != nil { try await peer.answer() }
            isClosed.yield(peer.number)
        }.serve { origin in
            try await withEngine(configuration) { engine in
                var closures = closed.makeAsyncIterator()
                for number in 1...3 {
                    _ = try await engine.send(.get(origin))
                    #expect(await closures.next() == number)
                }
            }
        }
    }
}
