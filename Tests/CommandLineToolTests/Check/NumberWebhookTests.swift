import TestSupport
import Testing
import TwilioAdapter

@testable import CommandLineTool

private let base = "https://voice.example.com/gw"
private let voiceURL = "https://voice.example.com/gw/webhooks/twilio/voice"
private let fallbackURL = "https://voice.example.com/gw/webhooks/twilio/fallback"
private let statusURL = "https://voice.example.com/gw/webhooks/twilio/status"

private func number(_ change: (inout OwnedPhoneNumber) -> Void = { _ in }) -> OwnedPhoneNumber {
    var number = OwnedPhoneNumber(
        voice: .init(url: voiceURL, method: "POST"),
        fallback: .init(url: fallbackURL, method: "POST"),
        status: .init(url: statusURL, method: "POST")
    )
    change(&number)
    return number
}

private func findings(_ number: OwnedPhoneNumber, hasAgent: Bool = true) -> [Finding] {
    NumberWebhooks(
        number,
        urls: WebhookURLs(publicBaseURL: base),
        publicBaseURL: base,
        hasAgent: hasAgent
    ).findings
}

/// A number that is set up wrongly, how bad that is, and words of the cure.
struct WrongNumber: Sendable {
    let outcome: Finding.Outcome
    let words: [String]
    let change: @Sendable (inout OwnedPhoneNumber) -> Void

    init(_ outcome: Finding.Outcome, _ words: String..., change: @escaping @Sendable (inout OwnedPhoneNumber) -> Void) {
        (self.outcome, self.words, self.change) = (outcome, words, change)
    }

    static let all: [WrongNumber] = [
        .init(.failed, "no URL for calls", "A call comes in to \(voiceURL), HTTP POST") { $0.voice.url = nil },
        .init(.failed, "go to https://demo.twilio.com", voiceURL) {
            $0.voice.url = "https://demo.twilio.com/welcome/voice/"
        },
        .init(.failed, "go to https://other.example.com:", voiceURL) {
            $0.voice.url = "https://user:secret@other.example.com/voice?token=secret"
        },
        .init(.failed, "wrong path", voiceURL) { $0.voice.url = base + "/voice" },
        .init(.failed, "wrong path", voiceURL) { $0.voice.url = statusURL },
        .init(.failed, "wrong path", voiceURL) { $0.voice.url = voiceURL + "/" },
        .init(.failed, "wrong path", voiceURL) { $0.voice.url = voiceURL + "?call=call_1" },
        .init(.failed, "go to http://voice.example.com", voiceURL) {
            $0.voice.url = "http://voice.example.com/gw/webhooks/twilio/voice"
        },
        .init(.warning, "HTTP GET", "HTTP POST") { $0.voice.method = "GET" },
        .init(.warning, "without a fallback", fallbackURL) { $0.fallback.url = nil },
        .init(.failed, "wrong path", fallbackURL) { $0.fallback.url = voiceURL },
        .init(.failed, "refuses HTTP GET for Primary handler fails") { $0.fallback.method = "GET" },
        .init(.failed, "is not reported", statusURL) { $0.status.url = nil },
        .init(.failed, "is not reported here, but to https://other.example.com", statusURL) {
            $0.status.url = "https://other.example.com/status"
        },
        .init(.failed, "wrong path", statusURL) { $0.status.url = base + "/webhooks/twilio/stats" },
        .init(.failed, "refuses HTTP GET for Call status changes") { $0.status.method = "GET" },
        .init(.failed, "TwiML app AP1", voiceURL) { $0.applicationSid = "AP1" },
        .init(.failed, "SIP trunk TK1") { $0.trunkSid = "TK1" },
        .init(.failed, "receives fax") { $0.receiveMode = "fax" },
    ]
}

@Suite struct `The webhooks of the number at Twilio` {
    @Test(arguments: [
        voiceURL, voiceURL + "#rc=2", "HTTPS://Voice.Example.com:443/gw/webhooks/twilio/voice",
        voiceURL + "?tenant=1",
    ])
    func `are right where they lead here`(url: String) {
        let found = findings(number { $0.voice.url = url })
        #expect(found.map(\.outcome) == [.ok])
    }

    @Test func `may have their fallback elsewhere`() {
        #expect(findings(number { $0.fallback.url = "https://handler.example.com/bin" }).map(\.outcome) == [.ok])
    }

    @Test(arguments: WrongNumber.all)
    func `are called by what is wrong, with what to set`(wrong: WrongNumber) {
        let found = findings(number(wrong.change))
        #expect(found.map(\.outcome) == [wrong.outcome], "\(found)")
        for words in wrong.words { #expect(found.first?.text.contains(words) == true, "\(found)") }
        #expect(found.first?.text.contains("secret") == false)
    }

    @Test(arguments: WrongNumber.all)
    func `fail nothing where nobody is to answer callers`(wrong: WrongNumber) {
        #expect(findings(number(wrong.change), hasAgent: false).allSatisfy { $0.outcome != .failed })
    }

    @Test func `that lead here without an agent for callers are said to be rejected`() throws {
        let found = try #require(findings(number(), hasAgent: false).first)
        #expect(found.outcome == .ok && found.text.contains("INBOUND_AGENT_ID is not set"))
    }

    @Test func `are all told of at once`() {
        let found = findings(number { ($0.voice.url, $0.fallback.url, $0.status.url) = (nil, nil, nil) })
        #expect(found.map(\.outcome) == [.failed, .warning, .failed])
    }

    @Test func `are nobody's business where calls go elsewhere and no agent answers`() {
        let found = findings(number { $0.voice.url = "https://other.example.com/" }, hasAgent: false)
        #expect(found.map(\.outcome) == [.ok])
    }
}
