import OrderedCollections

/// The life of one call at Ultravox, from its creation to its bill.
///
/// Whoever ends the call changes its record and tells the life by a signal. The webhooks of one call set out in order;
/// one that is not accepted is repeated beside the later ones.
struct Conversation: Sendable {
    let core: SandboxCore
    let call: AgentCall
    private let courier: UltravoxCourier
    private let mail: AsyncStream<UltravoxWebhook>
    private let mailEntrance: AsyncStream<UltravoxWebhook>.Continuation
    private var record: AgentCall? { core.state.read { $0.agentCalls[call.id] } }
    private var media: UltravoxMedia { UltravoxMedia(core: core) }

    init(core: SandboxCore, call: AgentCall) {
        self.core = core
        self.call = call
        courier = UltravoxCourier(core: core)
        (mail, mailEntrance) = AsyncStream.makeStream()
    }

    func run() async {
        await withTaskGroup { group in
            group.addTask { await courier.deliver(mail, of: call.id) }
            await live()
            mailEntrance.finish()
            await group.waitForAll()
        }
        guard !Task.isCancelled else { return }
        core.state.update { $0.agentCalls[call.id]?.isSettled = true }
    }

    private func live() async {
        report("call.started")
        let joinTimeout = core.pace.limit(seconds: call.duration("joinTimeout"))
        _ = await call.line.next(before: .now + joinTimeout)
        guard !Task.isCancelled else { return }
        // Fails if somebody joined, be it in this very instant.
        media.end(call.id, .unjoined)
        guard let record = record, !record.isDeleted else { return }
        if let phone = record.phone {
            report("call.joined")
            await talk(phone.scenario)
        }
        guard !Task.isCancelled, self.record?.isDeleted == false else { return }
        report("call.ended")
        try? await ContinuousClock().sleep(for: core.pace.scaled(.seconds(1)))
        guard !Task.isCancelled else { return }
        core.state.update { $0.agentCalls[call.id]?.bill() }
        report("call.billed")
    }

    /// Talks until the scenario's agent hangs up, the longest duration is over or somebody else ends the call.
    private func talk(_ scenario: Scenario) async {
        let joined = ContinuousClock.now
        let limit = joined + core.pace.limit(seconds: call.duration("maxDuration"))
        let script = Script(scenario: scenario, call: call)
        for line in script.lines {
            let due = joined + core.pace.scaled(line.after)
            guard await passes(until: min(due, limit)) else { return }
            guard due < limit else { break }
            media.say(line.text, role: line.role, tool: line.tool, in: call.id)
        }
        if case .agent(let after) = scenario.ending {
            let due = joined + core.pace.scaled(after)
            guard await passes(until: min(due, limit)) else { return }
            media.end(call.id, due < limit ? .agentHangup : .timeout)
        } else {
            guard await passes(until: limit) else { return }
            media.end(call.id, .timeout)
        }
    }

    /// Waits until `deadline`; false if the call has ended or the task was cancelled.
    private func passes(until deadline: ContinuousClock.Instant) async -> Bool {
        while record?.isLive == true {
            guard await call.line.next(before: deadline) == nil else { continue }
            return !Task.isCancelled
        }
        return false
    }

    private func report(_ event: String) {
        guard let record else { return }
        let body = (["event": .string(event), "call": record.json] as JSON).text
        var receivers = core.configuration.ultravoxWebhooks
        let name = String(event.dropFirst("call.".count))
        if let callback = record.callbacks?[name], let url = callback["url"]?.string {
            let secrets = callback["secrets"]?.array?.compactMap(\.string) ?? []
            receivers.append(AccountWebhook(url: url, secrets: secrets))
        }
        for receiver in receivers {
            mailEntrance.yield(UltravoxWebhook(event: event, callID: call.id, receiver: receiver, body: body))
        }
    }
}
