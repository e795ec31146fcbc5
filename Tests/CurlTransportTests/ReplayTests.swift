import CurlTransport
import HTTPTypes
import OutboundHTTP
import Testing

/// libcurl 7.88 sends a request again by itself when a reused connection dies without an answer. Nothing says then that it
/// was not acted on. The server of each test acts on the second request of a connection, so that the first has warmed it
/// up. What the protocol does prove is in ``ProvenUnprocessedTests``.
@Suite(.timeLimit(.minutes(1)))
struct ReplayTests {
    static let notIdempotent: [HTTPRequest.Method] = [.post, .patch]
    static let idempotent: [HTTPRequest.Method] = [.get, .put, .delete]

    /// Answers the first request of the first connection, then lets the connection die on the second.
    private static func dying(reset: Bool) -> Script {
        { peer in
            var count = 0
            while try await peer.request() != nil {
                count += 1
                if peer.number == 1, count == 2 {
                    if reset { try await peer.reset() }
                    return
                }
                try await peer.answer()
            }
        }
    }

    @Test(arguments: notIdempotent, [nil, ServerIdentity.localhost])
    func `a request that is not idempotent is not repeated when a warm connection dies`(
        method: HTTPRequest.Method,
        identity: ServerIdentity?
    ) async throws {
        for reset in [false, true] {
            let ledger = Ledger()
            let outcome = try await ScriptedServer(
                identity: identity,
                ledger: ledger,
                script: Self.dying(reset: reset)
            ).serve { origin in
                try await withEngine { engine in
                    _ = try await engine.send(.get("\(origin)/warm"))
                    return await engine.outcome(
                        OutboundRequest(method: method, url: "\(origin)/act", body: Array("a=b".utf8))
                    )
                }
            }
            #expect(ledger.requests.filter { $0.target == "/act" }.count == 1)
            #expect(outcome.error?.delivery == .maybeSent)
            #expect(outcome.error?.cause == .connectionLost)
        }
    }

    @Test(arguments: idempotent, [nil, ServerIdentity.localhost])
    func `an idempotent request survives a warm connection that dies`(
        method: HTTPRequest.Method,
        identity: ServerIdentity?
    ) async throws {
        let ledger = Ledger()
        let outcome = try await ScriptedServer(
            identity: identity,
            ledger: ledger,
            script: Self.dying(reset: false)
        ).serve { origin in
            try await withEngine { engine in
                _ = try await engine.send(.get("\(origin)/warm"))
                return await engine.outcome(OutboundRequest(method: method, url: "\(origin)/act"))
            }
        }
        #expect(outcome.status == 200)
        #expect(ledger.requests.filter { $0.target == "/act" }.count == 2)
    }

    @Test(arguments: notIdempotent)
    func `a request that is not idempotent is not repeated when a warm HTTP 2 connection dies`(
        method: HTTPRequest.Method
    ) async throws {
        let ledger = Ledger()
        let outcome = try await HTTP2Server(ledger: ledger) { peer in
            var count = 0
            while let request = try await peer.request() {
                count += 1
                if peer.number == 1, count == 2 { return }
                try await peer.answer(request)
            }
        }.serve { origin in
            try await withEngine { engine in
                _ = try await engine.send(.get("\(origin)/warm"))
                return await engine.outcome(
                    OutboundRequest(method: method, url: "\(origin)/act", timeout: .seconds(30))
                )
            }
        }
        #expect(ledger.requests.filter { $0.target == "/act" }.count == 1)
        #expect(outcome.error?.delivery == .maybeSent)
        #expect(outcome.error?.cause == .connectionLost)
    }
}
