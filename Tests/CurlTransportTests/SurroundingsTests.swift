import CurlTransport
import Foundation
import Glibc
import HTTPTypes
import OutboundHTTP
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SurroundingsTests {
    /// In a process of its own: the environment belongs to all tests.
    @Test
    func `the environment's proxies are not consulted`() async {
        await #expect(processExitsWith: .success) {
            let canary = Ledger()
            let answer = try await ScriptedServer(ledger: canary) { _ = try await $0.request() }.serve { proxy in
                for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
                    setenv(name, proxy, 1)
                }
                return try await Wire.tls.withEcho { tls in
                    try await Wire.clear.withEcho { clear in
                        try await withEngine { engine in
                            (try await engine.send(.get(clear)).status, try await engine.send(.get(tls)).status)
                        }
                    }
                }
            }
            precondition(answer == (200, 200))
            precondition(canary.connections == 0)
        }
    }

    /// In a process of its own, for its environment.
    @Test
    func `no credentials come from a netrc file`() async {
        await #expect(processExitsWith: .success) {
            let home = FileManager.default.temporaryDirectory.appending(path: "home-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: home) }
            let file = home.appending(path: ".netrc")
            try Data("machine 127.0.0.1 login canary password canary\ndefault login a password b\n".utf8).write(
                to: file
            )
            for name in ["HOME", "CURL_HOME"] { setenv(name, home.path, 1) }
            setenv("NETRC", file.path, 1)
            let ledger = Ledger()
            _ = try await Wire.clear.withEcho(ledger: ledger) { origin in
                try await withEngine { try await $0.send(.get(origin)) }
            }
            precondition(ledger.requests.count == 1)
            precondition(ledger.requests[0].values("authorization").isEmpty)
        }
    }

    /// In a process of its own, for its environment.
    @Test
    func `no certificate is trusted because the environment names it`() async {
        await #expect(processExitsWith: .success) {
            let authority = Fixture.root.appending(path: "tls/ca.pem")
            for name in ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"] { setenv(name, authority.path, 1) }
            setenv("SSL_CERT_DIR", authority.deletingLastPathComponent().path, 1)
            let ledger = Ledger()
            let outcome = try await ScriptedServer(
                identity: .localhost,
                ledger: ledger
            ) { try await $0.untilClosed() }.serve { origin in
                try await withEngine(CurlConfiguration()) { await $0.outcome(.post(origin)) }
            }
            precondition(outcome.error?.cause == .tls && outcome.error?.delivery == .notSent)
            precondition(ledger.byteCount == 0)
        }
    }

    /// In a process of its own: how it treats signals belongs to all tests.
    @Test
    func `writing to a connection that is gone does not end the process`() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            let engine = try CurlEngine(logger: quietLogger)
            var ends: [Int32] = [0, 0]
            precondition(pipe(&ends) == 0)
            close(ends[0])
            precondition(write(ends[1], "x", 1) == -1 && errno == EPIPE)
            withExtendedLifetime(engine) {}
        }
    }

    @Test
    func `a configured proxy is asked for a tunnel and its refusal means not sent`() async throws {
        let ledger = Ledger()
        let outcome = try await ScriptedServer(ledger: ledger) { peer in
            while try await peer.request() != nil { try await peer.answer(status: "403 Forbidden") }
        }.serve { proxy in
            try await withEngine(CurlConfiguration(proxy: proxy)) { engine in
                await engine.outcome(.post("https://api.example.com/"))
            }
        }
        #expect(ledger.requests.map(\.method) == ["CONNECT"])
        #expect(ledger.requests.map(\.target) == ["api.example.com:443"])
        #expect(outcome.error?.cause == .connect)
        #expect(outcome.error?.delivery == .notSent)
    }

    @Test(arguments: ["", "proxy", "ftp://proxy", "http://", "http://user@", "http://pro xy"])
    func `what is no proxy stops the start`(proxy: String) {
        #expect(throws: CurlEngineError.self) {
            try CurlEngine(configuration: CurlConfiguration(proxy: proxy), logger: quietLogger)
        }
    }
}
