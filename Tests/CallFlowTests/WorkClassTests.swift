import CallDomain
import Logging
import Synchronization
import TestSupport
import Testing

@testable import CallFlow

/// Slow work of one kind holds up no work that is more urgent, and says nothing of the vendor.
@Suite(.timeKept, .timeLimit(.minutes(1)))
struct WorkClassTests {
    /// Requests that stay in flight until they are let go.
    private final class Hold: Sendable {
        private let state = Mutex((isOpen: false, held: [CheckedContinuation<Void, Never>](), count: 0))

        var count: Int { state.withLock { $0.count } }

        func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    state.count += 1
                    if !state.isOpen { state.held.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            let held = state.withLock { state in
                defer { state.held = [] }
                state.isOpen = true
                return state.held
            }
            for continuation in held { continuation.resume() }
        }
    }

    /// A clock whose pauses end by a cancellation alone.
    private struct PatientClock: TimeSource {
        var moment: Moment { Moment(elapsed: .milliseconds(now.milliseconds)) }

        let now = Timestamp(milliseconds: 1_790_000_000_000)

        func sleep(for duration: Duration) async throws {
            let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
            for await _ in stream {}
            continuation.finish()
            try Task.checkCancellation()
        }
    }

    private static func vendor(_ limits: PermitLimits = PermitLimits()) -> VendorGuard {
        VendorGuard(
            .ultravox,
            limits: limits,
            clock: ManualClock(),
            random: CountingBits(),
            logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private static func run(
        _ vendor: VendorGuard,
        _ work: WorkClass,
        key: String? = nil,
        _ body: () async -> Void = {}
    ) async -> VendorFailure? {
        await Requester.$apiKey.withValue(key) {
            do throws(VendorFailure) {
                try await vendor.run(repeating: .never, for: work) { (_) throws(VendorFailure) in await body() }
                return nil
            } catch { return error }
        }
    }

    /// Runs `body` while slow requests of a kind are in flight: `most` of those that were asked for, for the rest fail.
    private func full(
        of work: WorkClass,
        keys: [String?],
        most: Int,
        of vendor: VendorGuard,
        _ body: () async -> Void
    ) async {
        let hold = Hold()
        let asked = 200
        await withTaskGroup(of: VendorFailure?.self) { group in
            for number in 0..<asked {
                let key = keys[number % keys.count]
                group.addTask { await Self.run(vendor, work, key: key) { await hold.pass() } }
            }
            defer { hold.open() }
            await eventually { hold.count >= most }
            guard !Task.isCancelled else { return }
            for _ in 0..<(asked - most) {
                let failure = await group.next()
                #expect(failure == .noConnection(.ultravox))
            }
            #expect(hold.count == most)
            await body()
        }
    }

    @Test func `slow look-ups of one API key leave room for another's, for dials and for those on the line`() async {
        let vendor = Self.vendor()
        await full(of: .other, keys: ["a"], most: PermitLimits().otherOfOneKey, of: vendor) {
            #expect(await Self.run(vendor, .other, key: "b") == nil)
            #expect(await Self.run(vendor, .dial, key: "a") == nil)
            #expect(await Self.run(vendor, .urgent) == nil)
        }
    }

    @Test func `slow dials leave room for those on the line`() async {
        let vendor = Self.vendor()
        await full(of: .dial, keys: [nil], most: PermitLimits().notUrgent, of: vendor) {
            #expect(await Self.run(vendor, .other) == .noConnection(.ultravox))
            #expect(await Self.run(vendor, .urgent) == nil)
        }
    }

    @Test func `what found no connection opens no breaker, and nothing is known of the vendor by it`() async {
        let vendor = Self.vendor()
        await full(of: .other, keys: ["a", "b", "c"], most: PermitLimits().other, of: vendor) {
            for _ in 0..<100 { #expect(await Self.run(vendor, .other, key: "d") == .noConnection(.ultravox)) }
            #expect(!vendor.isOpen)
            #expect(vendor.condition.verdict == .unknown)
        }
        #expect(await Self.run(vendor, .other, key: "d") == nil)
    }

    @Test func `a waiting request goes on when a place is free`() async throws {
        var limits = PermitLimits()
        (limits.all, limits.notUrgent, limits.other, limits.otherOfOneKey) = (1, 1, 1, 1)
        let permits = VendorPermits(.twilio, limits: limits, clock: PatientClock())
        let first = try? await permits.permit(for: .other, within: .zero)
        async let second = permits.permit(for: .urgent, within: .seconds(50))
        await #expect(throws: VendorFailure.noConnection(.twilio)) {
            try await permits.permit(for: .other, within: .zero)
        }
        first?.release()
        let admitted = try? await second
        #expect(admitted != nil)
        admitted?.release()
    }

    @Test func `an order for which no connection is free is not dialed, and neither are others held up`() async throws {
        let telephony = ScriptedTelephony()
        let stage = Stage(telephony: telephony)
        let permits = stage.flow.twilioGuard.permits
        var held: [VendorPermits.Permit] = []
        while let permit = try? await permits.permit(for: .dial, within: .zero) { held.append(permit) }
        try await stage.working {
            await #expect {
                try await stage.flow.place(Stage.order)
            } throws: {
                if case .vendor(.noConnection(.twilio), callID: _?)? = $0 as? PlacingFailure { true } else { false }
            }
            #expect(telephony.dials.isEmpty)
            let call = try #require(stage.flow.calls(matching: CallFilter(), limit: 1, after: nil).calls.first)
            #expect(call.status == .failed)
            #expect(call.error?.code == "upstream_busy")
            #expect(!stage.flow.twilioGuard.isOpen)
            for permit in held { permit.release() }
            #expect(try await stage.flow.place(Stage.order(number: 2)).callSid != nil)
        }
        #expect(stage.platform.discarded == [ScriptedPlatform.ultravoxCallID])
    }

    private static let busy = VendorRefusal(vendor: .twilio, status: 429, code: 20429, message: "too many requests")

    /// How many more dials could be in flight.
    private static func freeToDial(_ flow: CallFlow) async -> Int {
        var held: [VendorPermits.Permit] = []
        while let permit = try? await flow.twilioGuard.permits.permit(for: .dial, within: .zero) { held.append(permit) }
        for permit in held { permit.release() }
        return held.count
    }

    @Test func `an order holds no connection while it pauses because Twilio asks for that`() async throws {
        let flows = Mutex<CallFlow?>(nil)
        let free = Tally()
        let note: @Sendable () async -> Void = {
            if let flow = flows.withLock({ $0 }) { free.note(await Self.freeToDial(flow)) }
        }
        let telephony = ScriptedTelephony(
            [.failure(.throttled(Self.busy, retryAfter: .seconds(4)))],
            during: { _ in await note() }
        )
        let stage = Stage(clock: ManualClock(duringPause: note), telephony: telephony)
        flows.withLock { $0 = stage.flow }
        _ = try await stage.flow.place(Stage.order)
        await note()
        let most = PermitLimits().notUrgent
        // During the first create, the pause, the second create, and afterwards.
        #expect(free.noted == [most - 1, most, most - 1, most])
    }

    @Test func `an order that finds no connection after its pause is not dialed again`() async throws {
        let flows = Mutex<CallFlow?>(nil)
        let held = Mutex<[VendorPermits.Permit]>([])
        let clock = ManualClock(duringPause: {
            let flow = flows.withLock { flow in
                defer { flow = nil }
                return flow
            }
            while let permit = try? await flow?.twilioGuard.permits.permit(for: .dial, within: .zero) {
                held.withLock { $0.append(permit) }
            }
        })
        let telephony = ScriptedTelephony([.failure(.throttled(Self.busy, retryAfter: .seconds(1)))])
        let stage = Stage(clock: clock, telephony: telephony)
        flows.withLock { $0 = stage.flow }
        await #expect {
            try await stage.flow.place(Stage.order)
        } throws: {
            if case .vendor(.throttled, callID: _?)? = $0 as? PlacingFailure { true } else { false }
        }
        #expect(telephony.dials.count == 1)
        #expect(held.withLock(\.count) == PermitLimits().notUrgent)
        for permit in held.withLock({ $0 }) { permit.release() }
        #expect(await Self.freeToDial(stage.flow) == PermitLimits().notUrgent)
    }

    @Test func `a hang-up leaves at once while every other request is slow`() async throws {
        let hold = Hold()
        let count = Mutex(0)
        let telephony = ScriptedTelephony(during: { _ in
            // The first create is answered, so that there is a call to hang up.
            let isFirst = count.withLock { count in
                count += 1
                return count == 1
            }
            if !isFirst { await hold.pass() }
        })
        let stage = Stage(
            clock: ManualClock(),
            telephony: telephony,
            queue: DialQueue.Limits(callsPerSecond: 1000, longestWait: .seconds(3600), waitingOrders: 1000)
        )
        try await stage.working {
            let live = try await stage.flow.place(Stage.order(number: 0))
            await withTaskGroup(of: Void.self) { group in
                let most = PermitLimits().notUrgent
                for number in 1...most {
                    group.addTask { _ = try? await stage.flow.place(Stage.order(number: number)) }
                }
                defer { hold.open() }
                await eventually { hold.count >= most }
                #expect(hold.count == most)
                // These find no connection.
                for number in (most + 1)...100 {
                    group.addTask { _ = try? await stage.flow.place(Stage.order(number: number)) }
                }
                let ended = try? await stage.flow.hangUp(live.id)
                #expect(ended?.status == .completed)
            }
            #expect(telephony.ended == [ScriptedTelephony.sid])
        }
    }
}
