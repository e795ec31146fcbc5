import CallDomain
import Logging
import Synchronization
import TestSupport
import Testing

@testable import CallFlow

/// Repetitions, and the breaker.
@Suite(.timeKept) struct VendorGuardTests {
    private let clock = ManualClock()
    private let vendor: VendorGuard

    private static let down = VendorFailure.unclear(.twilio, status: 503, reason: "Twilio answered 503")
    private static let busy = VendorRefusal(vendor: .twilio, status: 429, message: "slow down")

    init() {
        vendor = VendorGuard(
            .twilio,
            clock: clock,
            random: CountingBits(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func attempts(
        _ failure: VendorFailure,
        repeating repetition: VendorGuard.Repetition,
        within patience: Duration = .seconds(10)
    ) async -> Int {
        var count = 0
        do throws(VendorFailure) {
            try await vendor.run(repeating: repetition, within: patience) { (_) throws(VendorFailure) in
                count += 1
                throw failure
            }
        } catch {}
        return count
    }

    @Test func `repeats only what does no harm twice`() async {
        #expect(await attempts(Self.down, repeating: .always) == 3)
        #expect(await attempts(Self.down, repeating: .ifNotDone) == 1)
        #expect(await attempts(.notSent(.twilio, reason: "down"), repeating: .ifNotDone) == 3)
        #expect(await attempts(.notSent(.twilio, reason: "down"), repeating: .never) == 1)
        let refusal = VendorRefusal(vendor: .twilio, status: 404, message: "no")
        #expect(await attempts(.refused(refusal), repeating: .always) == 1)
    }

    @Test func `waits as long as it is told, if there is time`() async {
        #expect(await attempts(.throttled(Self.busy, retryAfter: .seconds(4)), repeating: .always) == 3)
        #expect(clock.pauses == [.seconds(4), .seconds(4)])
        #expect(await attempts(.throttled(Self.busy, retryAfter: .seconds(30)), repeating: .always) == 1)
        #expect(await attempts(Self.down, repeating: .always, within: .milliseconds(50)) == 1)
    }

    @Test func `repetitions stay within a tenth of the requests, over time`() async {
        var sent = 0
        let noSuchThing = VendorFailure.nonsense(.twilio, status: 200, reason: "no JSON")
        for _ in 0..<1000 { sent += await attempts(noSuchThing, repeating: .always) }
        #expect(sent <= 1110)
    }

    @Test func `opens within twenty failures, and is closed by a probe alone`() async {
        var sent = 0
        for _ in 0..<100 { sent += await attempts(Self.down, repeating: .never) }
        #expect(sent == 10)
        #expect(vendor.condition.isBreakerOpen)
        #expect(await vendor.probes() == 0)
        clock.advance(by: .seconds(5.3))
        #expect(await vendor.probes(failure: Self.down) == 1)
        #expect(vendor.isOpen)
        clock.advance(by: .seconds(4))
        #expect(await vendor.probes() == 0)
        clock.advance(by: .seconds(1.3))
        let refusal = VendorFailure.refused(VendorRefusal(vendor: .twilio, status: 401, message: "no"))
        #expect(await vendor.probes(failure: refusal) == 1)
        #expect(!vendor.isOpen)
        #expect(vendor.condition.verdict == .refused)
    }

    @Test func `what was sent before it closed does not open it again`() async {
        let old = clock.moment
        await vendor.fail()
        clock.advance(by: .seconds(6))
        #expect(await vendor.probes() == 1)
        #expect(!vendor.isOpen)
        var breaker = CircuitBreaker()
        for _ in 0..<10 { _ = breaker.note(failed: true, sentAt: old, now: old) }
        #expect(breaker.isOpen)
        let recovery = old + .seconds(6)
        let hasClosed = breaker.close(now: recovery)
        #expect(hasClosed)
        for _ in 0..<20 { _ = breaker.note(failed: true, sentAt: old, now: recovery + .seconds(4)) }
        #expect(!breaker.isOpen)
        for _ in 0..<10 { _ = breaker.note(failed: true, sentAt: recovery, now: recovery) }
        #expect(breaker.isOpen)
    }

    @Test func `no 4xx opens it, and half of the requests must fail`() async {
        let refusal = VendorRefusal(vendor: .twilio, status: 400, message: "no")
        for _ in 0..<100 { _ = await attempts(.refused(refusal), repeating: .never) }
        for _ in 0..<100 { _ = await attempts(.throttled(Self.busy, retryAfter: nil), repeating: .never) }
        #expect(!vendor.isOpen)
        for _ in 0..<20 {
            _ = await attempts(Self.down, repeating: .never)
            _ = await attempts(.refused(refusal), repeating: .never)
            _ = await attempts(.refused(refusal), repeating: .never)
        }
        #expect(!vendor.isOpen)
    }

    @Test(arguments: [401, 402, 403, 404, 407])
    func `is unreachable behind a proxy that answers in its place, and the breaker stays closed`(status: Int) async {
        let log = RecordedLog()
        let vendor = VendorGuard(.twilio, clock: clock, random: CountingBits(), logger: log.logger)
        let page = VendorFailure.unclear(.twilio, status: status, reason: "HTTP \(status) of a proxy")
        for _ in 0..<20 {
            _ = await vendor.probes(failure: page)
            clock.advance(by: .seconds(31))
        }
        #expect(vendor.condition.verdict == .unreachable)
        #expect(vendor.condition.reason == "HTTP \(status) of a proxy")
        #expect(!vendor.isOpen)
        let lines = log.lines("a vendor cannot be reached")
        #expect(lines.count == 1 && lines.first?.metadata["reason"] == "HTTP \(status) of a proxy")
        #expect(await vendor.probes() == 1)
        #expect(vendor.condition.verdict == .ok)
        #expect(log.lines("a vendor has recovered").count == 1)
    }

    @Test func `what must be tried is tried while it is open`() async throws {
        for _ in 0..<10 { _ = await attempts(Self.down, repeating: .never) }
        await #expect(throws: VendorFailure.self) {
            try await vendor.run(repeating: .always) { (_) throws(VendorFailure) in 1 }
        }
        #expect(try await vendor.run(repeating: .never, for: .urgent) { (_) throws(VendorFailure) in 1 } == 1)
    }

    @Test(arguments: WorkClass.allCases)
    func `what waited for a connection is not sent if the breaker opened meanwhile, unless it is urgent`(
        work: WorkClass
    ) async throws {
        let waited = Mutex<(vendor: VendorGuard, held: VendorPermits.Permit)?>(nil)
        let clock = ManualClock(duringPause: {
            let found = waited.withLock { state in
                defer { state = nil }
                return state
            }
            guard let (vendor, held) = found else { return }
            for _ in 0..<10 {
                try? await vendor.run(repeating: .never, hasPermit: true) { (_) throws(VendorFailure) in
                    throw Self.down
                }
            }
            held.release()
        })
        var limits = PermitLimits()
        (limits.all, limits.notUrgent, limits.other, limits.otherOfOneKey) = (1, 1, 1, 1)
        let vendor = VendorGuard(
            .twilio,
            limits: limits,
            clock: clock,
            random: CountingBits(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let held = try await vendor.permits.permit(for: .other, within: .zero)
        waited.withLock { $0 = (vendor, held) }
        var wasSent = false
        do throws(VendorFailure) {
            try await vendor.run(repeating: .never, for: work) { (_) throws(VendorFailure) in wasSent = true }
        } catch {
            #expect(error == vendor.openFailure)
        }
        #expect(vendor.isOpen)
        #expect(wasSent == (work == .urgent))
        // Its place is free again.
        try await vendor.permits.permit(for: .other, within: .zero).release()
    }

    @Test func `an order is refused at once while a vendor is down, and nothing is sent`() async throws {
        let stage = Stage(telephony: ScriptedTelephony(Array(repeating: .failure(Self.down), count: 50)))
        for number in 0..<10 { _ = try await stage.flow.place(Stage.order(number: number)) }
        #expect(stage.telephony.dials.count == 10)
        await #expect {
            try await stage.flow.place(Stage.order(number: 99))
        } throws: {
            if case .vendor(.notSent(.twilio, _), callID: nil)? = $0 as? PlacingFailure { true } else { false }
        }
        #expect(stage.telephony.dials.count == 10)
        #expect(stage.flow.calls(matching: CallFilter(), limit: 100, after: nil).calls.count == 10)
    }

    @Test func `a vendor of which nothing is known is asked once in half a minute`() async {
        #expect(await vendor.probes() == 1)
        #expect(vendor.condition.verdict == .ok)
        clock.advance(by: .seconds(29))
        #expect(await vendor.probes() == 0)
        clock.advance(by: .seconds(1))
        #expect(await vendor.probes() == 1)
    }
}

extension VendorGuard {
    /// How many probes were sent.
    fileprivate func probes(failure: VendorFailure? = nil) async -> Int {
        var count = 0
        await probeIfDue { () throws(VendorFailure) in
            count += 1
            if let failure { throw failure }
        }
        return count
    }
}
