import CallDomain
import HTTPTypes
import OutboundHTTP
import Testing
import UltravoxAdapter

/// What an outcome of a request means, for every kind of outcome.
@Suite struct ClassificationTests {
    @Test(arguments: [
        TransportError.Cause.invalidRequest, .nameResolution, .connect, .forbiddenAddress, .tls, .timeout,
        .connectionLost,
        .answerTooLarge,
        .cancelled, .stopped,
    ])
    func `what cannot have left was not sent, what may have left is unclear`(_ cause: TransportError.Cause) async throws
    {
        let notSent = try await createFailure(.fault(.notSent, cause))
        guard case .notSent(.ultravox, let reason) = notSent else { throw notSent }
        #expect(!reason.contains("192.0.2.7"))
        let maybeSent = try await createFailure(.fault(.maybeSent, cause))
        #expect(maybeSent == .unclear(.ultravox, status: nil, reason: reason))
    }

    @Test(arguments: [400, 401, 402, 403, 404, 409, 410, 422, 425, 499])
    func `4xx is a refusal in the vendor's words`(_ status: Int) async throws {
        let failure = try await createFailure(.answer(status, #"{"detail":"No."}"#))
        #expect(failure == .refused(.ultravox(status, "No.")))
    }

    @Test(arguments: [
        ("7", Duration.seconds(7)), ("0", .zero), ("Mon, 20 Jul 2026 15:00:09 GMT", .seconds(9)),
        ("Mon, 20 Jul 2026 14:00:00 GMT", .zero), ("86400", .seconds(86_400)), ("86401", nil), ("999999999", nil),
        ("Wed, 22 Jul 2026 15:00:00 GMT", nil), ("soon", nil), ("-1", nil),
        ("+5", nil), ("1.5", nil), ("", nil), ("99999999999999999999", nil),
    ])
    func `429 asks to wait`(_ header: String, _ wait: Duration?) async throws {
        let failure = try await createFailure(.answer(429, #"{"detail":"Slow down."}"#, [.retryAfter: header]))
        let refusal = VendorRefusal.ultravox(429, "Slow down.")
        #expect(failure == .throttled(refusal, retryAfter: wait))
    }

    @Test func `429 without advice is throttled too`() async throws {
        let failure = try await createFailure(.answer(429, #"{"detail":"Slow down."}"#))
        guard case .throttled(_, nil) = failure else { throw failure }
    }

    @Test func `503 means that nothing was created if it says when to come back`() async throws {
        let body = #"{"detail":"No capacity."}"#
        let told = try await createFailure(.answer(503, body, [.retryAfter: "3"]))
        guard case .throttled(let refusal, .seconds(3)) = told else { throw told }
        #expect(refusal.status == 503)
        for headers in [[:], [.retryAfter: "later"]] as [HTTPFields] {
            let failure = try await createFailure(.answer(503, body, headers))
            #expect(failure == .unclear(.ultravox, status: 503, reason: "HTTP 503"))
        }
    }

    @Test func `503 of anything but creating a call is unclear`() async throws {
        let rig = try ClientRig(.answer(503, #"{"detail":"No capacity."}"#, [.retryAfter: "3"]))
        let failure = try await failure { () throws(VendorFailure) in try await rig.client.deleteAgent(rig.agentID) }
        #expect(failure == .unclear(.ultravox, status: 503, reason: "HTTP 503"))
    }

    @Test(arguments: [500, 501, 502, 504, 599])
    func `5xx is unclear, and its body is nobody's business`(_ status: Int) async throws {
        let failure = try await createFailure(.answer(status, "<html>Traceback: secret</html>"))
        #expect(failure == .unclear(.ultravox, status: status, reason: "HTTP \(status)"))
    }

    @Test(arguments: [301, 302, 304, 307, 600])
    func `a redirect is not followed and makes no sense`(_ status: Int) async throws {
        let failure = try await createFailure(.answer(status, "", [.location: "https://evil.example/"]))
        guard case .nonsense(.ultravox, status, let reason) = failure else { throw failure }
        #expect(!reason.contains("evil"))
    }

    @Test func `secrets that the vendor quotes do not come through`() async throws {
        let secret = UltravoxClient.callbackSecret(apiKey: Secret(ClientRig.apiKey)).exposed
        let body = #"{"detail":"key \#(ClientRig.apiKey) with \#(secret) is bad"}"#
        let failure = try await createFailure(.answer(400, body))
        #expect(failure.reason == "key [redacted] with [redacted] is bad")
    }

    @Test func `nothing is sent twice`() async throws {
        for outcome in [.fault(.notSent, .connect), .answer(500), .answer(429)] as [ScriptedUltravox.Outcome] {
            let rig = try ClientRig(outcome, .answer(201, ClientRig.call()))
            let request = try rig.callRequest()
            _ = try await failure { () throws(VendorFailure) in try await rig.client.createAgentCall(request) }
            #expect(rig.transport.requests.count == 1)
        }
    }

    private func createFailure(_ outcome: ScriptedUltravox.Outcome) async throws -> VendorFailure {
        let rig = try ClientRig(outcome)
        let request = try rig.callRequest()
        return try await failure { () throws(VendorFailure) in try await rig.client.createAgentCall(request) }
    }
}
