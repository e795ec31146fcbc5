import CallDomain
import Synchronization

/// A value that comes later, once.
final class Reply<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        case known(Value)
        case over
    }

    private let state = Mutex(State.open)

    /// The first value counts.
    func resolve(_ value: Value) {
        let waiter: CheckedContinuation<Value, Never>? = state.withLock { state in
            switch state {
            case .open:
                state = .known(value)
                return nil
            case .awaited(let continuation):
                state = .over
                return continuation
            case .known, .over: return nil
            }
        }
        waiter?.resume(returning: value)
    }

    /// Waits for the value; a cancelled task gets `substitute`.
    func value(ifCancelled substitute: Value) async -> Value {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known: Value? = state.withLock { state in
                    switch state {
                    case .open:
                        state = .awaited(continuation)
                        return nil
                    case .known(let value):
                        state = .over
                        return value
                    case .awaited, .over: preconditionFailure("a reply has one reader")
                    }
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            resolve(substitute)
        }
    }
}

/// The way to one vendor and back, with everything that can happen on it.
///
/// A request that has left goes on by itself, whatever becomes of the task that sent it.
final class Wire: Sendable {
    /// Of one request.
    struct Exchange<Answer: Sendable>: Sendable {
        let request: Request
        let about: String
        var patience = Duration.seconds(10)
        /// Asked at the moment before it leaves.
        var mayLeave: (@Sendable () -> Bool)?
        /// When it has left.
        var left: @Sendable () -> Void = {}
        /// When it has arrived, with what the vendor makes of it.
        var arrived: @Sendable (WireFault) -> Void = { _ in }
        /// What the vendor does.
        let act: @Sendable () -> Result<Answer, VendorFailure>
        /// An answer that is about something else.
        var foreign: @Sendable () -> Answer? = { nil }
    }

    let vendor: Vendor
    private let world: SerialWorld
    private let chronicle: Chronicle
    private let bits: SeededBits
    private let weather: Mutex<Weather>
    private let outageEnd = Mutex(Duration.zero)

    init(_ vendor: Vendor, world: SerialWorld, chronicle: Chronicle, seed: UInt64) {
        self.vendor = vendor
        self.world = world
        self.chronicle = chronicle
        bits = SeededBits(seed: seed, for: "wire \(vendor.rawValue)")
        weather = Mutex(Weather())
    }

    func set(_ weather: Weather) { self.weather.withLock { $0 = weather } }

    /// For so long nothing gets through.
    func breakDown(for time: Duration) { outageEnd.withLock { $0 = world.time.elapsed + time } }

    private func fault(of request: Request) -> WireFault {
        if outageEnd.withLock({ $0 > world.time.elapsed }) {
            return bits.element([.noRoute, .errorBefore, .lostRequest])
        }
        let weather = weather.withLock { $0 }
        guard bits.chance(weather.wire) else { return .none }
        var faults = request.faults.filter { $0 != .none && weather.wireFaults.contains($0) }
        // Few of these requests are a client's.
        if request == .end, faults.contains(.refused) { faults += [.refused, .refused] }
        return faults.isEmpty ? .none : bits.element(faults)
    }

    func send<Answer: Sendable>(_ exchange: Exchange<Answer>) async throws(VendorFailure) -> Answer {
        world.thread.expect("a request to \(vendor.rawValue)")
        let fault = fault(of: exchange.request)
        chronicle.hit("\(exchange.request.rawValue) \(fault.rawValue)")
        let name = "\(exchange.request.rawValue) \(exchange.about)"
        if fault != .none { chronicle.note(vendor.rawValue, "\(name) will meet \(fault.rawValue)") }
        let connecting = bits.duration(fault == .slowConnect ? 800...4000 : 0...80)
        let isConnected = (try? await world.time.sleep(for: min(connecting, exchange.patience))) != nil
        guard isConnected else { throw .notSent(vendor, reason: "the gateway gave up") }
        if fault == .noRoute || connecting >= exchange.patience { throw .notSent(vendor, reason: "no route to host") }
        if let mayLeave = exchange.mayLeave, !mayLeave() {
            chronicle.note(vendor.rawValue, "\(name) was taken back")
            chronicle.hit("\(exchange.request.rawValue) taken back")
            throw .notSent(vendor, reason: "taken back before it left")
        }
        exchange.left()
        let reply = Reply<Result<Answer, VendorFailure>>()
        let back = bits.duration(fault == .slowAnswer ? 1000...9000 : 1...300)
        let refusal = refusal(exchange.request)
        let advice = bits.duration(0...4000)
        world.after(bits.duration(1...120)) { [self] in
            if fault == .lostRequest { return chronicle.note(vendor.rawValue, "\(name) never arrived") }
            exchange.arrived(fault)
            let answer: Result<Answer, VendorFailure>?
            switch fault {
            case .none, .noRoute, .slowConnect, .slowAnswer: answer = exchange.act()
            case .lostRequest: answer = nil
            case .lostAnswer:
                _ = exchange.act()
                answer = nil
            case .refused: answer = .failure(.refused(refusal))
            case .throttled: answer = .failure(.throttled(tooMany, retryAfter: nil))
            case .throttledWithAdvice: answer = .failure(.throttled(tooMany, retryAfter: advice))
            case .errorBefore: answer = .failure(.unclear(vendor, status: 503, reason: "unavailable"))
            case .errorAfter:
                _ = exchange.act()
                answer = .failure(.unclear(vendor, status: 500, reason: "internal error"))
            case .brokenAnswer:
                _ = exchange.act()
                answer = .failure(.nonsense(vendor, status: 200, reason: "not JSON"))
            case .foreignAnswer:
                let own = exchange.act()
                answer = exchange.foreign().map(Result.success) ?? own
            }
            guard let answer else { return }
            world.after(back) { reply.resolve(answer) }
        }
        world.after(exchange.patience - connecting) { [vendor] in
            reply.resolve(.failure(.unclear(vendor, status: nil, reason: "no answer in time")))
        }
        let cancelled = VendorFailure.unclear(vendor, status: nil, reason: "the gateway gave up")
        return try await reply.value(ifCancelled: .failure(cancelled)).get()
    }

    private var tooMany: VendorRefusal { VendorRefusal(vendor: vendor, status: 429, message: "too many requests") }

    private func refusal(_ request: Request) -> VendorRefusal {
        switch bits.below(4) {
        case 0: VendorRefusal(vendor: vendor, status: 401, message: "authenticate")
        case 1:
            VendorRefusal(
                vendor: vendor,
                status: 400,
                message: "not now",
                meaning: RefusalMeaning(.notNow, "it has no room", "Try again.", wait: .seconds(2))
            )
        default: VendorRefusal(vendor: vendor, status: 400, code: 21211, message: "invalid number")
        }
    }
}
