import CurlTransport
import Foundation
import HTTPTypes
import OutboundHTTP
import TestSupport
import Testing

@testable import CurlTransport

@Suite(.timeLimit(.minutes(1)))
struct TrustTests {
    @Test(arguments: [ServerIdentity.untrusted, .wrongHost])
    func `a server that cannot prove who it is gets no byte of the request`(identity: ServerIdentity) async throws {
        let ledger = Ledger()
        let outcome = try await ScriptedServer(
            identity: identity,
            ledger: ledger
        ) { try await $0.untilClosed() }.serve { origin in
            try await withEngine { await $0.outcome(.post(origin)) }
        }
        #expect(outcome.error?.cause == .tls)
        #expect(outcome.error?.delivery == .notSent)
        #expect(ledger.connections == 1)
        #expect(ledger.byteCount == 0)
    }

    @Test
    func `an authority is not trusted unless it is configured`() async throws {
        let ledger = Ledger()
        let outcome = try await ScriptedServer(
            identity: .localhost,
            ledger: ledger
        ) { try await $0.untilClosed() }.serve { origin in
            try await withEngine(CurlConfiguration()) { await $0.outcome(.post(origin)) }
        }
        #expect(outcome.error?.cause == .tls)
        #expect(outcome.error?.delivery == .notSent)
        #expect(ledger.byteCount == 0)
    }

    @Test
    func `a TLS handshake that stalls times out unsent`() async throws {
        let outcome = try await ScriptedServer { try await $0.untilClosed() }.serve { origin in
            try await withEngine { engine in
                var request = OutboundRequest.post(origin.replacing("http:", with: "https:"))
                request.connectTimeout = .milliseconds(200)
                return await engine.outcome(request)
            }
        }
        #expect(outcome.error?.cause == .timeout)
        #expect(outcome.error?.delivery == .notSent)
    }

    @Test
    func `the file adds to the system's certificates`() throws {
        let authority = Fixture.root.appending(path: "tls/ca.pem")
        let system = FileManager.default.temporaryDirectory.appending(path: "bundle-\(UUID().uuidString).pem")
        try Data("system bundle\n".utf8).write(to: system)
        defer { try? FileManager.default.removeItem(at: system) }

        let certificates = try TrustedCertificates(additionalFile: authority.path, systemBundles: [system.path])
        defer { certificates.close() }
        let union = try String(contentsOfFile: #require(certificates.path), encoding: .utf8)
        #expect(union == (try String(contentsOf: authority, encoding: .utf8)) + "\nsystem bundle\n")
    }

    @Test
    func `a system without a bundle trusts the file alone`() throws {
        let authority = Fixture.root.appending(path: "tls/ca.pem").path
        let certificates = try TrustedCertificates(additionalFile: authority, systemBundles: ["/no/such/bundle"])
        defer { certificates.close() }
        #expect(
            try String(contentsOfFile: #require(certificates.path), encoding: .utf8)
                == String(contentsOfFile: authority, encoding: .utf8)
        )
        #expect(try TrustedCertificates(additionalFile: nil, systemBundles: ["/no/such/bundle"]).path == nil)
    }

    @Test
    func `a file without certificates stops the start`() throws {
        let readme = Fixture.root.appending(path: "tls/README.md").path
        #expect(throws: CurlEngineError.unusableCAFile(path: readme, reason: "holds no PEM certificate")) {
            try CurlEngine(configuration: CurlConfiguration(additionalCAFile: readme), logger: quietLogger)
        }
        #expect(throws: CurlEngineError.unusableCAFile(path: "/no/such/file", reason: "cannot be read")) {
            try CurlEngine(configuration: CurlConfiguration(additionalCAFile: "/no/such/file"), logger: quietLogger)
        }
    }
}
