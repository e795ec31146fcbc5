import CallDomain
import CallStorage
import Logging
import ServiceLifecycle
import ServiceLifecycleTestKit
import TestSupport

@testable import CallFlow

/// The gateway between its HTTP server and its vendors, as one process: it can be asked, stopped and killed.
final class GatewayProcess: Sendable {
    private typealias Job = @Sendable () async -> Void

    private struct State {
        var trigger: GracefulShutdownTestTrigger?
        var isReady = false
        var isStopping = false
        var hasEnded = false
        var isKilled = false
        var nextRequest = 0
        /// Who is to be told when the process dies.
        var open: [Int: @Sendable () -> Void] = [:]
    }

    let flow: CallFlow
    private let world: SerialWorld
    private let chronicle: Chronicle
    private let host: SerialWorld.Host
    private let background = BackgroundWork()
    private let requests: AsyncStream<Job>
    private let intake: AsyncStream<Job>.Continuation
    private let state: Confined<State>

    init(
        world: SerialWorld,
        journal: any Journal,
        telephony: any Telephony,
        platform: any AgentPlatform,
        policy: CallPolicy,
        chronicle: Chronicle,
        random: SeededBits
    ) {
        self.world = world
        self.chronicle = chronicle
        host = world.host("gateway")
        (requests, intake) = AsyncStream.makeStream(of: Job.self)
        state = Confined(State(), to: world.thread)
        flow = CallFlow(
            journal: journal,
            telephony: telephony,
            platform: platform,
            sender: EventReceivers(),
            clock: world.time,
            random: random,
            background: background,
            policy: policy,
            logger: chronicle.logger
        )
    }

    /// Whether it has read its log, and lives.
    var isReady: Bool { state.value.isReady && !state.value.isKilled }
    var isStopping: Bool { state.value.isStopping }
    var hasEnded: Bool { state.value.hasEnded }

    /// Reads the log and starts the services.
    func start(_ whenReady: @escaping @Sendable () -> Void) {
        host.start { [self] in
            await testGracefulShutdown { trigger in
                state.value.trigger = trigger
                let linesBefore = chronicle.logLines
                do {
                    try await flow.replay()
                    if chronicle.logLines != linesBefore { chronicle.violate(.orderFree, "a replay is not silent") }
                    try await flow.resume(answering: Clients.answer(to:))
                } catch {
                    chronicle.note("gateway", "cannot read its log")
                }
                state.value.isReady = true
                whenReady()
                let services: [any Service] = [
                    background, flow.queue, Housekeeping(flow: flow, clock: world.time),
                    VendorWatch(flow: flow, clock: world.time),
                ]
                await withDiscardingTaskGroup { group in
                    for service in services { group.addTask { try? await service.run() } }
                    for await request in requests { group.addTask { await request() } }
                }
            }
            state.value.hasEnded = true
            chronicle.note("gateway", "ended")
        }
    }

    /// Sends a request; `then` gets `nil` if the process does not answer.
    func request<Value: Sendable>(
        _ body: @escaping @Sendable (CallFlow) async -> Value,
        then: @escaping @Sendable (Value?) -> Void
    ) {
        guard isReady, !state.value.hasEnded else { return then(nil) }
        let number = state.value.nextRequest
        state.value.nextRequest += 1
        state.value.open[number] = { then(nil) }
        let result = intake.yield { [self] in
            let value = await body(flow)
            world.thread.expect("an answer")
            if state.value.open.removeValue(forKey: number) != nil { then(value) }
        }
        if case .enqueued = result { return }
        state.value.open[number] = nil
        then(nil)
    }

    /// As a stop goes: no dial begins, what is in flight is answered, and then the services end.
    func stop() {
        guard !state.value.isStopping, !state.value.isKilled else { return }
        state.value.isStopping = true
        chronicle.note("gateway", "stops")
        let result = intake.yield { [self] in
            await flow.stopDialing()
            endWhenQuiet()
        }
        guard case .enqueued = result else { return chronicle.violate(.endsInTime, "the gateway had ended before") }
    }

    private func endWhenQuiet() {
        guard state.value.open.isEmpty else { return world.after(.milliseconds(100)) { [self] in endWhenQuiet() } }
        intake.finish()
        state.value.trigger?.triggerGracefulShutdown()
    }

    /// It dies where it stands. Whoever waits for an answer gets none.
    func kill() {
        state.value.isKilled = true
        host.kill()
        let open = state.value.open.sorted { $0.key < $1.key }
        state.value.open = [:]
        for (_, tell) in open { tell() }
    }
}
