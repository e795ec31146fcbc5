import CallDomain
import Foundation
import Testing

@testable import CommandLineTool

@Suite struct `What the stand-ins tell to put into a gateway's .env` {
    @Test func `starts a gateway`() throws {
        let credentials = SandboxCredentials(environment: [:])
        let advice = credentials.advice(twilio: "http://127.0.0.1:9001", ultravox: "http://127.0.0.1:9002")
        let lines = advice.split(separator: "\n")
        #expect(lines.allSatisfy { $0.hasPrefix("# ") })
        var environment: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.dropFirst(2).split(separator: "=", maxSplits: 1)
            environment[String(parts[0])] = String(try #require(parts.last))
        }
        let settings = try Settings.load(environment: environment, workingDirectory: nil)
        #expect(settings.twilioBaseURL == "http://127.0.0.1:9001")
        #expect(settings.accountSid.text == credentials.accountSid)
    }

    @Test func `does not repeat what the environment gave`() {
        let credentials = SandboxCredentials(environment: ["TWILIO_AUTH_TOKEN": "0123456789abcdef0123456789abcdef"])
        #expect(!credentials.advice(twilio: "", ultravox: "").contains("0123456789abcdef"))
    }
}
