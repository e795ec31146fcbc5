import Testing

@testable import CommandLineTool

@Suite struct `A public address that is this machine's own` {
    @Test(arguments: [
        ("http://127.0.0.1:8080", "https://api.twilio.com", "http://localhost:4020", true),
        ("https://localhost", "https://api.twilio.com", "https://api.ultravox.ai", true),
        ("http://127.0.0.1:8080", "http://127.0.0.1:4010", "http://[::1]:4020", false),
        ("https://gw.example.com", "https://api.twilio.com", "https://api.ultravox.ai", false),
    ])
    func `is good for the sandbox alone`(base: String, twilio: String, ultravox: String, isWarnedOf: Bool) {
        let warnings = Settings.unreachable(base, vendors: [twilio, ultravox])
        #expect(warnings.contains { $0.contains("PUBLIC_BASE_URL") } == isWarnedOf)
    }
}
