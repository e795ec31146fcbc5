import CallDomain
import CallFlow

/// Those who order calls, and the operator.
final class Clients: Sendable {
    struct Order: Sendable {
        var place: PlaceCall
        /// `nil` without an `Idempotency-Key`.
        var key: String?

        /// What a key is bound to: everything that the client chose.
        var digest: [UInt8] {
            let parts = [
                place.agentID.text, place.phoneNumber.text, place.join.rawValue, place.machineDetection.rawValue,
                String(place.ringTimeout.milliseconds), String(place.record),
            ]
            return Array(parts.joined(separator: " ").utf8)
        }
    }

    /// What the gateway's HTTP part answers.
    enum Answer: Sendable {
        /// One that a failed journal did not keep is given once: the next process answers by what is known then.
        case answered(KeptAnswer, CallID, mayHaveDialed: Bool, isKept: Bool)
        case refused(String)
        case replay(KeptAnswer)
        case inProgress
        case otherRequest
    }

    private struct KeyUse: Sendable {
        var order: Order
        var open = 0
        /// What its order was answered.
        var given: KeptAnswer?
        /// The same, where it was kept.
        var kept: KeptAnswer?
    }

    private struct State {
        var ids: [CallID] = []
        var orders: [Order] = []
        var keys: [String: KeyUse] = [:]
        var nextKey = 0
        /// Keys that were used before the last crash.
        var orphans: Set<String> = []
    }

    private let gateway: GatewaySite
    private let world: SerialWorld
    private let chronicle: Chronicle
    private let bits: SeededBits
    private let erasing: SeededBits
    private let state: Confined<State>

    init(gateway: GatewaySite, world: SerialWorld, chronicle: Chronicle, seed: UInt64) {
        self.gateway = gateway
        self.world = world
        self.chronicle = chronicle
        bits = SeededBits(seed: seed, for: "clients")
        erasing = SeededBits(seed: seed, for: "erasing")
        state = Confined(State(), to: world.thread)
    }

    /// What became of the requests of a process that died, nobody was told.
    func crashes() { state.value.orphans.formUnion(state.value.keys.keys) }

    private static let numbers = (0..<6).compactMap { PhoneNumber("+1212555010\($0)") }

    private func newOrder() -> Order {
        Order(
            place: PlaceCall(
                agentID: bits.element(UltravoxModel.agentIDs),
                phoneNumber: bits.element(Self.numbers),
                templateContext: bits.chance(80) ? ["name": .string("Ada")] : [:],
                from: nil,
                ringTimeout: .seconds(5 + bits.below(55)),
                maxDuration: bits.chance(50) ? .seconds(10 + bits.below(110)) : nil,
                machineDetection: bits.element(CallOrder.MachineDetection.allCases),
                record: bits.chance(30),
                join: bits.chance(70) ? .eager : .onAnswer,
                metadata: [:]
            ),
            key: nil
        )
    }

    /// A new order.
    func order(withKey: Bool) {
        var order = newOrder()
        if withKey {
            state.value.nextKey += 1
            order.key = "key-\(state.value.nextKey)"
            state.value.orders.append(order)
        }
        send(order)
    }

    /// An order that was sent before, with its key: the same, or another one.
    func repeatOrder(changed: Bool) {
        guard var order = state.value.orders.isEmpty ? nil : bits.element(state.value.orders) else { return }
        if changed { order.place = newOrder().place }
        send(order)
    }

    private func send(_ order: Order) {
        let about = "\(order.key ?? "no key") to \(order.place.phoneNumber.text)"
        chronicle.note("client", "orders with \(about)")
        if let key = order.key { state.value.keys[key, default: KeyUse(order: order)].open += 1 }
        let caller = bits.element(["first", "second"])
        gateway.request { flow in
            await Requester.$apiKey.withValue(caller) { await Self.handle(order, flow) }
        } then: { [self] answer in
            take(answer, to: order, about)
        }
    }

    /// As the HTTP part treats an order.
    private static func handle(_ order: Order, _ flow: CallFlow) async -> Answer {
        guard let key = order.key else { return await place(order, nil, flow) }
        let claim = KeyClaim(name: KeyName(caller: "client", key: key), digest: order.digest)
        switch flow.keys.claim(claim) {
        case .replay(let answer): return .replay(answer)
        case .inProgress: return .inProgress
        case .otherRequest: return .otherRequest
        case .erased: return .refused("erased")
        case .free:
            let answer = await place(order, claim, flow)
            guard case .answered(let kept, let id, true, _) = answer else {
                await flow.keys.release(claim.name)
                return answer
            }
            await flow.keys.keep(kept, as: claim.name)
            return .answered(kept, id, mayHaveDialed: true, isKept: flow.journalFailure == nil)
        }
    }

    private static func place(_ order: Order, _ key: KeyClaim?, _ flow: CallFlow) async -> Answer {
        do throws(PlacingFailure) {
            let call = try await flow.place(order.place, key: key)
            let mayHaveDialed = call.status != .canceled || call.callSid != nil
            return .answered(answer(to: call), call.id, mayHaveDialed: mayHaveDialed, isKept: false)
        } catch {
            return .refused(error.word)
        }
    }

    static func answer(to call: Call) -> KeptAnswer {
        let body = "\(call.id.text) \(call.status.rawValue) \(call.callSid?.text ?? "-") \(call.createdAt.rfc3339)"
        return KeptAnswer(
            status: call.callSid == nil ? 202 : 201,
            contentType: "application/json",
            location: "/calls/\(call.id.text)",
            body: Array(body.utf8)
        )
    }

    private func take(_ answer: Answer?, to order: Order, _ about: String) {
        let use = order.key.flatMap { state.value.keys[$0] }
        if let key = order.key { state.value.keys[key]?.open -= 1 }
        switch answer {
        case .answered(let kept, let id, let mayHaveDialed, let isKept):
            state.value.ids.append(id)
            chronicle.hit("order \(kept.status)")
            chronicle.note("client", "\(about): \(kept.status) \(String(decoding: kept.body, as: UTF8.self))")
            guard let key = order.key, mayHaveDialed else { return }
            if let first = use?.given, !isReleased(first) {
                chronicle.violate(.sameAnswer, "\(key) was used for a second order, \(id.text)")
            }
            state.value.keys[key]?.given = kept
            state.value.keys[key]?.kept = isKept ? kept : nil
            state.value.keys[key]?.order = order
        case .refused(let reason):
            chronicle.hit("order \(reason)")
            chronicle.note("client", "\(about): \(reason)")
        case .replay(let kept):
            chronicle.hit("order replayed")
            chronicle.note("client", "\(about): replay of \(String(decoding: kept.body, as: UTF8.self))")
            // The answer may have been kept by a process that died before it gave it.
            if let key = order.key, use?.kept == nil, state.value.orphans.contains(key) {
                state.value.keys[key]?.given = kept
                state.value.keys[key]?.kept = kept
                return
            }
            if use?.kept != kept { chronicle.violate(.sameAnswer, "\(about): another answer than the first") }
            if use?.order.digest != order.digest {
                chronicle.violate(.sameAnswer, "\(about): a replay to another body")
            }
        case .inProgress:
            chronicle.hit("order 409")
            chronicle.note("client", "\(about): 409")
            if use.map({ $0.open < 2 && $0.kept == nil }) ?? true {
                chronicle.violate(.sameAnswer, "\(about): 409 without another request in flight")
            }
        case .otherRequest:
            chronicle.hit("order 422")
            chronicle.note("client", "\(about): 422")
            if let use, use.kept != nil, use.order.digest == order.digest {
                chronicle.violate(.sameAnswer, "\(about): 422 to the same body")
            }
        case nil:
            chronicle.hit("order not answered")
            chronicle.note("client", "\(about): no answer")
        }
    }

    /// Whether the order with that answer ended before anybody was dialed: its key is free then, unless its process lived
    /// long enough to keep the answer.
    private func isReleased(_ answer: KeptAnswer) -> Bool {
        let id = answer.location.flatMap { CallID(String($0.dropFirst("/calls/".count))) }
        guard let call = id.flatMap({ gateway.flow?.call($0) }) else { return false }
        return call.status.isTerminal && call.callSid == nil
    }

    func hangUp() {
        let id: CallID
        if state.value.ids.isEmpty || bits.chance(5) {
            id = CallID(at: world.time.now, random: (0, bits.next()))
        } else {
            id = bits.chance(70) ? state.value.ids[state.value.ids.count - 1] : bits.element(state.value.ids)
        }
        chronicle.note("client", "hangs up \(id.text)")
        gateway.request { flow -> String in
            do throws(HangUpFailure) {
                return try await flow.hangUp(id).status.rawValue
            } catch {
                switch error {
                case .notFound: return "not found"
                case .notLive: return "not live"
                case .vendor: return "refused by the vendor"
                case .journal: return "not durable"
                }
            }
        } then: { [self] answer in
            chronicle.hit("hang-up \(answer ?? "not answered")")
            chronicle.note("client", "hang-up of \(id.text): \(answer ?? "no answer")")
        }
    }

    /// Erases a call now and then. `asking`: told of it before the gateway is asked.
    func maybeErase(asking: @escaping @Sendable (CallID) -> Void) {
        guard erasing.chance(60), !state.value.ids.isEmpty else { return }
        let id = erasing.element(state.value.ids)
        chronicle.note("client", "erases \(id.text)")
        asking(id)
        gateway.request { flow -> String in
            do throws(EraseFailure) {
                return try await flow.erase(id) == id ? "erased" : "erased another one"
            } catch {
                switch error {
                case .notFound: return "not found"
                case .live: return "live"
                case .journal: return "not durable"
                }
            }
        } then: { [self] answer in
            chronicle.hit("erasure \(answer ?? "not answered")")
            chronicle.note("client", "erasure of \(id.text): \(answer ?? "no answer")")
        }
    }

    func lookUp() {
        guard let id = state.value.ids.isEmpty ? nil : bits.element(state.value.ids) else { return }
        gateway.request { flow -> (Call, String)? in
            guard let call = flow.call(id), let history = flow.history(of: id) else { return nil }
            return (call, history.timeline.map(\.type).joined(separator: " "))
        } then: { [self] found in
            guard let (call, timeline) = found ?? nil else { return }
            chronicle.note("client", "sees \(id.text) \(call.status.rawValue): \(timeline)")
        }
        gateway.request { flow in
            guard let call = flow.call(id) else { return }
            _ = try? await flow.transcript(of: call, limit: 10, cursor: nil)
        }
    }

    func readAgent() {
        let id = bits.element(UltravoxModel.agentIDs)
        gateway.request { flow -> String in
            do throws(VendorFailure) {
                return try await flow.agents.agent(id).status.rawValue
            } catch {
                return "failed"
            }
        } then: { [self] answer in
            chronicle.note("client", "reads \(id.text): \(answer ?? "no answer")")
        }
    }

    func switchDialing(on: Bool) {
        let waiting: WaitingOrders = bits.chance(50) ? .keep : .cancel
        chronicle.note("operator", "switches dialing \(on ? "on" : "off, waiting: \(waiting)")")
        gateway.request { flow in _ = try? await flow.setDialing(isEnabled: on, waiting: waiting) }
    }
}

extension PlacingFailure {
    /// A word for each kind.
    var word: String {
        switch self {
        case .destinationNotAllowed: "destination not allowed"
        case .numberMisspelt: "number misspelt"
        case .numberIsOurs: "number is ours"
        case .rail(.numberBusy), .numberBusy: "number busy"
        case .rail(.coolingDown): "cooling down"
        case .rail(.tooManyCalls): "too many calls"
        case .rail(.tooManyCallsToday): "too many calls today"
        case .queueFull: "queue full"
        case .dialingDisabled: "dialing disabled"
        case .draining: "draining"
        case .agentNotFound: "agent not found"
        case .agentIsDraft: "agent is a draft"
        case .contextDoesNotFit: "context does not fit"
        case .keyTaken: "key taken"
        case .journal: "not durable"
        case .vendor(let failure, _): failure.word
        }
    }
}

extension VendorFailure {
    /// A word for each kind.
    var word: String {
        switch self {
        case .notSent: "not sent"
        case .noConnection: "no connection"
        case .refused: "refused"
        case .throttled: "throttled"
        case .unclear: "unclear"
        case .nonsense: "nonsense"
        }
    }
}
