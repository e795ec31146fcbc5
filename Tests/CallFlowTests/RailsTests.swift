import CallDomain
import Testing

@testable import CallFlow

/// The limits that every order keeps, however many come at once.
@Suite(.timeKept) struct RailsTests {
    private let start = Timestamp(milliseconds: 1_790_000_000_000)

    private func id(_ number: Int, at time: Timestamp? = nil) -> CallID {
        CallID(at: time ?? start, random: (0, UInt64(number)))
    }

    private func number(_ last: Int) -> PhoneNumber { PhoneNumber("+1212555\(1000 + last)")! }

    @Test func `as many calls as are allowed, out of five hundred at once`() async {
        let rails = Rails(.init(concurrentCalls: 10))
        let admitted = await withTaskGroup(of: Bool.self) { group in
            for order in 0..<500 {
                group.addTask { (try? rails.admit(id(order), to: number(order), now: start)) != nil }
            }
            var count = 0
            for await isIn in group where isIn { count += 1 }
            return count
        }
        #expect(admitted == 10)
        #expect(rails.activeCalls == 10)
    }

    @Test func `one call to a number, and the refusal names it`() throws {
        let rails = Rails(.init())
        try rails.admit(id(1), to: number(1), now: start)
        #expect(throws: RailRefusal.numberBusy(id(1))) { try rails.admit(id(2), to: number(1), now: start) }
        try rails.admit(id(3), to: number(2), now: start)
        rails.withdraw(id(1), now: start)
        try rails.admit(id(4), to: number(1), now: start)
    }

    @Test func `several calls to a number where that is allowed`() throws {
        let rails = Rails(.init(parallelCallsToNumber: true))
        try rails.admit(id(1), to: number(1), now: start)
        try rails.admit(id(2), to: number(1), now: start)
        #expect(rails.activeCalls == 2)
    }

    @Test func `a day's calls, without those that were never dialed`() throws {
        let midnight = Timestamp(milliseconds: 1_790_035_200_000)
        let evening = midnight + .seconds(-600)
        let rails = Rails(.init(callsPerDay: 2))
        try rails.admit(id(1, at: evening), to: number(1), now: evening)
        try rails.admit(id(2, at: evening), to: number(2), now: evening)
        #expect(throws: RailRefusal.tooManyCallsToday(limit: 2, .seconds(600))) {
            try rails.admit(id(3, at: evening), to: number(3), now: evening)
        }
        rails.withdraw(id(1, at: evening), now: evening)
        try rails.admit(id(4, at: evening), to: number(4), now: evening)
        try rails.admit(id(5, at: midnight), to: number(5), now: midnight)
        // What ends undialed today gives nothing back of yesterday.
        rails.withdraw(id(2, at: evening), now: midnight)
        try rails.admit(id(6, at: midnight), to: number(6), now: midnight)
        #expect(throws: RailRefusal.self) { try rails.admit(id(7, at: midnight), to: number(7), now: midnight) }
    }

    @Test func `a place is free again when the call is over, parked, or never began`() async throws {
        let lost = VendorFailure.unclear(.twilio, status: nil, reason: "lost")
        let no = VendorFailure.refused(VendorRefusal(vendor: .twilio, status: 400, message: "no"))
        let stage = Stage(
            telephony: ScriptedTelephony([.failure(no), .failure(lost)]),
            limits: Rails.Limits(concurrentCalls: 1)
        )
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order) }
        #expect(stage.flow.activeCalls == 0)
        let unknown = try await stage.flow.place(Stage.order)
        #expect(unknown.status == .unknown)
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order(number: 2)) }
        stage.clock.advance(by: .seconds(899))
        stage.flow.parkUnproven()
        #expect(stage.flow.activeCalls == 1)
        stage.clock.advance(by: .seconds(1))
        stage.flow.parkUnproven()
        #expect(stage.flow.call(unknown.id)?.status == .unconfirmed)
        #expect(stage.flow.activeCalls == 0)
        // Later proof still counts, and takes a place.
        let proof = StatusReport(callSid: ScriptedTelephony.sid, status: .inProgress, sequenceNumber: 2)
        _ = stage.flow.receive(.statusReported(proof), claimed: unknown.id)
        #expect(stage.flow.activeCalls == 1)
        let end = StatusReport(callSid: ScriptedTelephony.sid, status: .completed, sequenceNumber: 3)
        _ = stage.flow.receive(.statusReported(end), claimed: unknown.id)
        #expect(stage.flow.activeCalls == 0)
    }

    @Test func `a number is left alone for a while after a call to it`() async throws {
        let stage = Stage(limits: Rails.Limits(numberCooldown: .seconds(60)))
        let call = try await stage.flow.place(Stage.order)
        let end = StatusReport(callSid: ScriptedTelephony.sid, status: .completed, sequenceNumber: 3)
        _ = stage.flow.receive(.statusReported(end), claimed: call.id)
        stage.clock.advance(by: .seconds(59))
        await #expect {
            try await stage.flow.place(Stage.order)
        } throws: {
            if case .rail(.coolingDown(.seconds(1)))? = $0 as? PlacingFailure { true } else { false }
        }
        stage.clock.advance(by: .seconds(1))
        stage.flow.tidy()
        try #expect(stage.flow.rails.admit(id(9), to: Stage.order.phoneNumber, now: stage.clock.now) == ())
    }

    @Test func `a number is left alone after a call whose end is learned once it was parked`() async throws {
        let lost = VendorFailure.unclear(.twilio, status: nil, reason: "lost")
        let stage = Stage(
            telephony: ScriptedTelephony([.failure(lost)]),
            limits: Rails.Limits(numberCooldown: .seconds(1000))
        )
        let unknown = try await stage.flow.place(Stage.order)
        stage.clock.advance(by: .seconds(900))
        stage.flow.parkUnproven()
        stage.clock.advance(by: .seconds(900))
        let end = StatusReport(callSid: ScriptedTelephony.sid, status: .completed, sequenceNumber: 3)
        _ = stage.flow.receive(.statusReported(end), claimed: unknown.id)
        stage.clock.advance(by: .seconds(900))
        await #expect {
            try await stage.flow.place(Stage.order)
        } throws: {
            if case .rail(.coolingDown(.seconds(100)))? = $0 as? PlacingFailure { true } else { false }
        }
    }

    @Test func `a clock that is set back over midnight does not open the day's cap`() throws {
        let rails = Rails(.init(callsPerDay: 2))
        let yesterday = Timestamp(milliseconds: start.milliseconds - 86_400_000)
        try rails.admit(id(1, at: start), to: number(1), now: start)
        try rails.admit(id(2, at: yesterday), to: number(2), now: yesterday)
        #expect(throws: RailRefusal.self) { try rails.admit(id(3, at: yesterday), to: number(3), now: yesterday) }
    }

    @Test func `a call that was parked and turns out to live counts once for its day`() async throws {
        let lost = VendorFailure.unclear(.twilio, status: nil, reason: "lost")
        let stage = Stage(
            telephony: ScriptedTelephony([.failure(lost)]),
            limits: Rails.Limits(callsPerDay: 2)
        )
        let unknown = try await stage.flow.place(Stage.order)
        stage.clock.advance(by: .seconds(900))
        stage.flow.parkUnproven()
        let proof = StatusReport(callSid: ScriptedTelephony.sid, status: .inProgress, sequenceNumber: 2)
        _ = stage.flow.receive(.statusReported(proof), claimed: unknown.id)
        #expect(stage.flow.activeCalls == 1)
        _ = try await stage.flow.place(Stage.order(number: 2))
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order(number: 3)) }
    }

    @Test func `a call that learns late whom it calls holds that number`() throws {
        let stage = Stage()
        let own = id(1, at: stage.clock.now)
        let thin = StatusReport(callSid: ScriptedTelephony.sid, status: .ringing, sequenceNumber: 1)
        _ = stage.flow.receive(.statusReported(thin), claimed: own)
        var full = StatusReport(callSid: ScriptedTelephony.sid, status: .inProgress, sequenceNumber: 2)
        full.parties = CallParties(from: "+12025550143", to: Stage.order.phoneNumber.text, direction: .outbound)
        _ = stage.flow.receive(.statusReported(full), claimed: own)
        #expect(throws: RailRefusal.numberBusy(own)) {
            try stage.flow.rails.admit(id(2), to: Stage.order.phoneNumber, now: stage.clock.now)
        }
        let end = StatusReport(callSid: ScriptedTelephony.sid, status: .completed, sequenceNumber: 3)
        _ = stage.flow.receive(.statusReported(end), claimed: own)
        #expect(stage.flow.activeCalls == 0)
        try stage.flow.rails.admit(id(3), to: Stage.order.phoneNumber, now: stage.clock.now)
    }

    @Test func `a number that is to be left alone is left alone during a call, too`() throws {
        let rails = Rails(.init(parallelCallsToNumber: true, numberCooldown: .seconds(60)))
        try rails.admit(id(1), to: number(1), now: start)
        #expect(throws: RailRefusal.coolingDown(.seconds(60))) { try rails.admit(id(2), to: number(1), now: start) }
    }

    @Test func `an adopted call with an id of ours takes a place, and an inbound one does not`() {
        let stage = Stage()
        let own = id(1, at: stage.clock.now)
        let report = StatusReport(callSid: ScriptedTelephony.sid, status: .ringing, sequenceNumber: 1)
        _ = stage.flow.receive(.statusReported(report), claimed: own)
        #expect(stage.flow.activeCalls == 1)
        let other = StatusReport(callSid: CallSid("CA" + String(repeating: "0b", count: 16))!, status: .ringing)
        _ = stage.flow.receive(.statusReported(other), claimed: nil)
        #expect(stage.flow.activeCalls == 1)
    }
}
