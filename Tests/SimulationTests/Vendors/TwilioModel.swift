import CallDomain

/// Twilio: what it was asked, the phone calls that it has, and the webhooks that it sends by itself.
final class TwilioModel: Telephony {
    /// A create that arrived.
    struct Arrival: Sendable {
        let callID: CallID
        let number: String
        let at: Duration
        let fault: WireFault
    }

    /// What will become of a phone call.
    enum Fate: Sendable {
        case answered(after: Duration, by: String, talk: Duration, agentEnds: Bool)
        case busy(after: Duration)
        case noAnswer
        case failed(after: Duration)
    }

    struct PhoneCall: Sendable {
        let sid: CallSid
        /// The order that it was dialed for.
        let callID: CallID?
        let from: String
        let to: String
        let direction: CallDirection
        let machineDetection: CallOrder.MachineDetection
        let record: Bool
        let ringTimeout: Duration
        let timeLimit: Duration
        let createdAt: Timestamp
        var status = CallStatus.queued
        var sequence = 0
        var answeredAt: Timestamp?
        var endedAt: Timestamp?
        var stream: (sid: StreamSid, url: JoinURL)?
        var hasTwiML = false
        /// The gateway has acknowledged a message about it.
        var isTold = false
        /// The gateway has acknowledged the final status.
        var toldEnd = false
        var parties: CallParties { CallParties(from: from, to: to, direction: direction) }
    }

    struct State {
        var calls: [CallSid: PhoneCall] = [:]
        var order: [CallSid] = []
        var arrivals: [Arrival] = []
        /// When creates left, by order.
        var departures: [(callID: CallID, at: Duration, number: String)] = []
        var hasForgotten: Set<CallSid> = []
        /// Orders whose create was answered with the phone call of another.
        var misled: Set<CallID> = []
        var gateway: (any WebhookReceiver)?
    }

    let wire: Wire
    let world: SerialWorld
    let courier: Courier
    let chronicle: Chronicle
    let ultravox: UltravoxModel
    let bits: SeededBits
    let state: Confined<State>
    /// Asked when a create leaves.
    private let onDeparture: Confined<@Sendable (CallID) -> Void>

    init(world: SerialWorld, courier: Courier, ultravox: UltravoxModel, chronicle: Chronicle, seed: UInt64) {
        self.world = world
        self.courier = courier
        self.ultravox = ultravox
        self.chronicle = chronicle
        wire = Wire(.twilio, world: world, chronicle: chronicle, seed: seed)
        bits = SeededBits(seed: seed, for: "Twilio")
        state = Confined(State(), to: world.thread)
        onDeparture = Confined({ _ in }, to: world.thread)
    }

    func connect(to gateway: any WebhookReceiver, onDeparture: @escaping @Sendable (CallID) -> Void) {
        state.value.gateway = gateway
        self.onDeparture.value = onDeparture
    }

    // MARK: Telephony

    func createCall(_ request: DialRequest, permit: DialPermit) async throws(VendorFailure) -> TwilioCall {
        let (id, number) = (request.callID, request.order.phoneNumber.text)
        return try await wire.send(
            Wire.Exchange(
                request: .create,
                about: id.text,
                mayLeave: { permit.leave() },
                left: { [self] in
                    state.value.departures.append((id, world.time.elapsed, number))
                    onDeparture.value(id)
                    chronicle.note("twilio", "a create for \(id.text) to \(number) has left")
                },
                arrived: { [self] fault in
                    arrive(Arrival(callID: id, number: number, at: world.time.elapsed, fault: fault))
                },
                act: { [self] in .success(dial(request)) },
                foreign: { [self] in
                    let other = anotherCall(to: number)
                    if other != nil { state.value.misled.insert(id) }
                    return other
                }
            )
        )
    }

    private func arrive(_ arrival: Arrival) {
        state.value.arrivals.append(arrival)
        let counted = state.value.arrivals.count { $0.callID == arrival.callID && !$0.fault.isThrottling }
        if counted > 1 {
            chronicle.violate(.oneCreate, "create number \(counted) of \(arrival.callID.text) arrived")
        }
    }

    private func anotherCall(to number: String) -> TwilioCall? {
        let others = state.value.order.dropLast().filter { state.value.calls[$0]?.to == number }
        return others.last.flatMap { state.value.calls[$0].map(\.shown) }
    }

    private func dial(_ request: DialRequest) -> TwilioCall {
        let order = request.order
        let call = PhoneCall(
            sid: CallSid.drawn(bits),
            callID: request.callID,
            from: order.from.text,
            to: order.phoneNumber.text,
            direction: .outbound,
            machineDetection: order.machineDetection,
            record: order.record,
            ringTimeout: order.ringTimeout,
            timeLimit: request.timeLimit,
            createdAt: world.time.trueTime
        )
        begin(call, fate(ringingAtMost: order.ringTimeout))
        return call.shown
    }

    func endCall(_ sid: CallSid) async throws(VendorFailure) -> EndOfCall {
        try await wire.send(
            Wire.Exchange(request: .end, about: sid.text, act: { [self] in .success(end(sid)) })
        )
    }

    private func end(_ sid: CallSid) -> EndOfCall {
        guard let call = state.value.calls[sid], !state.value.hasForgotten.contains(sid) else {
            chronicle.hit("end noSuchCall")
            return .noSuchCall(code: 20404)
        }
        guard !call.status.isTerminal else {
            chronicle.hit("end taken over")
            if bits.chance(10) { state.value.hasForgotten.insert(sid) }
            return .taken(call.shown)
        }
        if bits.chance(5) {
            chronicle.hit("end refused")
            return .refused(call.shown)
        }
        let final: CallStatus = call.answeredAt == nil ? .canceled : .completed
        if bits.chance(40) {
            // It takes the request, and carries it out a little later.
            chronicle.hit("end taken later")
            world.after(bits.duration(10...400)) { [self] in finish(sid, final) }
            return .taken(call.shown)
        }
        chronicle.hit("end taken")
        finish(sid, final)
        return .taken(state.value.calls[sid]?.shown ?? call.shown)
    }

    func call(_ sid: CallSid) async throws(VendorFailure) -> TwilioCall {
        try await wire.send(
            Wire.Exchange(
                request: .fetch,
                about: sid.text,
                act: { [self] in
                    guard let call = state.value.calls[sid] else {
                        let refusal = VendorRefusal(vendor: .twilio, status: 404, code: 20404, message: "not found")
                        return .failure(.refused(refusal))
                    }
                    return .success(call.shown)
                }
            )
        )
    }

    func deleteRecording(_ sid: RecordingSid) async throws(VendorFailure) {
        try await wire.send(
            Wire.Exchange(
                request: .deleteRecording,
                about: sid.text,
                act: { [self] in
                    chronicle.note("twilio", "deleted \(sid.text)")
                    return .success(())
                }
            )
        )
    }

    func checkAccess(within patience: Duration) async throws(VendorFailure) {
        try await wire.send(
            Wire.Exchange(request: .check, about: "twilio", patience: patience, act: { .success(()) })
        )
    }
}

extension TwilioModel.PhoneCall {
    /// As Twilio shows it.
    var shown: TwilioCall {
        TwilioCall(
            callSid: sid,
            status: status,
            from: from,
            to: to,
            direction: direction,
            duration: duration,
            startedAt: answeredAt,
            endedAt: endedAt
        )
    }

    /// In seconds, of a call that is over.
    var duration: Int? {
        guard let endedAt else { return nil }
        return answeredAt.map { (endedAt - $0).wholeSeconds } ?? 0
    }
}

extension WireFault {
    var isThrottling: Bool { self == .throttled || self == .throttledWithAdvice }
}
