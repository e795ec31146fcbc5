import CallDomain
import CallStorage
import Foundation
import Logging
import ServiceLifecycle
import ServiceLifecycleTestKit
import Synchronization
import TestSupport

@testable import CallFlow

/// Clocks that stand still but for the pauses that somebody makes: those pass as soon as whatever can go on without them
/// has had its time.
final class ManualClock: TimeSource {
    /// So often others may go on before a pause passes: more often than a call has steps.
    private static let steps = 300

    private struct State {
        var moment = Moment(elapsed: .seconds(1000))
        /// The wall clock at the beginning of the monotonic one.
        var beginning = Timestamp(milliseconds: 1_789_999_000_000)
        var pauses: [Duration] = []
    }

    private let state = Mutex(State())

    var now: Timestamp { state.withLock { $0.beginning + $0.moment.elapsed } }
    var moment: Moment { state.withLock { $0.moment } }
    var pauses: [Duration] { state.withLock { $0.pauses } }

    /// Runs before a pause ends.
    private let duringPause: @Sendable () async -> Void

    init(duringPause: @escaping @Sendable () async -> Void = {}) { self.duringPause = duringPause }

    func sleep(for duration: Duration) async throws {
        for _ in 0..<Self.steps {
            await Task.yield()
            try Task.checkCancellation()
        }
        state.withLock {
            $0.moment = $0.moment + duration
            $0.pauses.append(duration)
        }
        await duringPause()
        try Task.checkCancellation()
    }

    func advance(by duration: Duration) {
        state.withLock { $0.moment = $0.moment + duration }
    }

    /// Sets the wall clock alone.
    func set(by duration: Duration) {
        state.withLock { $0.beginning = $0.beginning + duration }
    }
}

final class CountingBits: RandomBits {
    private let count = Mutex<UInt64>(0)

    func next() -> UInt64 {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}

/// Twilio as the flow sees it: answers in the given order, and remembers what it was asked.
final class ScriptedTelephony: Telephony {
    typealias Answer = Result<TwilioCall, VendorFailure>

    private let state: Mutex<(answers: [Answer], dials: [DialRequest], ended: [CallSid])>
    private let endFailures: Mutex<[VendorFailure]>
    private let ends: Mutex<[EndOfCall]>
    /// Runs before a create leaves.
    private let connecting: @Sendable (DialRequest) async -> Void
    /// Runs while a create is under way.
    private let during: @Sendable (DialRequest) async -> Void

    init(
        _ answers: [Answer] = [],
        endFailures: [VendorFailure] = [],
        ends: [EndOfCall] = [],
        connecting: @escaping @Sendable (DialRequest) async -> Void = { _ in },
        during: @escaping @Sendable (DialRequest) async -> Void = { _ in }
    ) {
        state = Mutex((answers, [], []))
        self.endFailures = Mutex(endFailures)
        self.ends = Mutex(ends)
        self.connecting = connecting
        self.during = during
    }

    var dials: [DialRequest] { state.withLock { $0.dials } }
    var ended: [CallSid] { state.withLock { $0.ended } }

    func createCall(
        _ request: DialRequest,
        permit: DialPermit
    ) async throws(VendorFailure) -> TwilioCall {
        await connecting(request)
        guard permit.leave() else { throw .notSent(.twilio, reason: "taken back") }
        state.withLock { $0.dials.append(request) }
        await during(request)
        let answer = state.withLock { state in
            state.answers.isEmpty ? .success(Self.queued(number: state.dials.count)) : state.answers.removeFirst()
        }
        return try answer.get()
    }

    func endCall(_ sid: CallSid) async throws(VendorFailure) -> EndOfCall {
        state.withLock { $0.ended.append(sid) }
        if let failure = endFailures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw failure }
        if let end = ends.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return end }
        return .taken(TwilioCall(callSid: sid, status: .completed))
    }

    func call(_ sid: CallSid) async throws(VendorFailure) -> TwilioCall { Self.queued }

    private let recordings = Mutex((failures: [VendorFailure](), asked: [RecordingSid]()))
    /// The recordings whose deletion was asked for.
    var deletedRecordings: [RecordingSid] { recordings.withLock { $0.asked } }
    func failDeletions(_ failures: [VendorFailure]) { recordings.withLock { $0.failures = failures } }

    func deleteRecording(_ sid: RecordingSid) async throws(VendorFailure) {
        let failure = recordings.withLock { state in
            state.asked.append(sid)
            return state.failures.isEmpty ? nil : state.failures.removeFirst()
        }
        if let failure { throw failure }
    }

    func checkAccess(within patience: Duration) async throws(VendorFailure) {}

    static let sid = CallSid("CA" + String(repeating: "0a", count: 16))!

    /// Another call for each number; ``queued`` for the first.
    static func queued(number: Int) -> TwilioCall {
        guard number > 1 else { return queued }
        let digits = String(number, radix: 16)
        let sid = CallSid("CA" + String(repeating: "0", count: 32 - digits.utf8.count) + digits) ?? sid
        return TwilioCall(callSid: sid, status: .queued, direction: .outbound)
    }

    static let queued = TwilioCall(callSid: sid, status: .queued, direction: .outbound)
}

/// Ultravox as the flow sees it.
final class ScriptedPlatform: AgentPlatform {
    private let state = Mutex((prepared: [AgentCallRequest](), discarded: [UltravoxCallID](), reads: 0))
    private let agentAnswer: Mutex<Result<Agent, VendorFailure>>
    private let callFailure: VendorFailure?
    private let clock: any TimeSource
    private let during: @Sendable (AgentCallRequest) async -> Void
    /// Runs while the agent is read for that many times.
    private let duringRead: @Sendable (Int) async -> Void
    /// Runs before a conversation is deleted.
    private let duringDiscard: @Sendable () async -> Void

    init(
        clock: any TimeSource,
        agent: Result<Agent, VendorFailure> = .success(ScriptedPlatform.agent()),
        callFailure: VendorFailure? = nil,
        during: @escaping @Sendable (AgentCallRequest) async -> Void = { _ in },
        duringRead: @escaping @Sendable (Int) async -> Void = { _ in },
        duringDiscard: @escaping @Sendable () async -> Void = {}
    ) {
        self.duringDiscard = duringDiscard
        agentAnswer = Mutex(agent)
        self.callFailure = callFailure
        self.clock = clock
        self.duringRead = duringRead
        self.during = during
    }

    /// Changes the agent at the platform, as somebody does who does not ask the gateway.
    func change(_ agent: Result<Agent, VendorFailure>) { agentAnswer.withLock { $0 = agent } }

    private func agentOfNow() throws(VendorFailure) -> Agent { try agentAnswer.withLock { $0 }.get() }

    var prepared: [AgentCallRequest] { state.withLock { $0.prepared } }
    var discarded: [UltravoxCallID] { state.withLock { $0.discarded } }
    var reads: Int { state.withLock { $0.reads } }

    static let agentID = AgentID("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921")!
    static let ultravoxCallID = UltravoxCallID("b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b")!
    static let joinURL = JoinURL("wss://voice.ultravox.ai/calls/b1e2c3d4/telephony")!

    static func agent(status: Agent.Status = .active, required: [String] = []) -> Agent {
        Agent(
            id: agentID,
            configuration: AgentConfiguration(name: "reminder", prompt: "Be kind."),
            status: status,
            createdAt: nil,
            updatedAt: nil,
            contextSchema: ContextSchema(
                variables: JSONObject(required.map { ($0, .null) }) { $1 },
                required: required,
                isClosed: true
            )
        )
    }

    func agent(_ id: AgentID, within patience: Duration) async throws(VendorFailure) -> Agent {
        let count = state.withLock {
            $0.reads += 1
            return $0.reads
        }
        await duringRead(count)
        return try agentOfNow()
    }

    func createAgentCall(_ request: AgentCallRequest) async throws(VendorFailure) -> AgentCall {
        let number = state.withLock {
            $0.prepared.append(request)
            return $0.prepared.count
        }
        await during(request)
        if let callFailure { throw callFailure }
        return AgentCall(
            ultravoxCallID: number == 1
                ? Self.ultravoxCallID : UltravoxCallID(UUID().uuidString.lowercased()) ?? Self.ultravoxCallID,
            joinURL: Self.joinURL,
            joinDeadline: clock.now + request.joinTimeout
        )
    }

    func deleteAgentCall(_ id: UltravoxCallID) async throws(VendorFailure) {
        await duringDiscard()
        state.withLock { $0.discarded.append(id) }
    }

    func createAgent(_ configuration: AgentConfiguration) async throws(VendorFailure) -> Agent { try agentOfNow() }
    func agents(search: String?, limit: Int, cursor: String?) async throws(VendorFailure) -> AgentPage {
        AgentPage(agents: [], nextCursor: nil)
    }
    func replaceAgent(_ id: AgentID, with configuration: AgentConfiguration) async throws(VendorFailure) -> Agent {
        try agentOfNow()
    }
    func deleteAgent(_ id: AgentID) async throws(VendorFailure) {}
    func endAgentCall(_ id: UltravoxCallID) async throws(VendorFailure) {}
    func messages(
        of id: UltravoxCallID,
        joinedAt: Timestamp?,
        limit: Int,
        cursor: String?
    ) async throws(VendorFailure) -> ConversationPage { ConversationPage(messages: [], nextCursor: nil) }
    func checkAccess(within patience: Duration) async throws(VendorFailure) {}
}

/// What tasks have to tell, in order.
final class Tally: Sendable {
    private let numbers = Mutex<[Int]>([])

    var noted: [Int] { numbers.withLock { $0 } }

    func note(_ number: Int) { numbers.withLock { $0.append(number) } }
}

extension VendorGuard {
    /// Lets so many requests fail that it opens.
    func fail() async {
        for _ in 0..<10 {
            let failure = VendorFailure.unclear(vendor, status: 503, reason: "down")
            try? await run(repeating: .never) { (_) throws(VendorFailure) in throw failure }
        }
    }
}

/// A flow with scripted vendors, whose background work runs while `body` does and is finished when it returns.
struct Stage: Sendable {
    let flow: CallFlow
    let background: BackgroundWork
    let clock: ManualClock
    let telephony: ScriptedTelephony
    let platform: ScriptedPlatform

    init(
        clock: ManualClock = ManualClock(),
        telephony: ScriptedTelephony = ScriptedTelephony(),
        platform: ScriptedPlatform? = nil,
        inboundAgentID: AgentID? = nil,
        destinations: DestinationPolicy = DestinationPolicy(countryOf: PhoneNumber("+12025550143")!)!,
        maximumCalls: Int = .max,
        limits: AdmissionLimits = AdmissionLimits(),
        queue: DialQueue.Limits = DialQueue.Limits(),
        journal: any Journal = NoJournal(),
        receivers: EventReceivers = EventReceivers(),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.clock = clock
        self.telephony = telephony
        self.platform = platform ?? ScriptedPlatform(clock: clock)
        background = BackgroundWork()
        flow = CallFlow(
            journal: journal,
            telephony: telephony,
            platform: self.platform,
            sender: receivers,
            clock: clock,
            random: CountingBits(),
            background: background,
            policy: CallPolicy(
                from: PhoneNumber("+12025550143")!,
                destinations: destinations,
                maxConcurrentCalls: limits.concurrentCalls,
                maxCallsPerDay: limits.callsPerDay,
                parallelCallsToNumber: limits.parallelCallsToNumber,
                numberCooldown: limits.numberCooldown,
                callsPerSecond: queue.callsPerSecond,
                queueMaxWait: queue.longestWait,
                queueLimit: queue.waitingOrders,
                unconfirmedAfter: .seconds(900),
                maxCallDuration: .seconds(3600),
                retention: .seconds(7 * 86_400),
                maximumCalls: maximumCalls,
                inboundAgentID: inboundAgentID
            ),
            logger: logger
        )
        TimeKept.keep(flow.queue)
    }

    static let order = order()

    /// With its log read, and what the process before left taken up.
    func started() async throws -> Stage {
        try await flow.replay()
        try await flow.resume {
            KeptAnswer(status: 202, contentType: "text/plain", location: nil, body: Array($0.id.text.utf8))
        }
        return self
    }

    /// Runs `body` while background work runs, and waits for what it began.
    func working(_ body: () async throws -> Void) async throws {
        try await testGracefulShutdown { trigger in
            async let work: Void = background.run()
            try await body()
            await noCallIsBeingEnded()
            trigger.triggerGracefulShutdown()
            await work
        }
    }

    /// Waits until every call that was to be ended is over, or given up: a stop would cut the attempts short.
    func noCallIsBeingEnded() async {
        func isBusy() -> Bool {
            flow.calls(matching: CallFilter(), limit: 1000, after: nil).calls.contains { flow.duties.isEnding($0.id) }
        }
        while isBusy() { await Task.yield() }
    }

    static func order(
        join: CallOrder.Join = .eager,
        ringTimeout: Duration = .seconds(30),
        context: JSONObject = [:],
        machineDetection: CallOrder.MachineDetection = .off,
        number: Int = 187
    ) -> PlaceCall {
        PlaceCall(
            agentID: ScriptedPlatform.agentID,
            phoneNumber: PhoneNumber("+1212555\(1000 + number)")!,
            templateContext: context,
            from: nil,
            ringTimeout: ringTimeout,
            maxDuration: nil,
            machineDetection: machineDetection,
            record: false,
            join: join,
            metadata: [:]
        )
    }
}
