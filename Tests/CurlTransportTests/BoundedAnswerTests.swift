import CurlTransport
import HTTPTypes
import OutboundHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct BoundedAnswerTests {
    @Test(arguments: ["gzip", "deflate", "br", "zstd", "gzip, gzip, gzip"])
    func `a bomb comes as the few bytes that were sent`(encoding: String) async throws {
        let bomb = GzipBomb.bytes(inflatingTo: 64 << 20)
        #expect(bomb.count < 500_000)
        let answer = try await ScriptedServer { peer in
            while try await peer.request() != nil {
                let head =
                    "HTTP/1.1 201 Created\r\nContent-Encoding: \(encoding)\r\nContent-Length: \(bomb.count)\r\n\r\n"
                try await peer.write(head)
                try await peer.write(bomb)
            }
        }.serve { origin in
            try await withEngine { try await $0.send(.post(origin)) }
        }
        #expect(answer.status == 201)
        #expect(answer.body == bomb)
        #expect(answer.headers[.contentEncoding] == encoding)
    }

    @Test(arguments: ["Chunked", "chunked", "CHUNKED", " chunked\t"])
    func `chunks are the one transfer coding that is read`(coding: String) async throws {
        let answer = try await ScriptedServer { peer in
            while try await peer.request() != nil {
                try await peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: \(coding)\r\n\r\n")
                try await peer.write(chunk: Array("ok".utf8))
                try await peer.write("0\r\n\r\n")
            }
        }.serve { origin in
            try await withEngine { try await $0.send(.get(origin)) }
        }
        #expect(answer.body == Array("ok".utf8))
    }

    @Test func `a head of exactly the limit is taken and one byte more is not`() async throws {
        let limit = 10_000
        let outcomes = try await ScriptedServer { peer in
            while let request = try await peer.request() {
                let line = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                let padding = limit - line.utf8.count - "X: \r\n\r\n".utf8.count + (request.target == "/over" ? 1 : 0)
                try await peer.write("\(line)X: \(String(repeating: "y", count: padding))\r\n\r\n")
            }
        }.serve { origin in
            try await withEngine(CurlConfiguration(maximumAnswerHeaderBytes: limit)) { engine in
                [await engine.outcome(.get("\(origin)/within")), await engine.outcome(.get("\(origin)/over"))]
            }
        }
        #expect(outcomes[0].status == 200)
        #expect(outcomes[1].error?.cause == .answerTooLarge)
        #expect(outcomes[1].error?.delivery == .maybeSent)
    }

    @Test(arguments: [301, 302, 303, 307, 308], ["GET", "POST"])
    func `nobody is led elsewhere, and no credentials are`(status: Int, method: String) async throws {
        let canary = Ledger()
        let ledger = Ledger()
        let answer = try await ScriptedServer(ledger: canary) { _ = try await $0.request() }.serve { elsewhere in
            try await ScriptedServer(ledger: ledger) { peer in
                while try await peer.request() != nil {
                    try await peer.answer(
                        status: "\(status) Elsewhere",
                        headers: "Location: \(elsewhere)/x\r\nRefresh: 0; url=\(elsewhere)/y\r\n"
                            + "Alt-Svc: h2=\"\(elsewhere.dropFirst(7))\"\r\nSet-Cookie: a=b\r\n"
                    )
                }
            }.serve { origin in
                try await withEngine { engine in
                    var request = OutboundRequest(method: try #require(.init(method)), url: origin)
                    request.headers[.authorization] = "Basic eDp5"
                    _ = try await engine.send(request)
                    return try await engine.send(request)
                }
            }
        }
        #expect(answer.status == status)
        #expect(canary.connections == 0)
        #expect(ledger.requests.count == 2)
        // What an answer sets is not sent back.
        #expect(ledger.requests.allSatisfy { $0.values("cookie").isEmpty })
    }

    @Test func `a connection takes no request after its time`() async throws {
        let ledger = Ledger()
        var configuration = CurlConfiguration.trustingTestAuthority
        configuration.connectionLifetime = .seconds(1)
        try await Wire.clear.withEcho(ledger: ledger) { origin in
            try await withEngine(configuration) { engine in
                // For ever, if a connection had no end: then the suite's time limit strikes.
                while ledger.connections < 2 {
                    _ = try await engine.send(.get(origin))
                    // The pace of a client, not a wait for something to have happened.
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
        #expect(ledger.requests.count > 1)
    }
}
