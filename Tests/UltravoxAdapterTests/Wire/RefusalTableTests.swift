import CallDomain
import HTTPTypes
import OutboundHTTP
import TestSupport
import Testing

@testable import UltravoxAdapter

@Suite struct `The table of Ultravox's refusals` {
    @Test func `has the rules of the fixture`() throws {
        let rows = try RefusalRow.ultravox()
        #expect(rows.count >= 12)
        #expect(Set(rows.compactMap(\.rule)) == Set(UltravoxRefusals.rules.map(\.name)))
    }

    @Test(arguments: try RefusalRow.ultravox())
    func `decides what an answer means`(row: RefusalRow) async throws {
        var headers: HTTPFields = [:]
        headers[.retryAfter] = row.vendorRetryAfter.map(String.init)
        let rig = try ClientRig(.answer(row.status, row.body, headers))
        let request = try rig.callRequest()
        let failure = try await failure { () throws(VendorFailure) in try await rig.client.createAgentCall(request) }
        switch failure {
        case .refused(let refusal):
            let message = RefusalText.message(from: Array(row.body.utf8), status: row.status)
            let rule = try #require(UltravoxRefusals.rule(status: row.status, message: message))
            #expect(rule.name == row.rule)
            #expect(refusal.meaning == rule.meaning)
            #expect(refusal.meaning.mistake.rawValue == row.mistake)
        case .throttled, .unclear: #expect(row.rule == nil && row.answer == 503)
        case .notSent, .noConnection, .nonsense: Issue.record("\(failure)")
        }
    }

    @Test(arguments: [
        "", "<html></html>", "{}", "[]", "null", "7", #""plain""#, #"{"message":"Not found"}"#, #"{"error":"x"}"#,
        #"{"detail":null}"#, #"{"code":404,"message":"x"}"#, #"{"name":[]}"#, #"{"statusCode":404,"error":["x"]}"#,
    ])
    func `takes no proxy's answer for a refusal`(body: String) async throws {
        for status in [400, 401, 403, 404, 409, 422, 429, 499] {
            let rig = try ClientRig(.answer(status, body))
            let request = try rig.callRequest()
            let failure = try await failure { () throws(VendorFailure) in
                try await rig.client.createAgentCall(request)
            }
            guard case .unclear(.ultravox, status: status, _) = failure else { throw failure }
        }
    }

    @Test(arguments: try RefusalRow.ultravox("unproven"))
    func `takes nothing for undone that Ultravox did not say itself`(row: RefusalRow) async throws {
        var headers: HTTPFields = [:]
        headers[.retryAfter] = row.vendorRetryAfter.map(String.init)
        let rig = try ClientRig(.answer(row.status, row.body, headers))
        let request = try rig.callRequest()
        let failure = try await failure { () throws(VendorFailure) in try await rig.client.createAgentCall(request) }
        guard case .unclear(.ultravox, status: row.status, _) = failure else { throw failure }
    }

    @Test func `knows 408 for what it is, whoever says it`() async throws {
        for body in [#"{"detail":"Request timeout."}"#, "<html></html>", ""] {
            let rig = try ClientRig(.answer(408, body))
            let failure = try await failure { () throws(VendorFailure) in
                try await rig.client.agent(rig.agentID)
            }
            guard case .unclear(.ultravox, status: 408, _) = failure else { throw failure }
        }
    }
}
