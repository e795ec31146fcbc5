import CallDomain
import CallFlow
import Testing

@Suite struct `Agents that are remembered` {
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
        _ = try await placed
        #expect(platform.reads == 1)
        _ = try? await stage.flow.place(Stage.order)
        #expect(platform.reads == 2)
    }

    @Test func `are what replaced them`() async throws {
        let stage = Stage()
        _ = try await stage.flow.agents.replace(ScriptedPlatform.agentID, with: ScriptedPlatform.agent().configuration)
        _ = try await stage.flow.place(Stage.order)
        #expect(stage.platform.reads == 0)
    }

    @Test func `are none that were deleted`() async throws {
        let stage = Stage()
        _ = try await stage.flow.place(Stage.order)
        try await stage.flow.agents.delete(ScriptedPlatform.agentID)
        _ = try? await stage.flow.place(Stage.order)
        #expect(stage.platform.reads == 2)
    }
}
