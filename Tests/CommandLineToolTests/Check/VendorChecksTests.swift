import CallDomain
import FoundationEssentials
import Logging
import OutboundHTTP
import TestSupport
import Testing

@testable import CommandLineTool

@Suite struct `A vendor that cannot be reached` {
    /// What is found where every request fails like this.
    private func findings(
        _ error: TransportError,
        _ variables: [String: String] = [:]
    ) async throws -> [Finding] {
        let checks = VendorChecks(
            settings: try SettingsRig.load(variables),
            transport: ScriptedAnswers { _ in .failure(error) },
            clock: FixedClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        return await checks.findings().filter { ["Twilio", "Ultravox"].contains($0.name) }
    }

    @Test func `because its TLS is not trusted leads to the setting that adds certificates`() async throws {
        let error = TransportError(.tls, "curl 60: SSL certificate problem: self-signed certificate")
        let file = Fixture.root.appending(path: "tls/ca.pem").path
        let with = try await findings(error, ["UPSTREAM_CA_FILE": file])
        #expect(with.count == 2)
        #expect(with.allSatisfy { $0.outcome == .failed && $0.text.contains("whether UPSTREAM_CA_FILE holds") })
        let without = try await findings(error)
        #expect(without.count == 2)
        #expect(without.allSatisfy { $0.outcome == .failed && $0.text.contains("set UPSTREAM_CA_FILE") })
    }

    @Test func `for another reason has nothing to do with certificates`() async throws {
        let found = try await findings(TransportError(.connect))
        #expect(found.count == 2)
        #expect(found.allSatisfy { $0.text.contains("UPSTREAM_PROXY") && !$0.text.contains("UPSTREAM_CA_FILE") })
    }
}
