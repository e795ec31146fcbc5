import Testing

@testable import CommandLineTool

@Suite struct `Text of others` {
    private func shown(_ text: String) throws -> String {
        let settings = try SettingsRig.load([
            "ULTRAVOX_WEBHOOK_SECRETS": "one-webhook-secret-of-ours",
            "TWILIO_API_KEY_SID": "SK5f0c1b7de1a94c7fb1d9a7c4e0b2d836",
            "TWILIO_API_KEY_SECRET": "the-secret-of-an-api-key",
            "UPSTREAM_PROXY": "http://me:proxy-password@proxy.example.com:3128",
        ])
        return SafeText(settings)(text)
    }

    @Test(arguments: [
        SettingsRig.authToken, SettingsRig.ultravoxAPIKey, SettingsRig.apiKey, "one-webhook-secret-of-ours",
        "the-secret-of-an-api-key", "http://me:proxy-password@proxy.example.com:3128",
    ])
    func `does not show a secret of ours that it quotes`(secret: String) throws {
        #expect(try shown("no such key: \(secret)!") == "no such key: [redacted]!")
    }

    @Test func `cannot move the cursor, turn the line round or begin another`() throws {
        #expect(try shown("a\u{1B}[2J\r\nok  all\u{202E} is\u{2028}well\u{0}\u{9B}") == "a [2J  ok  all  is well  ")
    }

    @Test func `keeps its letters and has an end`() throws {
        #expect(try shown("Zoë – “ü” 東京") == "Zoë – “ü” 東京")
        #expect(try shown(String(repeating: "x", count: 5000)).count == 1001)
    }
}
