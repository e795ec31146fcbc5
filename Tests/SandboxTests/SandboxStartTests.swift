import CurlTransport
import Logging
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `A sandbox whose port is taken` {
    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func `ends with that error, and tells it to who waits for its addresses`(isTwilios: Bool) async throws {
        try await withSandbox { rig in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let taken = try #require(rig.addresses.twilio.split(separator: ":").last.flatMap { Int($0) })
            var configuration = SandboxRig.configuration
            if isTwilios { configuration.twilioPort = taken } else { configuration.ultravoxPort = taken }
            let second = Sandbox(configuration: configuration, transport: rig.client, logger: logger)
            async let addresses = second.addresses()
            await #expect(throws: (any Error).self) { try await second.run() }
            do {
                _ = try await addresses
                Issue.record("the addresses of a sandbox that did not start were told")
            } catch {}
        }
    }
}
