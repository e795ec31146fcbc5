import CallDomain
import Testing

@testable import CallFlow

/// The limits that every order keeps, through the lives of calls.
@Suite(.timeKept) struct RailsTests {
    private func id(_ number: Int, at time: Timestamp) -> CallID {
        CallID(at: time, random: (0, UInt64(number)))
    }

    @Test func `a place is free again when the call is over, parked, or never began`() async throws {
        let lost = VendorFailure.unclear(.twilio, status: nil, reason: "lost")
        let no = VendorFailure.refused(VendorRefusal(vendor: .twilio, status: 400, message: "no"))
        let stage = Stage(
            telephony: ScriptedTelephony([.failure(no), .failure(lost)]),
            limits: AdmissionLimits(concurrentCalls: 1)
        )
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order) }
        #expect(stage.flow.activeCalls == 0)
        let unknown = try await stage.flow.place(Stage.order)
        #expect(unknown.status == .unknown)
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order(number: 2)) }
        stage.clock.advance(by: .seconds(899))
        await stage.flow.parkUnproven()
        #expect(stage.flow.activeCalls == 1)
        stage.clock.advance(by: .seconds(1))
        await stage.flow.parkUnproven()
        #expect(stage.flow.call(unknown.id)?.status == .unconfirmed)
        #expect(stage.flow.activeCalls == 0)
        // Later proof still counts, and takes a place.
        let proof = StatusReport(callSid: ScriptedTelephony.sid, status: .inProgress, sequenceNumber: 2)
        _ = try await stage.flow.receive(.statusReported(proof), claimed: unknown.id)
        #expect(stage.flow.activeCalls == 1)
        let end = StatusReport(callSid: ScriptedTelephony.sid, status: .completed, sequenceNumber: 3)
        _ = try await stage.flow.receive(.statusReported(end), claimed: unknown.id)
        #expect(stage.flow.activeCalls == 0)
    }

    @Test func `a number is left alone for a while after a call to it`() async throws {
        let stage = Stage(limits: AdmissionLimits(numberCooldown: .seconds(60)))
        let call = try await stage.flow.place(Stage.order)
        let end = StatusReport(callSid: ScriptedTelephony.sid, status: .completed, sequenceNumber: 3)
        _ = try await stage.flow.receive(.statusReported(end), claimed: call.id)
        stage.clock.advance(by: .seconds(59))
        await #expect {
            try await stage.flow.place(Stage.order)
        } throws: {
            if case .rail(.coolingDown(.seconds(1)))? = $0 as? PlacingFailure { true } else { false }
        }
        stage.clock.advance(by: .seconds(1))
        await stage.flow.tidy()
        _ = try await stage.flow.place(Stage.order)
    }

    @Test func `a number is left alone after a call whose end is learned once it was parked`() async throws {
        let lost = VendorFailure.unclear(.twilio, status: nil, reason: "lost")
        let stage = Stage(
            telephony: ScriptedTelephony([.failure(lost)]),
            limits: AdmissionLimits(numberCooldown: .seconds(1000))
        )
        let unknown = try await stage.flow.place(Stage.order)
        stage.clock.advance(by: .seconds(900))
        await stage.flow.parkUnproven()
        stage.clock.advance(by: .seconds(900))
        let end = StatusReport(callSid: ScriptedTelephony.sid, status: .completed, sequenceNumber: 3)
        _ = try await stage.flow.receive(.statusReported(end), claimed: unknown.id)
        stage.clock.advance(by: .seconds(900))
        await #expect {
            try await stage.flow.place(Stage.order)
        } throws: {
            if case .rail(.coolingDown(.seconds(100)))? = $0 as? PlacingFailure { true } else { false }
        }
    }

    @Test func `a call that was parked and turns out to live counts once for its day`() async throws {
        let lost = VendorFailure.unclear(.twilio, status: nil, reason: "lost")
        let stage = Stage(
            telephony: ScriptedTelephony([.failure(lost)]),
            limits: AdmissionLimits(callsPerDay: 2)
        )
        let unknown = try await stage.flow.place(Stage.order)
        stage.clock.advance(by: .seconds(900))
        await stage.flow.parkUnproven()
        let proof = StatusReport(callSid: ScriptedTelephony.sid, status: .inProgress, sequenceNumber: 2)
        _ = try await stage.flow.receive(.statusReported(proof), claimed: unknown.id)
        #expect(stage.flow.activeCalls == 1)
        _ = try await stage.flow.place(Stage.order(number: 2))
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order(number: 3)) }
    }

    @Test func `a call that learns late whom it calls holds that number`() async throws {
        let stage = Stage()
        let own = id(1, at: stage.clock.now)
        let thin = StatusReport(callSid: ScriptedTelephony.sid, status: .ringing, sequenceNumber: 1)
        _ = try await stage.flow.receive(.statusReported(thin), claimed: own)
        var full = StatusReport(callSid: ScriptedTelephony.sid, status: .inProgress, sequenceNumber: 2)
        full.parties = CallParties(from: "+12025550143", to: Stage.order.phoneNumber.text, direction: .outbound)
        _ = try await stage.flow.receive(.statusReported(full), claimed: own)
        await #expect {
            try await stage.flow.place(Stage.order)
        } throws: {
            if case .numberBusy(let live, _)? = $0 as? PlacingFailure { live == own } else { false }
        }
        let end = StatusReport(callSid: ScriptedTelephony.sid, status: .completed, sequenceNumber: 3)
        _ = try await stage.flow.receive(.statusReported(end), claimed: own)
        #expect(stage.flow.activeCalls == 0)
        _ = try await stage.flow.place(Stage.order)
    }

    @Test func `an adopted call with an id of ours takes a place, and an inbound one does not`() async throws {
        let stage = Stage()
        let own = id(1, at: stage.clock.now)
        let report = StatusReport(callSid: ScriptedTelephony.sid, status: .ringing, sequenceNumber: 1)
        _ = try await stage.flow.receive(.statusReported(report), claimed: own)
        #expect(stage.flow.activeCalls == 1)
        let other = StatusReport(callSid: CallSid("CA" + String(repeating: "0b", count: 16))!, status: .ringing)
        _ = try await stage.flow.receive(.statusReported(other), claimed: nil)
        #expect(stage.flow.activeCalls == 1)
    }
}
