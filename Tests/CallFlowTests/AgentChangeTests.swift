import CallDomain
import Logging
import TestSupport
import Testing

@testable import CallFlow

/// An agent that needs `name` and has a default for `town`.
private func agent(
    town: JSONValue = "Graz",
    greeting: String = "Hello",
    maxDuration: Duration? = nil,
    status: Agent.Status = .active,
    required: [String] = ["name"]
) -> Agent {
    var variables: JSONObject = ["town": town]
    for name in required { variables[name] = .null }
    return Agent(
        id: ScriptedPlatform.agentID,
        configuration: AgentConfiguration(
            name: "reminder",
            prompt: "Remind {{name}} of {{town}}.",
            greeting: greeting,
            maxDuration: maxDuration
        ),
        status: status,
        createdAt: nil,
        updatedAt: nil,
        contextSchema: ContextSchema(variables: variables, required: required, isClosed: true)
    )
}

/// How somebody changes an agent.
enum WayOfChange: CaseIterable {
    case throughUs
    /// In Ultravox's console, or through another gateway.
    case elsewhere
}

/// A gateway in whose queue one order waits for so many seconds; the one before it was dialed at once.
private struct Waiting {
    let stage: Stage
    let id: CallID

    init(
        seconds: Double,
        join: CallOrder.Join = .eager,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) async throws {
        let clock = ManualClock()
        stage = Stage(
            clock: clock,
            platform: ScriptedPlatform(clock: clock, agent: .success(agent())),
            queue: .init(callsPerSecond: 1 / seconds, longestWait: .seconds(600)),
            logger: logger
        )
        _ = try await stage.flow.place(Stage.order(context: ["name": "Eve"], number: 1))
        let call = try await stage.flow.place(Stage.order(join: join, context: ["name": "Ada"], number: 2))
        id = call.id
        #expect(call.status == .pending)
    }

    func change(_ agent: Result<Agent, VendorFailure>, _ way: WayOfChange) async throws {
        stage.platform.change(agent)
        switch way {
        case .throughUs:
            if let configuration = try? agent.get().configuration {
                _ = try await stage.flow.agents.replace(ScriptedPlatform.agentID, with: configuration)
            } else {
                try await stage.flow.agents.delete(ScriptedPlatform.agentID)
            }
        case .elsewhere: break
        }
    }

    /// Lets the order's turn come.
    func finish() async throws -> Call {
        try await stage.working {}
        return try #require(stage.flow.call(id))
    }
}

@Suite(.timeKept) struct `An order whose agent changes while it waits` {
    @Test(arguments: [(10.0, WayOfChange.throughUs, 1), (50, .throughUs, 2), (50, .elsewhere, 2)])
    func `is dialed with the agent as it is, under what the client gave`(
        seconds: Double,
        way: WayOfChange,
        reads: Int
    ) async throws {
        let waiting = try await Waiting(seconds: seconds)
        let changed = agent(town: "Wien", greeting: "Good day", maxDuration: .seconds(300))
        try await waiting.change(.success(changed), way)
        #expect(try await waiting.finish().status == .queued)
        let prepared = try #require(waiting.stage.platform.prepared.last)
        #expect(waiting.stage.platform.prepared.count == 2)
        #expect(prepared.agent == changed)
        #expect(prepared.templateContext == ["town": "Wien", "name": "Ada"])
        #expect(prepared.maxDuration == .seconds(300))
        #expect(waiting.stage.telephony.dials.last?.timeLimit == .seconds(330))
        #expect(waiting.stage.platform.reads == reads)
    }

    @Test func `elsewhere is dialed with what was read if that is not older than thirty seconds`() async throws {
        let waiting = try await Waiting(seconds: 10)
        try await waiting.change(.success(agent(town: "Wien")), .elsewhere)
        #expect(try await waiting.finish().status == .queued)
        #expect(waiting.stage.platform.prepared.last?.templateContext == ["town": "Graz", "name": "Ada"])
        #expect(waiting.stage.platform.reads == 1)
    }

    @Test(
        arguments: WayOfChange.allCases,
        [
            (
                Result<Agent, VendorFailure>.failure(
                    .refused(VendorRefusal(vendor: .ultravox, status: 404, message: "Not found."))
                ),
                "was deleted"
            ),
            (.success(agent(status: .draft)), "became a draft"),
            (.success(agent(required: ["name", "date"])), "template_context.date"),
            (.success(agent(required: [])), "template_context.name"),
        ]
    )
    func `and does not fit any more fails with the reason before any dial`(
        way: WayOfChange,
        change: (agent: Result<Agent, VendorFailure>, reason: String)
    ) async throws {
        for join in CallOrder.Join.allCases {
            let log = RecordedLog()
            let waiting = try await Waiting(seconds: 50, join: join, logger: log.logger)
            try await waiting.change(change.agent, way)
            let call = try await waiting.finish()
            #expect(call.status == .failed)
            #expect(call.error?.code == "agent_changed")
            #expect(call.error?.message.contains(change.reason) == true, "\(call.error?.message ?? "-")")
            #expect(waiting.stage.telephony.dials.count == 1)
            #expect(waiting.stage.platform.prepared.count == 1)
            #expect(waiting.stage.flow.activeCalls == 1)
            let lines = log.lines("order failed")
            #expect(lines.count == 1 && lines.first?.level == .info)
            let told = lines.first?.metadata ?? [:]
            #expect(told["call.id"] == waiting.id.text && told["agent.id"] == ScriptedPlatform.agentID.text)
            #expect(told["reason"]?.contains(change.reason) == true, "\(told)")
            #expect(told["advice"]?.isEmpty == false && !told.values.contains { $0.contains("Ada") })
        }
    }

    @Test func `is not placed where Ultravox does not tell what became of the agent`() async throws {
        let waiting = try await Waiting(seconds: 50)
        let down = VendorFailure.unclear(.ultravox, status: nil, reason: "no answer in time")
        try await waiting.change(.failure(down), .elsewhere)
        let call = try await waiting.finish()
        #expect(call.status == .failed)
        #expect(call.error?.message == "no answer in time")
        #expect(waiting.stage.telephony.dials.count == 1)
    }

    @Test func `and which a client had hung up stays canceled`() async throws {
        let waiting = try await Waiting(seconds: 50)
        try await waiting.change(.success(agent(status: .draft)), .throughUs)
        _ = try await waiting.stage.flow.hangUp(waiting.id)
        #expect(try await waiting.finish().status == .canceled)
    }

    @Test func `until the callee answers talks to the agent as it is then`() async throws {
        let clock = ManualClock()
        let stage = Stage(clock: clock, platform: ScriptedPlatform(clock: clock, agent: .success(agent())))
        let call = try await stage.flow.place(Stage.order(join: .onAnswer, context: ["name": "Ada"]))
        let changed = agent(town: "Wien", maxDuration: .seconds(300))
        stage.platform.change(.success(changed))
        _ = try await stage.flow.agents.replace(changed.id, with: changed.configuration)
        let request = VoiceRequest(callSid: ScriptedTelephony.sid, status: .inProgress, parties: CallParties())
        let answer = try await stage.flow.receive(request, claimed: call.id).answer
        #expect(answer == .connect(ScriptedPlatform.joinURL, call.id))
        let prepared = try #require(stage.platform.prepared.first)
        #expect(prepared.agent == changed)
        #expect(prepared.templateContext == ["town": "Wien", "name": "Ada"])
        #expect(prepared.maxDuration == .seconds(300))
    }
}
