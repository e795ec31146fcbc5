import CallDomain
import CallFlow
import CallStorage
import TestSupport

/// The address at which the gateway is found, whichever process serves it; none does after a crash, for a while.
final class GatewaySite: WebhookReceiver {
    private let world: SerialWorld
    private let chronicle: Chronicle
    /// `nil` where nothing is kept.
    let journal: InMemoryJournal?
    private let telephony: any Telephony
    private let platform: any AgentPlatform
    private let policy: CallPolicy
    private let random: SeededBits
    private let current: Confined<GatewayProcess?>

    init(
        world: SerialWorld,
        journal: InMemoryJournal?,
        telephony: any Telephony,
        platform: any AgentPlatform,
        policy: CallPolicy,
        chronicle: Chronicle,
        seed: UInt64
    ) {
        self.world = world
        self.journal = journal
        self.telephony = telephony
        self.platform = platform
        self.policy = policy
        self.chronicle = chronicle
        random = SeededBits(seed: seed, for: "gateway")
        current = Confined(nil, to: world.thread)
    }

    /// What the process knows; `nil` while none is ready.
    var flow: CallFlow? {
        guard let process = current.value, process.isReady else { return nil }
        return process.flow
    }

    var isStopping: Bool { current.value?.isStopping ?? false }
    var hasEnded: Bool { current.value?.hasEnded ?? false }

    func start(_ whenReady: @escaping @Sendable () -> Void = {}) {
        let process = GatewayProcess(
            world: world,
            journal: journal.map { $0 as any Journal } ?? NoJournal(),
            telephony: telephony,
            platform: platform,
            policy: policy,
            chronicle: chronicle,
            random: random
        )
        current.value = process
        process.start(whenReady)
    }

    func stop() { current.value?.stop() }

    /// The process dies; what it was writing is cut.
    func crash(_ cut: InMemoryJournal.Cut) {
        current.value?.kill()
        let count = journal?.crash(cut) ?? 0
        chronicle.hit("crash \(count > 0 ? cut.rawValue : "idle")")
        chronicle.note("gateway", "crashes; \(count) records are \(cut.rawValue)")
    }

    func request<Value: Sendable>(
        _ body: @escaping @Sendable (CallFlow) async -> Value,
        then: @escaping @Sendable (Value?) -> Void = { _ in }
    ) {
        guard let process = current.value else { return then(nil) }
        process.request(body, then: then)
    }

    // MARK: WebhookReceiver

    func receive(_ fact: CallFact, claimed: CallID?, acknowledged: @escaping @Sendable () -> Void) {
        request { flow in
            try? await flow.receive(fact, claimed: claimed)
        } then: { [self] outcome in
            let about = fact.callSid?.text ?? "nothing"
            note(outcome ?? nil, "\(fact.identity) \(about)")
            if (outcome ?? nil) != nil { acknowledged() }
        }
    }

    func receive(_ report: ConversationReport) {
        request { flow in
            try? await flow.receive(report, claimed: report.callID)
        } then: { [self] outcome in
            note(outcome ?? nil, "\(report.event.rawValue) \(report.ultravoxCallID.text)")
        }
    }

    func receive(_ request: VoiceRequest, claimed: CallID?, answer: @escaping @Sendable (VoiceAnswer?) -> Void) {
        self.request { flow in
            try? await flow.receive(request, claimed: claimed)
        } then: { [self] result in
            let result = result ?? nil
            note(result?.outcome, "voice \(request.callSid.text) answered \(result?.answer.word ?? "nothing")")
            answer(result?.answer)
        }
    }

    private func note(_ outcome: WebhookOutcome?, _ about: String) {
        let word: String
        switch outcome {
        case .applied(let call): word = "applied, \(call.id.text) is \(call.status.rawValue)"
        case .alreadyKnown: word = "already known"
        case .held: word = "held"
        case .useless(let reason): word = reason.rawValue
        case nil: word = "not answered"
        }
        chronicle.hit("outcome \(word.prefix { $0 != "," })")
        chronicle.note("webhook", "\(about): \(word)")
    }
}
