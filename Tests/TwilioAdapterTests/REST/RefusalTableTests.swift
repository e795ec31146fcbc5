import CallDomain
import HTTPTypes
import OutboundHTTP
import TestSupport
import Testing

@testable import TwilioAdapter

@Suite("The table of Twilio's refusals")
struct RefusalTableTests {
    @Test("has the codes of the fixture, and each is the same one's mistake")
    func agrees() throws {
        let rows = try RefusalRow.twilio("refusals")
        #expect(Set(rows.compactMap(\.code)).count == rows.count && rows.count >= 40)
        #expect(TwilioRefusals.table.keys.sorted() == rows.compactMap(\.code).sorted())
        for row in rows {
            let meaning = try #require(row.code.flatMap { TwilioRefusals.table[$0] })
            #expect(meaning.mistake.rawValue == row.mistake, "\(row)")
            #expect(meaning.advice.contains(row.names) || row.status == 429, "\(row): \(meaning.advice)")
            #expect((meaning.wait != nil) == (meaning.mistake == .notNow), "\(row)")
            #expect(!meaning.reason.hasSuffix(".") && meaning.advice.hasSuffix("."), "\(row)")
        }
    }

    @Test("decides what an answer means", arguments: try RefusalRow.twilio("refusals") + RefusalRow.twilio("others"))
    func decides(row: RefusalRow) async throws {
        let rig = try ClientRig(.answer(row.status, row.body))
        let failure = await #expect(throws: VendorFailure.self) { try await rig.client.createCall(rig.request) }
        switch failure {
        case .refused(let refusal):
            #expect(row.status != 429)
            #expect(refusal.meaning.mistake.rawValue == row.mistake)
        case .throttled: #expect(row.status == 429)
        case .notSent, .noConnection, .unclear, .nonsense, nil: Issue.record("\(String(describing: failure))")
        }
    }

    @Test("says nothing of what Twilio did not write, or may have done", arguments: try RefusalRow.twilio("unproven"))
    func saysNothing(row: RefusalRow) async throws {
        let rig = try ClientRig(.answer(row.status, row.body))
        let failure = await #expect(throws: VendorFailure.self) { try await rig.client.createCall(rig.request) }
        guard case .unclear(.twilio, status: row.status, _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test("A full account is not now, whatever the status, and Twilio's own time counts")
    func notNow() async throws {
        for status in [400, 403, 409, 429] {
            let rig = try ClientRig(.answer(status, #"{"code":10004}"#, [.retryAfter: "7"]))
            let failure = await #expect(throws: VendorFailure.self) { try await rig.client.createCall(rig.request) }
            guard case .refused(let refusal) = failure else {
                Issue.record("\(status): \(String(describing: failure))")
                return
            }
            #expect(refusal.meaning.mistake == .notNow && refusal.meaning.wait == .seconds(7))
        }
    }

    @Test(
        "A created call may spell our numbers in another way",
        arguments: ["0012125550187", "+1 212 555 0187", "+1-212-555-0187"]
    )
    func spellings(to: String) async throws {
        let rig = try ClientRig(.answer(201, ClientRig.call(more: #","to":"\#(to)","from":"00 1 202 555 0143""#)))
        #expect(try await rig.client.createCall(rig.request).callSid == rig.callSid)
    }
}
