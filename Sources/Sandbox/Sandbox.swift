package import Logging
import OrderedCollections
package import OutboundHTTP
import ServiceLifecycle

/// Stand-ins for Twilio and Ultravox, over real HTTP on loopback.
///
/// Written from the vendors' documents alone; it shares no code with the adapters that it tests.
package final class Sandbox: Service {
    private let core: SandboxCore

    /// `transport` sends the callbacks and fetches TwiML; it must outlive the sandbox.
    package init(configuration: SandboxConfiguration, transport: any HTTPTransport, logger: Logger) {
        core = SandboxCore(
            configuration: configuration,
            state: Watched(SandboxState(numbers: configuration.phoneNumbers.map(OwnedNumber.init))),
            jobs: JobQueue(),
            transport: transport,
            pace: Pace(tempo: configuration.tempo),
            logger: logger
        )
    }

    /// Runs both servers and the lives of all calls until shutdown, graceful or not; calls in progress are dropped.
    package func run() async throws {
        let core = core
        let twilio = VendorServer(core: core, vendor: .twilio, answer: TwilioAPI(core: core).answer)
        let ultravox = VendorServer(core: core, vendor: .ultravox, answer: UltravoxAPI(core: core).answer)
        do {
            try await withThrowingTaskGroup { group in
                group.addTask { try await twilio.run(port: core.configuration.twilioPort) }
                group.addTask { try await ultravox.run(port: core.configuration.ultravoxPort) }
                group.addTask { await cancelWhenGracefulShutdown { await core.jobs.run() } }
                // What fails takes the others along. At a graceful shutdown each ends by itself: NIO traps if a server
                // is cancelled while it has a connection that nobody has begun to handle.
                for try await _ in group {}
            }
        } catch {
            core.state.update { $0.stopped = error }
            throw error
        }
        core.state.update { $0.stopped = CancellationError() }
    }

    /// Waits until both servers listen.
    /// - Throws: what kept them from it, or `CancellationError`.
    package func addresses() async throws -> SandboxAddresses {
        let state = try await core.state.wait { state in
            if let error = state.stopped { throw error }
            return state.twilioAddress != nil && state.ultravoxAddress != nil
        }
        guard let twilio = state.twilioAddress, let ultravox = state.ultravoxAddress else { throw CancellationError() }
        return SandboxAddresses(twilio: twilio, ultravox: ultravox)
    }

    /// What reached the stand-ins and what they sent, until now.
    package func ledger() -> Ledger { core.state.value.ledger }

    /// Makes a stand-in misbehave from now on.
    /// - Throws: ``FaultProblem`` for a rule that could never strike.
    package func inject(_ rule: FaultRule) throws(FaultProblem) {
        try rule.check()
        core.state.update { _ = $0.faults.add(rule) }
    }

    /// The rules given so far, those that are used up included.
    package func faults() -> [InjectedFault] { core.state.read { $0.faults.faults } }

    /// Forgets every rule; the faults of called numbers stay.
    package func clearFaults() { core.state.update { $0.faults.clear() } }

    /// Everything the stand-ins know now.
    package func snapshot() -> SandboxState { core.state.value }

    /// Waits until something holds, and returns the state in which it did.
    /// - Throws: `CancellationError`.
    @discardableResult
    package func wait(until condition: @escaping @Sendable (SandboxState) -> Bool) async throws -> SandboxState {
        try await core.state.wait(until: condition)
    }

    /// Waits until a Twilio call is over and all its callbacks were delivered or given up.
    /// - Throws: `CancellationError`.
    package func settled(callSid: String) async throws -> PhoneCall {
        let state = try await wait { $0.phoneCalls[callSid]?.isSettled == true }
        guard let call = state.phoneCalls[callSid] else { throw CancellationError() }
        return call
    }

    /// Waits until an Ultravox call is over and all its webhooks were delivered or given up.
    /// - Throws: `CancellationError`.
    package func settled(ultravoxCallID: String) async throws -> AgentCall {
        let state = try await wait { $0.agentCalls[ultravoxCallID]?.isSettled == true }
        guard let call = state.agentCalls[ultravoxCallID] else { throw CancellationError() }
        return call
    }
}
