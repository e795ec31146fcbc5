import CallDomain
import Synchronization
import TestSupport
import Testing

@testable import CallFlow

@Suite(.timeKept) struct `Agents that are remembered` {
    @Test func `are not what was read before they were deleted`() async throws {
        let clock = ManualClock()
        let (reads, sayReading) = AsyncStream.makeStream(of: Void.self)
        let (deleted, sayDeleted) = AsyncStream.makeStream(of: Void.self)
        let platform = ScriptedPlatform(
            clock: clock,
            duringRead: { count in
                guard count == 1 else { return }
                sayReading.yield()
                for await _ in deleted { return }
            }
        )
        let stage = Stage(clock: clock, platform: platform)
        async let placed = stage.flow.place(Stage.order)
        for await _ in reads { break }
        try await stage.flow.agents.delete(ScriptedPlatform.agentID)
        sayDeleted.yield()
        // The order itself reads the agent again when its turn comes, and that is remembered.
        _ = try await placed
        #expect(platform.reads == 2)
        _ = try? await stage.flow.place(Stage.order)
        #expect(platform.reads == 2)
    }

    @Test(.timeLimit(.minutes(1)))
    func `are read once for orders that come together`() async throws {
        let clock = ManualClock()
        let asking = Tally()
        let platform = ScriptedPlatform(
            clock: clock,
            duringRead: { _ in
                // Until the other orders have asked, too.
                await eventually { asking.noted.count == 50 }
            }
        )
        let stage = Stage(clock: clock, platform: platform)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    asking.note(number)
                    _ = try? await stage.flow.place(Stage.order(number: number))
                }
            }
        }
        // Whoever asks after the answer finds it remembered; whoever asked before it waited for it.
        #expect(platform.reads == 1)
    }

    @Test func `are remembered, whatever becomes of other agents meanwhile`() async throws {
        let clock = ManualClock()
        let stages = Mutex<Stage?>(nil)
        let platform = ScriptedPlatform(
            clock: clock,
            duringRead: { _ in
                let other = AgentID("00000000-2c7e-4b0a-9d38-51c0e7a4b921")
                if let other { stages.withLock { $0 }?.flow.agents.forget(other) }
            }
        )
        let stage = Stage(clock: clock, platform: platform)
        stages.withLock { $0 = stage }
        _ = try await stage.flow.place(Stage.order(number: 1))
        _ = try await stage.flow.place(Stage.order(number: 2))
        #expect(platform.reads == 1)
    }

    @Test func `are what replaced them`() async throws {
        let stage = Stage()
        _ = try await stage.flow.agents.replace(ScriptedPlatform.agentID, with: ScriptedPlatform.agent().configuration)
        _ = try await stage.flow.place(Stage.order)
        #expect(stage.platform.reads == 0)
    }

    @Test func `are kept when they cannot be read for want of a connection`() async throws {
        let stage = Stage()
        _ = try await stage.flow.place(Stage.order(number: 1))
        let permits = stage.flow.ultravoxGuard.permits
        var held: [VendorPermits.Permit] = []
        while let permit = try? await permits.permit(for: .other, within: .zero) { held.append(permit) }
        await #expect(throws: VendorFailure.noConnection(.ultravox)) {
            try await stage.flow.agents.agent(ScriptedPlatform.agentID)
        }
        for permit in held { permit.release() }
        _ = try await stage.flow.place(Stage.order(number: 2))
        #expect(stage.platform.reads == 1)
    }

    @Test func `are none that were deleted`() async throws {
        let stage = Stage()
        _ = try await stage.flow.place(Stage.order)
        try await stage.flow.agents.delete(ScriptedPlatform.agentID)
        _ = try? await stage.flow.place(Stage.order)
        #expect(stage.platform.reads == 2)
    }
}
