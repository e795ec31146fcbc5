import CurlTransport
import HTTPTypes
import NIOHTTP2
import OutboundHTTP
import Testing

/// HTTP/2 can say that a request was not processed; then, and only then, one that is not idempotent is sent once more.
/// The server of most tests acts on the second request of a connection, so that the first has warmed it up.
@Suite(.timeLimit(.minutes(1)))
struct ProvenUnprocessedTests {
    static let methods: [HTTPRequest.Method] = [.post, .patch, .get]

    @Test(arguments: methods)
    func `a refused stream is tried once more`(method: HTTPRequest.Method) async throws {
        let (outcome, requests) = try await onSecondRequest(method: method) { peer, request in
            try await peer.reset(request, .refusedStream)
        }
        #expect(outcome.status == 200, "\(outcome)")
        #expect(requests.count == 2)
    }

    @Test(arguments: methods)
    func `a stream above the last one of GOAWAY is tried once more`(method: HTTPRequest.Method) async throws {
        let (outcome, requests) = try await onSecondRequest(method: method) { peer, request in
            try await peer.goAway(last: request.stream - 2)
        }
        #expect(outcome.status == 200, "\(outcome)")
        #expect(requests.map(\.connection) == [1, 2])
    }

    @Test
    func `the first stream of a connection is tried once more after GOAWAY`() async throws {
        let ledger = Ledger()
        let outcome = try await HTTP2Server(ledger: ledger) { peer in
            while let request = try await peer.request() {
                if peer.number == 1 { try await peer.goAway(last: 0) } else { try await peer.answer(request) }
            }
        }.serve { origin in
            try await withEngine { await $0.outcome(.post(origin)) }
        }
        #expect(outcome.status == 200, "\(outcome)")
        #expect(ledger.requests.map(\.connection) == [1, 2])
    }

    @Test(arguments: [ReceivedRequest.lastItself, ReceivedRequest.lastOfAll])
    func `a stream that GOAWAY does not exclude may have been processed`(
        last: @escaping @Sendable (ReceivedRequest) -> Int
    ) async throws {
        let (outcome, requests) = try await onSecondRequest(method: .post, thenCloses: true) { peer, request in
            try await peer.goAway(last: last(request))
        }
        #expect(requests.count == 1)
        #expect(outcome.error?.delivery == .maybeSent)
        #expect(outcome.error?.cause == .connectionLost, "\(outcome)")
    }

    @Test(arguments: [NIOHTTP2.HTTP2ErrorCode.cancel, .internalError, .enhanceYourCalm, .http11Required])
    func `a stream that was reset for another reason may have been processed`(
        code: NIOHTTP2.HTTP2ErrorCode
    ) async throws {
        let (outcome, requests) = try await onSecondRequest(method: .post) { peer, request in
            try await peer.reset(request, code)
        }
        #expect(requests.count == 1)
        #expect(outcome.error?.delivery == .maybeSent, "\(outcome)")
    }

    @Test(arguments: methods)
    func `a vendor that refuses for ever sees a request twice, and has not acted on it`(
        method: HTTPRequest.Method
    ) async throws {
        for goesAway in [false, true] {
            let ledger = Ledger()
            let outcome = try await HTTP2Server(ledger: ledger) { peer in
                while let request = try await peer.request() {
                    if goesAway {
                        try await peer.goAway(last: 0)
                    } else {
                        try await peer.reset(request, .refusedStream)
                    }
                }
            }.serve { origin in
                try await withEngine {
                    await $0.outcome(OutboundRequest(method: method, url: origin, timeout: .seconds(30)))
                }
            }
            #expect(outcome.error?.delivery == .notSent, "\(outcome)")
            #expect(outcome.error?.cause == .connectionLost)
            #expect(ledger.requests.count == 2)
        }
    }

    @Test
    func `a refusal, then a connection that dies, leaves it open what happened`() async throws {
        let ledger = Ledger()
        let outcome = try await HTTP2Server(ledger: ledger) { peer in
            guard let request = try await peer.request() else { return }
            if peer.number == 1 {
                try await peer.reset(request, .refusedStream)
                _ = try await peer.request()
            }
        }.serve { origin in
            try await withEngine { await $0.outcome(.post(origin)) }
        }
        #expect(ledger.requests.count == 2)
        #expect(outcome.error?.delivery == .maybeSent, "\(outcome)")
    }

    @Test
    func `GOAWAY sends every stream above its last one once more, and no other`() async throws {
        let ledger = Ledger()
        let outcomes = try await HTTP2Server(ledger: ledger) { peer in
            if peer.number > 1 {
                while let request = try await peer.request() { try await peer.answer(request) }
                return
            }
            guard let warm = try await peer.request() else { return }
            try await peer.answer(warm)
            var held: [ReceivedRequest] = []
            while held.count < 8, let request = try await peer.request() { held.append(request) }
            let streams = held.map(\.stream).sorted()
            try await peer.goAway(last: streams[3])
            for request in held where request.stream <= streams[3] { try await peer.answer(request) }
            _ = try await peer.request()
        }.serve { origin in
            try await withEngine { engine in
                _ = try await engine.send(.get("\(origin)/warm"))
                return await withTaskGroup(of: Int?.self) { group in
                    for number in 0..<8 { group.addTask { await engine.outcome(.post("\(origin)/\(number)")).status } }
                    return await group.reduce(into: []) { $0.append($1) }
                }
            }
        }
        #expect(outcomes == Array(repeating: 200, count: 8))
        let counts = Dictionary(grouping: ledger.requests, by: \.target).mapValues(\.count)
        #expect(counts.values.filter { $0 == 2 }.count == 4, "\(counts)")
    }

    /// libcurl repeats a GET by itself, and examines idle connections before that with the GET's handle.
    @Test
    func `GOAWAY of an idle connection proves nothing of a request on another one`() async throws {
        let ledger = Ledger()
        let (mayAnswer, isIdle, hasGoneAway) = (Happening(), Happening(), Happening())
        let (get, post) = try await HTTP2Server(ledger: ledger, streamsOfFirst: 1) { peer in
            switch peer.number {
            case 1:
                while let request = try await peer.request() {
                    guard request.target == "/held" else {
                        try await peer.answer(request)
                        continue
                    }
                    await mayAnswer.wait()
                    try await peer.answer(request)
                    await isIdle.wait()
                    try await peer.goAway(last: request.stream)
                    hasGoneAway.happen()
                }
            case 2:
                while let request = try await peer.request(), request.target != "/get" {
                    try await peer.answer(request)
                }
                _ = try await peer.request()
                await hasGoneAway.wait()
                try await peer.abort()
            default: while let request = try await peer.request() { try await peer.answer(request) }
            }
        }.serve { origin in
            try await withEngine { engine in
                _ = try await engine.send(.get("\(origin)/warm"))
                // Fills the first connection, so that the others get a second one.
                async let held = engine.outcome(.get("\(origin)/held"))
                await ledger.untilReceived("/held")
                _ = try await engine.send(.get("\(origin)/second"))
                async let get = engine.outcome(.get("\(origin)/get"))
                await ledger.untilReceived("/get")
                async let post = engine.outcome(.post("\(origin)/post"))
                await ledger.untilReceived("/post")
                mayAnswer.happen()
                #expect(await held.status == 200)
                isIdle.happen()
                return await (get, post)
            }
        }
        #expect(get.status == 200, "\(get)")
        #expect(ledger.requests.filter { $0.target == "/get" }.map(\.connection) == [2, 3])
        #expect(ledger.requests.filter { $0.target == "/post" }.count == 1)
        #expect(post.error?.delivery == .maybeSent, "\(post)")
    }

    /// A GET that is answered, then a request of `method`, to which the server does `act`; later ones are answered.
    private func onSecondRequest(
        method: HTTPRequest.Method,
        thenCloses: Bool = false,
        _ act: @escaping @Sendable (inout HTTP2Peer, ReceivedRequest) async throws -> Void
    ) async throws -> (outcome: Result<OutboundResponse, TransportError>, requests: [ReceivedRequest]) {
        let ledger = Ledger()
        let outcome = try await HTTP2Server(ledger: ledger) { peer in
            var count = 0
            while let request = try await peer.request() {
                count += 1
                if peer.number == 1, count == 2 {
                    try await act(&peer, request)
                    if thenCloses { return }
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

extension ReceivedRequest {
    fileprivate static let lastItself: @Sendable (ReceivedRequest) -> Int = { $0.stream }
    /// What a server says that lets clients go before it closes.
    fileprivate static let lastOfAll: @Sendable (ReceivedRequest) -> Int = { _ in Int(Int32.max) }
}
