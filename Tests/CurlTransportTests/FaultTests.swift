import CurlTransport
import Foundation
import HTTPTypes
import OutboundHTTP
import Testing

/// A vendor's misbehaviour on a fresh connection, and how a POST to it must end.
struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let causes: Set<TransportError.Cause>
    let script: Script

    init(_ description: String, _ causes: Set<TransportError.Cause>, script: @escaping Script) {
        testDescription = description
        self.causes = causes
        self.script = script
    }

    static let all = [
        Fault("closes after reading", [.connectionLost]) { _ = try await $0.request() },
        Fault("resets after reading", [.connectionLost]) {
            _ = try await $0.request()
            try await $0.reset()
        },
        Fault("sends one byte and closes", [.connectionLost]) {
            _ = try await $0.request()
            try await $0.write("H")
        },
        Fault("cuts the headers", [.connectionLost]) {
            _ = try await $0.request()
            try await $0.write("HTTP/1.1 201 Created\r\nContent-Le")
        },
        Fault("cuts the body", [.connectionLost]) {
            _ = try await $0.request()
            try await $0.write("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"sid\":")
        },
        Fault("cuts a chunk", [.connectionLost]) {
            _ = try await $0.request()
            try await $0.write("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{\"sid\":")
        },
        Fault("speaks no HTTP", [.connectionLost]) {
            _ = try await $0.request()
            try await $0.write("220 mail.example ESMTP\r\n")
        },
        Fault("answers with an impossible status", [.connectionLost]) {
            _ = try await $0.request()
            try await $0.answer(status: "999 Strange")
        },
        Fault("stalls", [.timeout]) {
            _ = try await $0.request()
            try await $0.untilClosed()
        },
        Fault("stalls within the body", [.timeout]) {
            _ = try await $0.request()
            try await $0.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            try await $0.untilClosed()
        },
        Fault("announces too much", [.answerTooLarge]) {
            _ = try await $0.request()
            try await $0.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            try await $0.untilClosed()
        },
        Fault("sends too much", [.answerTooLarge]) {
            _ = try await $0.request()
            try await $0.write("HTTP/1.1 200 OK\r\n\r\n")
            for _ in 0..<1000 { try await $0.write(String(repeating: "x", count: 1000)) }
        },
        Fault("sends chunks without end", [.answerTooLarge]) {
            _ = try await $0.request()
            try await $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "fa0\r\n" + String(repeating: "x", count: 4000) + "\r\n"
            for _ in 0..<250 { try await $0.write(chunk) }
        },
        Fault("sends headers without end", [.answerTooLarge]) {
            _ = try await $0.request()
            try await $0.write("HTTP/1.1 200 OK\r\n")
            for number in 0..<100_000 { try await $0.write("X-\(number): y\r\n") }
        },
        Fault("sends one header without end", [.answerTooLarge, .connectionLost]) {
            _ = try await $0.request()
            try await $0.write("HTTP/1.1 200 OK\r\nX: ")
            for _ in 0..<1000 { try await $0.write(String(repeating: "x", count: 1000)) }
        },
        Fault("sends a trailer without end", [.answerTooLarge]) {
            _ = try await $0.request()
            try await $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
            for number in 0..<100_000 { try await $0.write("X-\(number): y\r\n") }
        },
        Fault("sends interim answers without end", [.answerTooLarge]) {
            _ = try await $0.request()
            for _ in 0..<100_000 { try await $0.write("HTTP/1.1 102 Processing\r\n\r\n") }
        },
        Fault("sends hints without end", [.answerTooLarge]) {
            _ = try await $0.request()
            let hint = "HTTP/1.1 103 Early Hints\r\nLink: <https://evil.example/>\r\n\r\n"
            for _ in 0..<100_000 { try await $0.write(hint) }
        },
        Fault("compresses its chunks", [.connectionLost]) {
            _ = try await $0.request()
            try await $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")
            try await $0.write(chunk: GzipBomb.bytes(inflatingTo: 8 << 20))
            try await $0.write("0\r\n\r\n")
        },
        Fault("compresses without chunks", [.connectionLost]) {
            _ = try await $0.request()
            try await $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: deflate\r\n\r\n")
            try await $0.write(chunk: GzipBomb.bytes(inflatingTo: 8 << 20))
        },
    ]
}

@Suite(.timeLimit(.minutes(1)))
struct FaultTests {
    @Test(arguments: Fault.all, [nil, ServerIdentity.localhost])
    func `a POST that meets a fault reached the vendor at most once and may have been sent`(
        fault: Fault,
        identity: ServerIdentity?
    ) async throws {
        let ledger = Ledger()
        let outcome = try await ScriptedServer(identity: identity, ledger: ledger, script: fault.script).serve {
            origin in
            try await withEngine { engine in
                var request = OutboundRequest.post(origin, timeout: .seconds(fault.causes == [.timeout] ? 3 : 30))
                request.maximumAnswerBytes = 50_000
                return await engine.outcome(request)
            }
        }
        let error = try #require(outcome.error)
        #expect(fault.causes.contains(error.cause), "\(error)")
        #expect(error.delivery == .maybeSent, "\(error)")
        #expect(ledger.requests.count <= 1)
        #expect(ledger.connections == 1)
    }

    @Test(arguments: [nil, ServerIdentity.localhost])
    func `a vendor that hangs up at once ends the request by the stage that it had reached`(
        identity: ServerIdentity?
    ) async throws {
        let ledger = Ledger()
        let outcome = try await ScriptedServer(identity: identity, ledger: ledger) { _ in }.serve { origin in
            try await withEngine { await $0.outcome(.post(origin)) }
        }
        let error = try #require(outcome.error)
        switch error.delivery {
        case .maybeSent: #expect(error.cause == .connectionLost)
        // The end came within the TLS handshake.
        case .notSent: #expect(identity != nil && [.tls, .connect].contains(error.cause), "\(error)")
        }
        #expect(ledger.connections == 1)
    }

    @Test
    func `an answer of exactly the limit is taken and one byte more is not`() async throws {
        let outcomes = try await ScriptedServer { peer in
            while let request = try await peer.request() {
                try await peer.answer(String(repeating: "x", count: request.target == "/1000" ? 1000 : 1001))
            }
        }.serve { origin in
            try await withEngine { engine in
                var outcomes: [Result<OutboundResponse, TransportError>] = []
                for path in ["/1000", "/1001"] {
                    var request = OutboundRequest.get(origin + path)
                    request.maximumAnswerBytes = 1000
                    outcomes.append(await engine.outcome(request))
                }
                return outcomes
            }
        }
        #expect(try outcomes[0].get().body.count == 1000)
        #expect(outcomes[1].error?.cause == .answerTooLarge)
    }

    @Test
    func `an answer that trickles is cut at the deadline`() async throws {
        let (outcome, duration) = try await ScriptedServer { peer in
            _ = try await peer.request()
            try await peer.write("HTTP/1.1 200 OK\r\n\r\n")
            while true {
                try await peer.write("x")
                // The pace of a slow sender, not a wait for something to have happened.
                try await Task.sleep(for: .milliseconds(10))
            }
        }.serve { origin in
            try await withEngine { engine in
                let began = ContinuousClock.now
                let outcome = await engine.outcome(.post(origin, timeout: .seconds(1)))
                return (outcome, ContinuousClock.now - began)
            }
        }
        #expect(outcome.error?.cause == .timeout)
        #expect(outcome.error?.delivery == .maybeSent)
        #expect(duration > .milliseconds(950))
        #expect(duration < .seconds(10))
    }

    @Test
    func `a refused connection and an unknown name mean not sent`() async throws {
        let closedPort = try await ScriptedServer { _ in }.serve { $0 }
        try await withEngine { engine in
            let refused = await engine.outcome(.post(closedPort)).error
            #expect(refused?.cause == .connect)
            #expect(refused?.delivery == .notSent)
            let unknown = await engine.outcome(.post("https://no-such-host.invalid/")).error
            #expect(unknown?.cause == .nameResolution)
            #expect(unknown?.delivery == .notSent)
        }
    }

    @Test
    func `a request that waits for a connection times out unsent while another one stalls`() async throws {
        let ledger = Ledger()
        var configuration = CurlConfiguration()
        configuration.maximumConnectionsPerHost = 1
        let (arrived, hasArrived) = AsyncStream.makeStream(of: Void.self)
        let queued = try await ScriptedServer(ledger: ledger) { peer in
            while try await peer.request() != nil { hasArrived.yield() }
        }.serve { origin in
            try await withEngine(configuration) { engine in
                async let _ = engine.outcome(.post(origin, timeout: .seconds(50)))
                for await _ in arrived { break }
                let queued = await engine.outcome(.post(origin, timeout: .milliseconds(200)))
                // Leaving the scope cancels the one that stalls.
                return queued
            }
        }
        #expect(queued.error?.cause == .timeout)
        #expect(queued.error?.delivery == .notSent)
        #expect(ledger.requests.count == 1)
    }

    @Test
    func `other requests go on while one vendor floods and another stalls`() async throws {
        let hostile: Script = { peer in
            while let request = try await peer.request() {
                switch request.target {
                case "/flood":
                    try await peer.write("HTTP/1.1 200 OK\r\n\r\n")
                    while true { try await peer.write(String(repeating: "x", count: 60_000)) }
                case "/stall": try await peer.untilClosed()
                default: try await peer.answer()
                }
            }
        }
        let statuses = try await ScriptedServer(script: hostile).serve { origin in
            try await withEngine { engine in
                async let flood = engine.outcome(.get("\(origin)/flood"))
                async let stall = engine.outcome(.get("\(origin)/stall", timeout: .seconds(1)))
                var statuses: [Int?] = []
                for _ in 0..<50 { statuses.append(await engine.outcome(.get("\(origin)/good")).status) }
                #expect(await flood.error?.cause == .answerTooLarge)
                #expect(await stall.error?.cause == .timeout)
                return statuses
            }
        }
        #expect(statuses == Array(repeating: 200, count: 50))
    }

    @Test
    func `failures leave no file descriptor behind`() async throws {
        try await ScriptedServer { peer in
            guard let request = try await peer.request() else { return }
            if request.target == "/reset" { try await peer.reset() }
            if request.target == "/stall" { try await peer.untilClosed() }
        }.serve { origin in
            try await withEngine { engine in
                @Sendable func fail() async {
                    for path in ["/close", "/reset", "/stall"] {
                        let outcome = await engine.outcome(.post(origin + path, timeout: .milliseconds(50)))
                        #expect(outcome.error != nil)
                    }
                }
                await fail()
                await withTaskGroup { group in
                    for _ in 0..<50 { group.addTask { await fail() } }
                }
                // The client's sockets to this server are known by their peer's port, whatever other tests have open.
                let left = try openSockets(to: origin)
                #expect(left.isEmpty)
            }
        }
    }
}

/// Inode numbers of this process's sockets that are connected to the server at `origin`.
func openSockets(to origin: String) throws -> [String] {
    let port = try #require(origin.split(separator: ":").last.flatMap { UInt16($0) })
    let remote = String(format: "0100007F:%04X", port)
    let table = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
    var inodes: [String] = []
    for line in table.split(separator: "\n") {
        let fields = line.split(separator: " ")
        if fields.count > 9, fields[2] == remote { inodes.append(String(fields[9])) }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
    }
    return inodes.filter { names.contains("socket:[\($0)]") }
}
