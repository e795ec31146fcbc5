import CurlTransport
import HTTPTypes
import OutboundHTTP
import ServiceLifecycle
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LifecycleTests {
    /// Stalls each request, and says that it has arrived.
    private static func stalling(_ hasArrived: AsyncStream<Void>.Continuation) -> Script {
        { peer in
            while try await peer.request() != nil { hasArrived.yield() }
        }
    }

    @Test
    func `a task that is already cancelled sends nothing`() async throws {
        let ledger = Ledger()
        let outcome = try await ScriptedServer(ledger: ledger) { try await $0.untilClosed() }.serve { origin in
            try await withEngine { engine in
                await withTaskGroup(of: Result<OutboundResponse, TransportError>.self) { group in
                    group.cancelAll()
                    group.addTask { await engine.outcome(.post(origin)) }
                    return await group.next()
                }
            }
        }
        #expect(outcome?.error?.cause == .cancelled)
        #expect(outcome?.error?.delivery == .notSent)
        #expect(ledger.connections == 0)
    }

    /// Connecting may take seconds: what has changed meanwhile still counts.
    @Test(arguments: [nil, ServerIdentity.localhost])
    func `a request that is taken back while it connects sends nothing`(identity: ServerIdentity?) async throws {
        let ledger = Ledger()
        let wasAsked = Mutex(false)
        let server = ScriptedServer(identity: identity, ledger: ledger) { peer in
            while try await peer.request() != nil { try await peer.answer() }
        }
        let outcomes = try await server.serve { origin in
            try await withEngine { engine in
                var request = OutboundRequest.post(origin)
                request.mayLeave = {
                    wasAsked.withLock { $0 = true }
                    return false
                }
                let withdrawn = await engine.outcome(request)
                request.mayLeave = { true }
                return (withdrawn, await engine.outcome(request))
            }
        }
        #expect(outcomes.0.error?.delivery == .notSent)
        #expect(outcomes.0.error?.cause == .withdrawn)
        #expect(wasAsked.withLock { $0 })
        #expect(outcomes.1.status == 200)
        #expect(ledger.requests.count == 1)
    }

    @Test
    func `cancelling a request in flight ends it at once as maybe sent`() async throws {
        let (arrived, hasArrived) = AsyncStream.makeStream(of: Void.self)
        let outcome = try await ScriptedServer(script: Self.stalling(hasArrived)).serve { origin in
            try await withEngine { engine in
                await withTaskGroup(of: Result<OutboundResponse, TransportError>.self) { group in
                    group.addTask { await engine.outcome(.post(origin, timeout: .seconds(50))) }
                    for await _ in arrived { break }
                    group.cancelAll()
                    return await group.next()
                }
            }
        }
        #expect(outcome?.error?.cause == .cancelled)
        #expect(outcome?.error?.delivery == .maybeSent)
    }

    @Test
    func `requests that are cancelled at random moments are each answered once`() async throws {
        try await Wire.clear.withEcho { origin in
            try await withEngine { engine in
                for round in 0..<100 {
                    await withTaskGroup(of: Result<OutboundResponse, TransportError>.self) { group in
                        for _ in 0..<8 { group.addTask { await engine.outcome(.post(origin)) } }
                        for _ in 0..<(round % 8) { await Task.yield() }
                        group.cancelAll()
                        for await outcome in group where outcome.status == nil {
                            #expect(outcome.error?.cause == .cancelled)
                        }
                    }
                }
                let last = try await engine.send(.get(origin))
                #expect(last.status == 200)
            }
        }
    }

    @Test
    func `cancelling the engine answers what is in flight with stopped`() async throws {
        let (arrived, hasArrived) = AsyncStream.makeStream(of: Void.self)
        try await ScriptedServer(script: Self.stalling(hasArrived)).serve { origin in
            let engine = try CurlEngine(logger: quietLogger)
            async let outcome = engine.outcome(.post(origin, timeout: .seconds(50)))
            for await _ in arrived { break }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await engine.run() }
                group.cancelAll()
                try await group.waitForAll()
            }
            let running = await outcome.error
            #expect(running?.cause == .stopped)
            #expect(running?.delivery == .maybeSent)
            let late = await engine.outcome(.post(origin)).error
            #expect(late?.cause == .stopped)
            #expect(late?.delivery == .notSent)
        }
    }

    @Test
    func `graceful shutdown finishes what is in flight and refuses what comes later`() async throws {
        let (arrived, hasArrived) = AsyncStream.makeStream(of: Void.self)
        let (mayAnswer, answerNow) = AsyncStream.makeStream(of: Void.self)
        try await ScriptedServer { peer in
            while try await peer.request() != nil {
                hasArrived.yield()
                for await _ in mayAnswer { break }
                try await peer.answer()
            }
        }.serve { origin in
            let engine = try CurlEngine(logger: quietLogger)
            let group = ServiceGroup(services: [engine], logger: quietLogger)
            async let running: Void = group.run()
            async let outcome = engine.outcome(.post(origin, timeout: .seconds(50)))
            for await _ in arrived { break }
            await group.triggerGracefulShutdown()
            // The group passes the signal on in its own time.
            var late = await engine.outcome(.get("http://127.0.0.1:1/")).error
            while late?.cause != .stopped, !Task.isCancelled {
                await Task.yield()
                late = await engine.outcome(.get("http://127.0.0.1:1/")).error
            }
            #expect(late?.delivery == .notSent)
            answerNow.yield()
            #expect(await outcome.status == 200)
            try await running
        }
    }

    @Test
    func `an engine that nobody runs works and ends with its owner`() async throws {
        let ledger = Ledger()
        // The server returns only when the engine's connection is closed, which its thread does at its end.
        try await Wire.clear.withEcho(ledger: ledger) { origin in
            let engine = try CurlEngine(logger: quietLogger)
            let answer = try await engine.send(.post(origin))
            #expect(answer.status == 200)
        }
        #expect(ledger.connections == 1)
    }

    @Test
    func `requests of many tasks are answered while the engine stops under them`() async throws {
        try await Wire.clear.withEcho { origin in
            for _ in 0..<20 {
                let engine = try CurlEngine(logger: quietLogger)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<16 {
                        group.addTask {
                            for _ in 0..<4 {
                                let outcome = await engine.outcome(.post(origin))
                                #expect(outcome.status == 200 || outcome.error?.cause == .stopped)
                            }
                        }
                    }
                    group.addTask {
                        try await withThrowingTaskGroup(of: Void.self) { run in
                            run.addTask { try await engine.run() }
                            await Task.yield()
                            run.cancelAll()
                            try await run.waitForAll()
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }
}
