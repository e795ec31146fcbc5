import CallDomain
import Testing

@testable import CallStorage

/// The limits that every order keeps, however many come at once.
@Suite struct AdmissionTests {
    private static let midnight = Timestamp(milliseconds: 1_790_035_200_000)

    private func ids(_ count: Int, at time: Timestamp = BookRig.start) -> [CallID] {
        (1...count).map { BookRig.id($0, at: time) }
    }

    @Test func `as many calls as are allowed, out of five hundred`() {
        var rig = BookRig()
        let limits = AdmissionLimits(concurrentCalls: 10)
        let verdicts = (1...500).map { rig.order(BookRig.id($0), to: $0, limits: limits) }
        #expect(verdicts.count { $0 == .applied } == 10)
        #expect(verdicts.count { $0 == .refused(.rail(.tooManyCalls(limit: 10))) } == 490)
        #expect(rig.book.activeCalls == 10)
        #expect(rig.book.callCount == 10)
    }

    @Test func `one call to a number, and the refusal names it`() {
        var rig = BookRig()
        let ids = ids(4)
        #expect(rig.order(ids[0], to: 1) == .applied)
        #expect(rig.order(ids[1], to: 1) == .refused(.rail(.numberBusy(ids[0]))))
        #expect(rig.book.refusal(of: BookRig.number(1), within: AdmissionLimits(), at: rig.time) == .numberBusy(ids[0]))
        #expect(rig.order(ids[2], to: 2) == .applied)
        rig.write(.undialed(ids[0], .canceled(reason: "hung up")))
        #expect(rig.order(ids[3], to: 1) == .applied)
    }

    @Test func `several calls to a number where that is allowed`() {
        var rig = BookRig()
        let limits = AdmissionLimits(parallelCallsToNumber: true)
        for id in ids(2) { #expect(rig.order(id, limits: limits) == .applied) }
        #expect(rig.book.activeCalls == 2)
        #expect(rig.order(BookRig.id(3)) == .refused(.rail(.numberBusy(BookRig.id(1)))))
    }

    @Test func `a number that is to be left alone is left alone during a call, too`() {
        var rig = BookRig()
        let limits = AdmissionLimits(parallelCallsToNumber: true, numberCooldown: .seconds(60))
        #expect(rig.order(BookRig.id(1), limits: limits) == .applied)
        #expect(rig.order(BookRig.id(2), limits: limits) == .refused(.rail(.coolingDown(.seconds(60)))))
    }

    @Test func `a day's calls, without those that were never dialed`() {
        let evening = Self.midnight + .seconds(-600)
        let limits = AdmissionLimits(callsPerDay: 2)
        var rig = BookRig()
        rig.time = evening
        let (old, new) = (ids(4, at: evening), (5...7).map { BookRig.id($0, at: Self.midnight) })
        #expect(rig.order(old[0], to: 1, limits: limits) == .applied)
        #expect(rig.order(old[1], to: 2, limits: limits) == .applied)
        #expect(
            rig.order(old[2], to: 3, limits: limits)
                == .refused(.rail(.tooManyCallsToday(limit: 2, .seconds(600))))
        )
        rig.write(.undialed(old[0], .canceled(reason: "hung up")))
        #expect(rig.order(old[3], to: 4, limits: limits) == .applied)
        rig.time = Self.midnight
        #expect(rig.order(new[0], to: 5, limits: limits) == .applied)
        // What ends undialed today gives nothing back of yesterday.
        rig.write(.undialed(old[1], .canceled(reason: "hung up")))
        #expect(rig.order(new[1], to: 6, limits: limits) == .applied)
        #expect(
            rig.order(new[2], to: 7, limits: limits)
                == .refused(.rail(.tooManyCallsToday(limit: 2, .seconds(86_400))))
        )
    }

    @Test func `a call that Twilio refused does not count for the day, and one that may have rung does`() {
        let limits = AdmissionLimits(callsPerDay: 1)
        let error = CallError(source: .twilio, code: "x", message: "x")
        var rig = BookRig()
        rig.dial(BookRig.id(1), to: 1, limits: limits)
        rig.write(.noted(BookRig.id(1), .dialRefused(error)))
        #expect(rig.book.activeCalls == 0)
        rig.dial(BookRig.id(2), to: 2, limits: limits)
        rig.write(.noted(BookRig.id(2), .dialUnclear(error)))
        rig.write(.noted(BookRig.id(2), .unconfirmed))
        #expect(rig.book.activeCalls == 0)
        guard case .refused(.rail(.tooManyCallsToday)) = rig.order(BookRig.id(3), to: 3, limits: limits) else {
            Issue.record("a call that may have rung was given back")
            return
        }
    }

    @Test func `a clock that is set back over midnight does not open the day's cap`() {
        let limits = AdmissionLimits(callsPerDay: 2)
        let evening = Self.midnight + .seconds(-1)
        var rig = BookRig()
        rig.time = Self.midnight
        #expect(rig.order(BookRig.id(1, at: Self.midnight), to: 1, limits: limits) == .applied)
        rig.time = evening
        #expect(rig.order(BookRig.id(2, at: evening), to: 2, limits: limits) == .applied)
        guard case .refused(.rail(.tooManyCallsToday)) = rig.order(BookRig.id(3, at: evening), to: 3, limits: limits)
        else {
            Issue.record("the cap was open")
            return
        }
    }

    @Test func `a number is left alone for a while after a call to it`() {
        let limits = AdmissionLimits(numberCooldown: .seconds(60))
        var rig = BookRig()
        rig.dial(BookRig.id(1), limits: limits)
        rig.tell(BookRig.status(.completed, of: 1, 3), claiming: BookRig.id(1), at: BookRig.at(10))
        #expect(
            rig.order(BookRig.id(2), limits: limits, at: BookRig.at(69))
                == .refused(.rail(.coolingDown(.seconds(1))))
        )
        // A clock that is set back does not make the wait longer.
        #expect(
            rig.order(BookRig.id(2), limits: limits, at: BookRig.at(-1000))
                == .refused(.rail(.coolingDown(.seconds(60))))
        )
        let retention = Retention(calls: .seconds(86_400), maximumCalls: 10, numberCooldown: .seconds(60))
        rig.write(.tidied(retention), at: BookRig.at(69))
        #expect(rig.book.refusal(of: BookRig.number(1), within: limits, at: BookRig.at(69)) != nil)
        rig.write(.tidied(retention), at: BookRig.at(70))
        #expect(rig.order(BookRig.id(2), limits: limits, at: BookRig.at(70)) == .applied)
    }

    @Test func `a number is not left alone after an order that was never dialed`() {
        let limits = AdmissionLimits(numberCooldown: .seconds(60))
        var rig = BookRig()
        rig.order(BookRig.id(1), limits: limits)
        rig.write(.undialed(BookRig.id(1), .canceled(reason: "hung up")))
        #expect(rig.order(BookRig.id(2), limits: limits) == .applied)
    }

    @Test(arguments: [CallDirection.inbound, .outbound])
    func `an adopted call gives its place and its number back, whenever its direction is known`(
        direction: CallDirection
    ) {
        var rig = BookRig()
        let id = BookRig.id(1)
        var report = StatusReport(callSid: BookRig.sid(1), status: .ringing, sequenceNumber: 1)
        report.parties.to = BookRig.number(1).text
        rig.tell(.statusReported(report), claiming: id)
        #expect(rig.book.activeCalls == 1)
        report = StatusReport(callSid: BookRig.sid(1), status: .inProgress, sequenceNumber: 2)
        report.parties = CallParties(from: "+12025550143", to: BookRig.number(1).text, direction: direction)
        rig.tell(.statusReported(report), claiming: id)
        #expect(rig.book.activeCalls == (direction == .inbound ? 0 : 1))
        rig.tell(BookRig.status(.completed, of: 1, 3), claiming: id)
        #expect(rig.book.activeCalls == 0)
        #expect(rig.order(BookRig.id(2), limits: AdmissionLimits(concurrentCalls: 1)) == .applied)
    }

    @Test func `an adopted call that learns late whom it calls holds that number`() {
        var rig = BookRig()
        let id = BookRig.id(1)
        rig.tell(BookRig.status(.ringing, of: 1, 1), claiming: id)
        var report = StatusReport(callSid: BookRig.sid(1), status: .inProgress, sequenceNumber: 2)
        report.parties = CallParties(from: "+12025550143", to: BookRig.number(1).text, direction: .outbound)
        rig.tell(.statusReported(report), claiming: id)
        #expect(rig.order(BookRig.id(2)) == .refused(.rail(.numberBusy(id))))
        rig.tell(BookRig.status(.completed, of: 1, 3), claiming: id)
        #expect(rig.order(BookRig.id(3)) == .applied)
    }

    @Test func `an order that loses the phone call that ended it takes its place again, and counts once for its day`() {
        let limits = AdmissionLimits(concurrentCalls: 1, callsPerDay: 2)
        var rig = BookRig()
        let (first, second) = (BookRig.id(1), BookRig.id(2))
        rig.dial(first, to: 1, limits: limits)
        rig.write(.noted(first, .lookedUp(TwilioCall(callSid: BookRig.sid(1), status: .completed))))
        #expect(rig.book.activeCalls == 0)
        rig.dial(second, to: 2, limits: limits)
        rig.write(.noted(second, .callCreated(TwilioCall(callSid: BookRig.sid(1), status: .queued))))
        #expect(rig.book.call(first)?.status == .unknown)
        #expect(rig.book.call(second)?.status == .completed)
        #expect(rig.book.activeCalls == 1)
        rig.tell(BookRig.status(.completed, of: 2, 3), claiming: first)
        #expect(rig.book.activeCalls == 0)
        guard case .refused(.rail(.tooManyCallsToday(limit: 2, _))) = rig.order(BookRig.id(3), to: 3, limits: limits),
            rig.order(BookRig.id(3), to: 3, limits: AdmissionLimits(callsPerDay: 3)) == .applied
        else {
            Issue.record("two orders did not count as two")
            return
        }
    }

    @Test func `a call that was parked and turns out to live counts once for its day`() {
        let limits = AdmissionLimits(callsPerDay: 2)
        var rig = BookRig()
        rig.dial(BookRig.id(1), to: 1, limits: limits)
        rig.write(.noted(BookRig.id(1), .unconfirmed))
        rig.tell(BookRig.status(.inProgress, of: 1, 2), claiming: BookRig.id(1))
        #expect(rig.book.activeCalls == 1)
        #expect(rig.order(BookRig.id(2), to: 2, limits: limits) == .applied)
        guard case .refused(.rail(.tooManyCallsToday)) = rig.order(BookRig.id(3), to: 3, limits: limits) else {
            Issue.record("the cap was open")
            return
        }
    }

    @Test func `a call that was not ordered takes a place beyond the limit if its id is ours`() {
        let limits = AdmissionLimits(concurrentCalls: 1)
        var rig = BookRig()
        rig.dial(BookRig.id(1), to: 1, limits: limits)
        rig.tell(BookRig.status(.ringing, of: 2, 1), claiming: BookRig.id(2))
        rig.tell(BookRig.status(.ringing, of: 3))
        #expect(rig.book.activeCalls == 2)
        #expect(rig.book.callCount == 3)
    }
}
