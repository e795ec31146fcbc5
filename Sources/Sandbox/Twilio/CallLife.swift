import FoundationEssentials
import OrderedCollections

/// The life of one call at Twilio, from the queue to its last callback.
///
/// The REST API changes the call's record itself and tells the life by a signal; every step of the life first asks the
/// record whether it still applies. The callbacks of one call go out one after the other, in order of occurrence.
struct CallLife: Sendable {
    let core: SandboxCore
    let sid: String
    let scenario: Scenario
    let line: Mailbox<PhoneCall.Signal>
    let courier: TwilioCourier
    private let turn: ContinuousClock.Instant
    private let mail: AsyncStream<TwilioWebhook>
    private let mailEntrance: AsyncStream<TwilioWebhook>.Continuation

    /// `turn` is when Twilio takes the call from its queue.
    init(core: SandboxCore, call: PhoneCall, turn: ContinuousClock.Instant) {
        self.core = core
        sid = call.sid
        scenario = call.scenario
        line = call.line
        courier = TwilioCourier(core: core)
        self.turn = turn
        (mail, mailEntrance) = AsyncStream.makeStream()
    }

    func run() async {
        await withTaskGroup { group in
            group.addTask { await courier.deliver(mail, of: sid) }
            await live()
            mailEntrance.finish()
            await group.waitForAll()
        }
        guard !Task.isCancelled else { return }
        core.state.update { $0.phoneCalls[sid]?.isSettled = true }
    }

    /// The record now.
    var call: PhoneCall? { core.state.read { $0.phoneCalls[sid] } }

    /// Changes the record; false when the change came too late.
    func change(_ body: (inout PhoneCall) -> Bool) -> Bool {
        core.state.update { state in
            guard var call = state.phoneCalls[sid] else { return false }
            let isChanged = body(&call)
            state.phoneCalls[sid] = call
            return isChanged
        }
    }

    /// Enters something into Twilio's debugger.
    func alert(_ code: Int, _ message: String) {
        core.state.update { $0.ledger.alert(code, message, callSid: sid) }
    }

    func post(_ webhook: TwilioWebhook) { mailEntrance.yield(webhook) }

    /// Sends a status callback, if the client subscribed to the event.
    func report(_ event: CallEvent) {
        let webhook: TwilioWebhook? = core.state.update { state in
            guard var call = state.phoneCalls[sid], call.order.events.contains(event),
                let target = call.order.statusCallback
            else { return nil }
            var parameters = call.statusParameters(event)
            if event == .completed, let recording = call.order.recording, let seconds = call.durationSeconds,
                call.answered != nil
            {
                parameters += [
                    Parameter("RecordingSid", recording.sid), Parameter("RecordingDuration", "\(seconds)"),
                    Parameter("RecordingUrl", recording.url(call)),
                ]
            }
            state.phoneCalls[sid] = call
            return TwilioWebhook(kind: "status", callSid: sid, target: target, parameters: parameters)
        }
        if let webhook { post(webhook) }
    }

    private func live() async {
        guard await dial() else { return }
        report(.initiated)
        await reach()
        guard call?.status.isFinal == true else { return }
        report(.completed)
        await Recorder(life: self).finish()
    }

    /// Waits in the queue; false if the call was canceled there, in which case no callback is sent.
    private func dial() async -> Bool {
        defer { core.state.update { state in state.queue.removeAll { $0 == sid } } }
        var due = turn + core.pace.scaled(.milliseconds(200))
        while true {
            guard await line.next(before: due) == nil, !Task.isCancelled else { return false }
            // Whoever came before may be late: order and pace hold all the same.
            let later: ContinuousClock.Instant? = core.state.update { state in
                let now = ContinuousClock.now
                if let next = state.nextDial, next > now { return next }
                if let first = state.queue.first, first != sid { return now + .milliseconds(5) }
                state.nextDial = core.configuration.callsPerSecond.map { now + .seconds(1 / $0) }
                return nil
            }
            guard let later else { return change { $0.dial() } }
            due = later
        }
    }

    /// Tries to get somebody on the line, and leaves the record final unless the task was cancelled.
    private func reach() async {
        guard await passes(.milliseconds(300)) else { return }
        if scenario.outcome == .unreachable {
            _ = change { $0.end(.failed, sip: 404) }
            return
        }
        guard change({ $0.ring() }) else { return }
        report(.ringing)
        let timeout = Duration.seconds(call?.order.timeout ?? 60)
        guard await passes(min(timeout, scenario.ring)) else { return }
        switch scenario.outcome {
        case .busy where timeout >= scenario.ring:
            _ = change { $0.end(.busy, sip: 486) }
        case .answered where timeout >= scenario.ring:
            guard change({ $0.answer() }) else { return }
            report(.answered)
            await CallTalk(life: self).run()
        case .answered, .busy, .noAnswer, .unreachable, .refused:
            _ = change { $0.end(.noAnswer, sip: 487) }
        }
    }

    /// Waits for a delay of the scenario; false if the call was ended meanwhile or the sandbox stops.
    private func passes(_ duration: Duration) async -> Bool {
        let deadline = ContinuousClock.now + core.pace.scaled(duration)
        while let signal = await line.next(before: deadline) {
            if case .ended = signal { return false }
        }
        return !Task.isCancelled
    }
}
