import CurlTransport
import HTTPTypes
import NIOHTTP2
import OutboundHTTP
import Testing

/// libcurl 7.88 sends a request again by itself when a reused connection dies without an answer, or when a stream is
/// refused. The server of each test acts on the second request of a connection, so that the first has warmed it up.
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

    @Test
    func `a POST after the vendor closed the idle connection is received at most once`() async throws {
        let ledger = Ledger()
        try await ScriptedServer(ledger: ledger) { peer in
            // Closes right after each answer, without saying so: the close meets the next request.
            if try await peer.request() != nil { try await peer.answer() }
        }.serve { origin in
            try await withEngine { engine in
                for number in 0..<200 {
                    let outcome = await engine.outcome(.post("\(origin)/\(number)"))
                    if let error = outcome.error { #expect(error.delivery == .maybeSent) }
                }
            }
        }
        let counts = Dictionary(grouping: ledger.requests, by: \.target).mapValues(\.count)
        #expect(!counts.isEmpty && counts.values.allSatisfy { $0 == 1 })
    }

    @Test(arguments: notIdempotent)
    func `a refused HTTP 2 stream is not opened again`(method: HTTPRequest.Method) async throws {
        let (outcome, requests) = try await onSecondRequest(method: method) { peer, request in
            try await peer.reset(request, .refusedStream)
        }
        #expect(requests.count == 1)
        #expect(outcome.error?.delivery == .maybeSent)
        #expect(outcome.error?.cause == .connectionLost)
    }

    @Test(arguments: notIdempotent)
    func `GOAWAY on a warm connection does not repeat a request`(method: HTTPRequest.Method) async throws {
        let (outcome, requests) = try await onSecondRequest(method: method) { peer, request in
            try await peer.goAway(last: request.stream - 2)
        }
        #expect(requests.count == 1)
        #expect(outcome.error?.delivery == .maybeSent)
        #expect(outcome.error?.cause == .connectionLost, "\(outcome)")
    }

    @Test
    func `a refused HTTP 2 stream is tried once more for GET`() async throws {
        let (outcome, requests) = try await onSecondRequest(method: .get) { peer, request in
            try await peer.reset(request, .refusedStream)
        }
        #expect(outcome.status == 200)
        #expect(requests.count == 2)
    }

    @Test
    func `a vendor that refuses for ever sees an idempotent request twice at most`() async throws {
        let ledger = Ledger()
        let outcome = try await HTTP2Server(ledger: ledger) { peer in
            while let request = try await peer.request() { try await peer.reset(request, .refusedStream) }
        }.serve { origin in
            try await withEngine { await $0.outcome(.get(origin)) }
        }
        #expect(outcome.error?.delivery == .maybeSent)
        #expect(ledger.requests.count == 2)
    }

    /// A GET that is answered, then a request of `method`, to which the server does `act`; later ones are answered.
    private func onSecondRequest(
        method: HTTPRequest.Method,
        _ act: @escaping @Sendable (inout HTTP2Peer, ReceivedRequest) async throws -> Void
    ) async throws -> (outcome: Result<OutboundResponse, TransportError>, requests: [ReceivedRequest]) {
        let ledger = Ledger()
        let outcome = try await HTTP2Server(ledger: ledger) { peer in
            var count = 0
            while let request = try await peer.request() {
                count += 1
                if peer.number == 1, count == 2 {
                    try await act(&peer, request)
                } else {
                    try await peer.answer(request)
                }
            }
        }.serve { origin in
            try await withEngine { engine in
                _ = try await engine.send(.get("\(origin)/warm"))
                return await engine.outcome(
                    OutboundRequest(method: method, url: "\(origin)/act", timeout: .seconds(30))
                )
            }
        }
        return (outcome, ledger.requests.filter { $0.target == "/act" })
    }
}
