import CallDomain
import HTTPTypes
import OutboundHTTP
import Testing

@testable import TwilioAdapter

@Suite("What became of a request, by could it have left")
struct ClassificationTests {
    private func failure(_ answer: Result<OutboundResponse, TransportError>) async throws -> VendorFailure? {
        let rig = try ClientRig(answer)
        do {
            _ = try await rig.client.createCall(rig.request)
            return nil
        } catch {
            #expect(rig.transport.requests.count == 1)
            return error
        }
    }

    @Test(
        "What never left was not sent",
        arguments: [
            .invalidRequest, .nameResolution, .connect, .forbiddenAddress, .tls, .timeout, .cancelled, .stopped,
        ]
            as [TransportError.Cause]
    )
    func notSent(cause: TransportError.Cause) async throws {
        guard case .notSent(.twilio, let reason) = try await failure(.fault(.notSent, cause)) else {
            Issue.record("\(cause)")
            return
        }
        #expect(!reason.isEmpty && !reason.contains("10.0.0.7"))
    }

    @Test(
        "What may have left is unclear",
        arguments: [.tls, .timeout, .connectionLost, .answerTooLarge, .cancelled, .stopped] as [TransportError.Cause]
    )
    func maybeSent(cause: TransportError.Cause) async throws {
        guard case .unclear(.twilio, nil, let reason) = try await failure(.fault(.maybeSent, cause)) else {
            Issue.record("\(cause)")
            return
        }
        #expect(!reason.isEmpty && !reason.contains("10.0.0.7"))
    }

    @Test("A server error is unclear", arguments: [500, 502, 503, 504, 599])
    func serverErrors(status: Int) async throws {
        let failure = try await failure(.answer(status, #"{"code":20500,"message":"internal"}"#))
        #expect(failure == .unclear(.twilio, status: status, reason: "Twilio answered \(status)"))
    }

    @Test(
        "An answer that is no created call of ours makes no sense",
        arguments: [
            (200, ClientRig.call()), (202, ClientRig.call()), (204, ""), (301, ClientRig.call()), (302, ""), (307, ""),
            (201, ""), (201, "<html/>"), (201, "{}"), (201, "[]"), (201, "null"), (201, #"{"sid":"#),
            (201, ClientRig.call(sid: "\"CA123\"")), (201, ClientRig.call(sid: "null")),
            (201, ClientRig.call(sid: "7")),
            (201, ClientRig.call(sid: "\"MZ70b67b8ba3a1ea14303d73e67e24f7b0\"")),
            (201, ClientRig.call(status: "\"teleported\"")), (201, ClientRig.call(status: "null")),
            (201, ClientRig.call(account: "\"AC00000000000000000000000000000000\"")),
            (201, ClientRig.call(account: "7")),
            (201, ClientRig.call(more: ",\"sid\":\"CA00000000000000000000000000000000\"")),
        ]
    )
    func nonsense(status: Int, body: String) async throws {
        guard case .nonsense(.twilio, status, _) = try await failure(.answer(status, body)) else {
            Issue.record("\(status) \(body)")
            return
        }
    }

    @Test("A created call is read leniently")
    func readsCalls() async throws {
        let plain = try ClientRig(
            .answer(201, ClientRig.call(account: "null", more: #","to":7,"duration":null,"x":[]"#))
        )
        #expect(try await plain.client.createCall(plain.request) == TwilioCall(callSid: plain.callSid, status: .queued))
        let full = try ClientRig(
            .answer(
                200,
                ClientRig.call(
                    status: "\"completed\"",
                    more: #"""
                        ,"to":"+12125550187","from":"+12025550143","direction":"outbound-api","duration":"47","answered_by":"human",
                        "start_time":"Sun, 22 Nov 2026 11:46:05 +0000","end_time":"Sun, 22 Nov 2026 11:46:52 +0000","price":null
                        """#
                )
            )
        )
        let expected = TwilioCall(
            callSid: full.callSid,
            status: .completed,
            from: "+12025550143",
            to: "+12125550187",
            direction: .outbound,
            duration: 47,
            answeredBy: "human",
            startedAt: Timestamp(iso8601: "2026-11-22T11:46:05Z"),
            endedAt: Timestamp(iso8601: "2026-11-22T11:46:52Z")
        )
        #expect(try await full.client.call(full.callSid) == expected)
    }

    @Test("A look-up that brings another call makes no sense")
    func refusesOtherCalls() async throws {
        let rig = try ClientRig(.answer(200, ClientRig.call(sid: "\"CA00000000000000000000000000000000\"")))
        let failure = await #expect(throws: VendorFailure.self) { try await rig.client.call(rig.callSid) }
        guard case .nonsense = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    private func refusal(_ status: Int, _ body: String) async throws -> VendorRefusal? {
        guard case .refused(let refusal) = try await failure(.answer(status, body)) else { return nil }
        return refusal
    }

    @Test("A refusal that quotes our credentials or a number is told without them")
    func withholdsSecrets() async throws {
        let message = "+14155550123 (+1 not) with 12345 is not valid"
        let refusal = try #require(try await refusal(400, #"{"code":21211,"message":"\#(message)","status":400}"#))
        #expect(refusal.message == "…0123 (+1 not) with [redacted] is not valid")
    }

    @Test("A refusal keeps Twilio's words")
    func keepsRefusals() async throws {
        let page = "https://www.twilio.com/docs/errors/21211"
        let body = #"{"code":21211,"message":"The 'To' number +1 is not valid.","more_info":"\#(page)","status":400}"#
        let expected = VendorRefusal(
            vendor: .twilio,
            status: 400,
            code: 21211,
            message: "The 'To' number +1 is not valid.",
            moreInfo: page,
            meaning: TwilioRefusals.table[21211]
        )
        #expect(try await refusal(400, body) == expected)
    }

    private static let somebodyElses = [
        "", "<html><body>Forbidden by proxy 10.0.0.7</body></html>", "null", "[]", "7", #"[{"code":21211}]"#,
    ]
    private static let withoutCode = [
        "{}", #"{"code":null,"message":null,"more_info":null}"#, #"{"message":""}"#, #"{"message":["x"],"code":{}}"#,
        #"{"message":"\u0000\u001b\u2028","more_info":"javascript:alert(1)"}"#, #"{"code":408,"message":""}"#,
        #"{"code":"timeout"}"#, #"{"error":{"code":21211}}"#,
    ]

    @Test("What is not in Twilio's words proves nothing, whatever its status", arguments: somebodyElses + withoutCode)
    func provesNothing(body: String) async throws {
        for status in [400, 404, 407, 408, 409, 418, 422, 429, 451, 499] {
            guard case .unclear(.twilio, status: status, let reason) = try await failure(.answer(status, body)) else {
                Issue.record("\(status) \(body)")
                return
            }
            #expect(!reason.contains("10.0.0.7"))
        }
        for status in [401, 403] where Self.somebodyElses.contains(body) {
            guard case .unclear = try await failure(.answer(status, body)) else {
                Issue.record("\(status) \(body)")
                return
            }
        }
    }

    @Test("401 and 403 as JSON are Twilio's own, even without a code", arguments: withoutCode)
    func wordsMissing(body: String) async throws {
        for status in [401, 403] {
            let refusal = try #require(try await refusal(status, body))
            #expect(refusal.code == nil && refusal.message == "Twilio answered \(status) without a reason")
            #expect(refusal.meaning.mistake == .account)
            #expect(refusal.meaning.advice.contains("TWILIO_AUTH_TOKEN"))
        }
    }

    @Test("A vendor's words are bounded and free of control characters")
    func boundsWords() async throws {
        let message = String(repeating: #"a\r\n\u001b[31m"#, count: 1000)
        let refusal = try #require(
            try await refusal(400, #"{"code":"21211","message":"\#(message)","more_info":"https://x/\#(message)"}"#)
        )
        #expect(refusal.code == 21211)
        for text in [refusal.message, try #require(refusal.moreInfo)] {
            #expect(text.unicodeScalars.count == 500)
            #expect(text.utf8.allSatisfy { $0 >= 0x20 })
        }
    }

    @Test(
        "429 asks to wait, as long as the wait makes sense",
        arguments: [
            (nil, .none), ("3", .seconds(3)), ("0", .seconds(0)), ("", .none), ("-1", .none), ("+1", .none),
            ("1.5", .none), ("soon", .none), ("99999999999", .none), ("86401", .none), ("３", .none),
            ("Sun, 22 Nov 2026 11:46:15 GMT", .seconds(10)), ("Sun, 22 Nov 2026 11:46:01 GMT", .seconds(0)),
            ("Sun, 22 Nov 2099 11:46:01 GMT", .none), ("Sunday, 22-Nov-26 11:46:15 GMT", .none),
        ] as [(String?, Duration?)]
    )
    func throttles(retryAfter: String?, wait: Duration?) async throws {
        var headers: HTTPFields = [.date: "Sun, 22 Nov 2026 11:46:05 GMT"]
        headers[.retryAfter] = retryAfter
        let answer = try await failure(.answer(429, #"{"code":20429,"message":"Too Many Requests"}"#, headers))
        let refusal = VendorRefusal(
            vendor: .twilio,
            status: 429,
            code: 20429,
            message: "Too Many Requests",
            meaning: TwilioRefusals.table[20429]
        )
        #expect(answer == .throttled(refusal, retryAfter: wait))
    }

    @Test("A date to wait for means nothing without the date of the answer")
    func needsADate() async throws {
        let headers: HTTPFields = [.retryAfter: "Sun, 22 Nov 2026 11:46:15 GMT"]
        guard case .throttled(_, nil) = try await failure(.answer(429, #"{"code":20429}"#, headers)) else {
            Issue.record("a wait was made up")
            return
        }
    }
}
