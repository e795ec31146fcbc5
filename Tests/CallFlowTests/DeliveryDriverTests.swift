import CallDomain
import ServiceLifecycleTestKit
import Synchronization
import TestSupport
import Testing

@testable import CallFlow

private func sid(_ number: Int) -> CallSid {
    let digits = String(number, radix: 16)
    return CallSid("CA" + String(repeating: "0", count: 32 - digits.count) + digits)!
}

private func stream(_ number: Int, of call: Int) -> CallFact {
    let digits = String(number, radix: 16)
    let streamSid = StreamSid("MZ" + String(repeating: "0", count: 32 - digits.count) + digits)!
    let event: StreamReport.Event = number.isMultiple(of: 2) ? .stopped : .started
    let report = StreamReport(callSid: sid(call), streamSid: streamSid, event: event, error: nil, timestamp: nil)
    return .streamReported(report)
}

extension OutgoingEvent {
    fileprivate var notice: CallNotice? { if case .notice(let notice) = content { notice } else { nil } }
}

@Suite(.timeLimit(.minutes(1)), .timeKept) struct `What sends events` {
    private static let secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

    private func sending(
        _ receivers: EventReceivers,
        _ body: @Sendable (Stage) async throws -> Void
    ) async throws {
        try await testGracefulShutdown { trigger in
            let stage = try await Stage(receivers: receivers).started()
            async let run: Void = stage.flow.deliveries.run()
            try await body(stage)
            trigger.triggerGracefulShutdown()
            await run
        }
    }

    private func status(_ status: CallStatus, of call: Int) -> CallFact {
        .statusReported(StatusReport(callSid: sid(call), status: status, sequenceNumber: nil))
    }

    /// Calls that all change at once, while what they did before is being sent.
    @Test func `forgets no event that comes while another one is being written down`() async throws {
        let receivers = EventReceivers()
        let (calls, changes) = (16, 40)
        try await sending(receivers) { stage in
            _ = try await stage.flow.subscribe("https://hooks.example.com/", [], secret: Self.secret)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for call in 1...calls {
                    group.addTask {
                        _ = try await stage.flow.receive(status(.inProgress, of: call), claimed: nil)
                        for number in 1...changes {
                            _ = try await stage.flow.receive(stream(number, of: call), claimed: nil)
                            await Task.yield()
                        }
                    }
                }
                try await group.waitForAll()
            }
            await eventually { stage.flow.waitingDeliveries == 0 }
        }
        let events = receivers.events.compactMap(\.notice)
        #expect(Set(events.map(\.place)).count == events.count)
        for call in 1...calls {
            let places = events.filter { $0.call.callSid == sid(call) }.map(\.place)
            #expect(places.count > changes / 2)
            #expect(places == places.sorted())
        }
    }

    @Test func `sends to one server four events at the same time, and to others meanwhile`() async throws {
        let inHand = Mutex(0)
        let most = Mutex(0)
        let (stop, release) = AsyncStream.makeStream(of: Never.self)
        let receivers = EventReceivers { event in
            guard event.url.contains("slow") else { return .init(status: 204, reason: nil) }
            let count = inHand.withLock { count in
                count += 1
                return count
            }
            most.withLock { $0 = max($0, count) }
            for await _ in stop {}
            inHand.withLock { $0 -= 1 }
            return .init(status: 204, reason: nil)
        }
        try await sending(receivers) { stage in
            for path in ["one", "two", "three"] {
                _ = try await stage.flow.subscribe("https://slow.example.com/\(path)", [], secret: Self.secret)
            }
            _ = try await stage.flow.subscribe("https://quick.example.com/", [], secret: Self.secret)
            for call in 1...20 { _ = try await stage.flow.receive(status(.ringing, of: call), claimed: nil) }
            await eventually { receivers.events.count { $0.url.contains("quick") } == 20 }
            #expect(inHand.withLock { $0 } == 4)
            release.finish()
            await eventually { stage.flow.waitingDeliveries == 0 }
        }
        #expect(most.withLock { $0 } <= 4)
        #expect(receivers.events.count == 80)
    }
}
