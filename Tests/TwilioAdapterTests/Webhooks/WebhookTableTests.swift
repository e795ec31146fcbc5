import CallDomain
import TestSupport
import Testing

@testable import TwilioAdapter

/// Hostile and broken webhooks, each judged as the gateway judges it: first the signature, then the content.
@Suite("The table of hostile webhooks")
struct WebhookTableTests {
    enum Verdict: Equatable {
        /// 403.
        case refused
        /// 204, no effect.
        case useless(UselessWebhook)
        case status(CallStatus)
    }

    private static let account = "ACe268443e43d93dab7ebef303bbe9642f"
    private static let url =
        "https://gw.example.com/webhooks/twilio/status?call=call_01jd9z7q0v3r2m8k4t6w5x1y0a"
    private static let token = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
    private static let genuine =
        "AccountSid=\(account)&CallSid=CA70b67b8ba3a1ea14303d73e67e24f7b0&CallStatus=ringing&SequenceNumber=1"
        + "&From=%2B12025550143&To=%2B12125550187&Direction=outbound-api&ApiVersion=2010-04-01&CallerName="

    private func form(_ body: String) throws -> FormParameters {
        try #require(FormParameters(form: Array(body.utf8)))
    }

    private func signature(_ body: String, url: String = url, token: String = token) throws -> String {
        VerificationKey(Secret(token)).signature(url: url, tail: try form(body).signedText)
    }

    private func judge(
        _ body: String,
        signature: String,
        tokens: [String] = [token],
        kind: TwilioWebhook.Kind = .status
    ) throws -> Verdict {
        let parameters = try form(body)
        let verifier = WebhookVerifier(authTokens: tokens.map { Secret($0) })
        guard verifier.accepts(signature: signature, url: Self.url, body: .form(parameters)) else { return .refused }
        let account = try #require(AccountSid(Self.account))
        let query = Self.url.split(separator: "?").last
        switch TwilioWebhook.read(kind, query: query, form: parameters, account: account) {
        case .foreignAccount: return .refused
        case .useless(let reason): return .useless(reason)
        case .useful(let webhook): return .status(try #require(webhook.fact.status))
        }
    }

    @Test("The genuine message is taken, with and without the port of https")
    func takesTheGenuine() throws {
        #expect(try judge(Self.genuine, signature: signature(Self.genuine)) == .status(.ringing))
        let withPort = Self.url.replacing("example.com/", with: "example.com:443/")
        #expect(try judge(Self.genuine, signature: signature(Self.genuine, url: withPort)) == .status(.ringing))
    }

    @Test(
        "A message that was signed for another address is refused",
        arguments: [
            ("https:", "http:"), ("example.com/", "example.com:8443/"), ("example.com/", "example.com:80/"),
            ("example.com/", "example.com:/"), ("example.com/", "example.com:0443/"), ("gw.", "gw2."), ("gw.", "GW."),
            ("/status", "/voice"), ("/status", "/status/"), ("/webhooks", "//webhooks"), ("?call=", "?Call="),
            ("?call=", "?&call="), ("1y0a", "1y0b"), ("https://", "https://x@"), ("?call", "%3fcall"),
        ]
    )
    func refusesOtherAddresses(old: String, new: String) throws {
        let other = Self.url.replacing(old, with: new)
        try #require(other != Self.url)
        #expect(try judge(Self.genuine, signature: signature(Self.genuine, url: other)) == .refused)
    }

    @Test("A message without its signature, or with more than it, is refused")
    func refusesOtherSignatures() throws {
        let good = try signature(Self.genuine)
        for text in [
            "", " ", "\(good),\(good)", "\(good), \(good)", "x,\(good)", "\(good);", good.lowercased(),
            String(repeating: "A", count: 1 << 20), String(repeating: "\(good),", count: 10_000),
            "sha1=\(good)", "Bearer \(good)", good.replacing("=", with: "%3D"), good + "\u{0}",
        ] {
            #expect(try judge(Self.genuine, signature: text) == .refused, "\(text.prefix(80))")
        }
        // The last character carries bits that do not count when it is decoded.
        let last = try #require(good.dropLast().last)
        for character in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" where character != last {
            #expect(try judge(Self.genuine, signature: good.dropLast(2) + "\(character)=") == .refused)
        }
    }

    @Test("A genuine signature is good for its own bytes only")
    func refusesChangedBodies() throws {
        let good = try signature(Self.genuine)
        for body in [
            String(Self.genuine.dropLast()) + "x", Self.genuine + "x", Self.genuine + "&x", Self.genuine + "&x=1",
            Self.genuine.replacing("ringing", with: "completed"), Self.genuine.replacing("%2B", with: "+"),
            Self.genuine.replacing("SequenceNumber=1", with: "SequenceNumber=2"), "",
        ] {
            #expect(try judge(body, signature: good) == .refused, "\(body)")
        }
    }

    @Test("Only a token in use signs, and an empty one never does")
    func knowsItsTokens() throws {
        let retired = "00112233445566778899aabbccddeeff"
        let byRetired = try signature(Self.genuine, token: retired)
        #expect(try judge(Self.genuine, signature: byRetired) == .refused)
        #expect(try judge(Self.genuine, signature: byRetired, tokens: [Self.token, retired]) == .status(.ringing))
        for token in ["", " ", Self.token.uppercased(), Self.token + "\n", String(Self.token.dropLast())] {
            let signed = try signature(Self.genuine, token: token)
            #expect(try judge(Self.genuine, signature: signed) == .refused, "\(token.debugDescription)")
        }
        #expect(try judge(Self.genuine, signature: signature(Self.genuine, token: ""), tokens: [""]) == .refused)
        #expect(try judge(Self.genuine, signature: signature(Self.genuine), tokens: []) == .refused)
    }

    @Test(
        "What is signed and makes no sense has no effect",
        arguments: [
            ("&CallStatus=completed", .useless(.repeatedParameter)),
            ("&CallStatus=ringing", .useless(.repeatedParameter)),
            ("&CallStatus=", .useless(.repeatedParameter)), ("&CallStatus", .useless(.repeatedParameter)),
            ("&Call%53tatus=completed", .useless(.repeatedParameter)),
            ("&CallSid=CA00000000000000000000000000000000", .useless(.repeatedParameter)),
            ("&AccountSid=AC00000000000000000000000000000000", .refused),
            ("&CallStatus%00=completed", .useless(.shiftedParameter)), ("&callstatus=completed", .status(.ringing)),
            ("&CallStatus%20=completed", .useless(.shiftedParameter)),
            ("&Ca%E2%80%8BllStatus=completed", .status(.ringing)),
        ] as [(String, Verdict)]
    )
    func judgesAdditions(addition: String, verdict: Verdict) throws {
        let body = Self.genuine + addition
        #expect(try judge(body, signature: signature(body)) == verdict)
    }

    @Test(
        "A status that is none of Twilio's has no effect",
        arguments: [
            "teleported", "", "COMPLETED", "Ringing", "ringing%00", "%20ringing", "ringing%0d%0a", "r%C4%B1nging",
        ]
    )
    func refusesUnknownStatuses(status: String) throws {
        let body = Self.genuine.replacing("CallStatus=ringing", with: "CallStatus=\(status)")
        #expect(try judge(body, signature: signature(body)) == .useless(.unknownStatus))
    }

    @Test(
        "Genuine oddities pass",
        arguments: [
            "+padded+", "A+B%2BC", "Zoë 💥", "Zo%C3%AB+%F0%9F%92%A5", "&ZzNew=1", "&=", "&&", "&ZzEmpty", "%",
            "&%5B%5D=1", "&Zz[]=1&Zz[a]=2", "%EF%BB%BF", "%E2%80%AE", "%00", "%0D%0A",
        ]
    )
    func takesOddities(end: String) throws {
        let body = Self.genuine + end
        #expect(try judge(body, signature: signature(body)) == .status(.ringing))
    }

    @Test("A thousand parameters that nobody knows pass")
    func takesManyParameters() throws {
        let extra = (0..<1000).map { "&p\($0)=v" }.joined()
        #expect(try judge(Self.genuine + extra, signature: signature(Self.genuine + extra)) == .status(.ringing))
    }

    @Test("The largest forms that are read are judged in time that grows with their size alone")
    func bearsTheLargest() throws {
        let limit = 64 << 10
        for piece in ["&", "=", "&=", "&a", "&a=", "C", "+", "%", "%41", "&CallSid=", "&Call", "&\u{E9}=\u{E9}"] {
            let rest = String(repeating: piece, count: (limit - Self.genuine.utf8.count) / piece.utf8.count)
            let body = Self.genuine + rest
            let signature = try signature(body)
            // Ten times what anything takes on a busy machine; a quadratic reading would take minutes.
            let cost = try ContinuousClock().measure { _ = try judge(body, signature: signature) }
            #expect(cost < .seconds(30), "\(piece)")
            #expect(try judge(body, signature: "x" + signature.dropFirst()) == .refused)
        }
    }

    @Test("A message that is told twice, now or in a month, is one event")
    func isIdempotent() throws {
        let parameters = try form(Self.genuine)
        let account = try #require(AccountSid(Self.account))
        let query = Self.url.split(separator: "?").last
        guard case .useful(let webhook) = TwilioWebhook.read(.status, query: query, form: parameters, account: account)
        else {
            Issue.record("not read")
            return
        }
        let id = try #require(webhook.claimed)
        var history = CallHistory(id: id)
        history.merge(CallEvent(callID: id, receivedAt: Timestamp(milliseconds: 1_795_000_000_000), fact: webhook.fact))
        let first = history.folded
        for day in [0, 1, 30] as [Int64] {
            let later = Timestamp(milliseconds: 1_795_000_000_000 + day * 86_400_000)
            history.merge(CallEvent(callID: id, receivedAt: later, fact: webhook.fact))
            #expect(history.folded == first)
        }
    }
}
