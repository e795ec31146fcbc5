import CallDomain
import CallFlow
import TestSupport

/// One run: a seed, a gateway, two vendors and their world.
final class Simulation: Sendable {
    struct Outcome: Sendable {
        let seed: UInt64
        let trace: [String]
        let violations: [(invariant: Invariant, text: String)]
        let hits: [String: Int]
        let gaps: [String: Int]
        let fault: SerialWorld.Fault?

        var isGood: Bool { violations.isEmpty && fault == nil }
    }

    /// What happens next.
    private enum Step: CaseIterable {
        case order, orderWithKey, repeatOrder, changeOrder, hangUp, lookUp, readAgent, callIn
        case switchOff, switchOn, meddle, outage, silence, weather, wallClock, freeze, crash, stop

        /// How often, beside the others.
        var weight: Int {
            switch self {
            case .order: 22
            case .orderWithKey: 14
            case .repeatOrder: 8
            case .changeOrder: 3
            case .hangUp: 14
            case .lookUp: 6
            case .readAgent: 3
            case .callIn: 4
            case .switchOff: 3
            case .switchOn: 1
            case .meddle: 2
            case .outage: 2
            case .silence: 4
            case .weather: 4
            case .wallClock: 2
            case .freeze: 2
            case .crash: 2
            case .stop: 0
            }
        }
    }

    private static let settlingTime = Duration.seconds(16 * 60)

    private let seed: UInt64
    private let world: SerialWorld
    private let chronicle: Chronicle
    private let courier: Courier
    private let ultravox: UltravoxModel
    private let twilio: TwilioModel
    private let gateway: GatewaySite
    private let journal: InMemoryJournal?
    private let journalScript: JournalScript
    private let clients: Clients
    private let watcher: Watcher
    private let bits: SeededBits
    private let policy: CallPolicy
    private let isOver: Confined<Bool>

    init(seed: UInt64) {
        self.seed = seed
        world = SerialWorld(seed: seed)
        chronicle = Chronicle(time: world.time)
        bits = SeededBits(seed: seed, for: "script")
        policy = Self.policy(bits)
        courier = Courier(world: world, chronicle: chronicle, seed: seed)
        ultravox = UltravoxModel(world: world, courier: courier, chronicle: chronicle, seed: seed)
        twilio = TwilioModel(
            world: world,
            courier: courier,
            ultravox: ultravox,
            chronicle: chronicle,
            seed: seed
        )
        // Without a journal everything is as quick as ever.
        let script = JournalScript(world: world, chronicle: chronicle, seed: seed)
        journalScript = script
        journal = bits.chance(60) ? InMemoryJournal(clock: world.time) { script.plan($0) } : nil
        gateway = GatewaySite(
            world: world,
            journal: journal,
            telephony: twilio,
            platform: ultravox,
            policy: policy,
            chronicle: chronicle,
            seed: seed
        )
        clients = Clients(gateway: gateway, world: world, chronicle: chronicle, seed: seed)
        watcher = Watcher(
            gateway: gateway,
            twilio: twilio,
            policy: policy,
            journalScript: journal == nil ? nil : script,
            world: world,
            chronicle: chronicle,
            seed: seed
        )
        isOver = Confined(false, to: world.thread)
    }

    private static func policy(_ bits: SeededBits) -> CallPolicy {
        guard let own = PhoneNumber("+12025550143"), let destinations = DestinationPolicy(countryOf: own) else {
            preconditionFailure("the number has a country")
        }
        return CallPolicy(
            from: own,
            destinations: destinations,
            maxConcurrentCalls: bits.element([1, 3, 6, 50]),
            maxCallsPerDay: bits.chance(20) ? 8 : nil,
            parallelCallsToNumber: bits.chance(40),
            numberCooldown: .seconds(bits.element([0, 0, 20, 90])),
            callsPerSecond: bits.element([0.2, 0.5, 1, 1.9, 5, 100]),
            queueMaxWait: .seconds(bits.element([5, 15, 60])),
            queueLimit: bits.element([2, 100]),
            unconfirmedAfter: .seconds(bits.element([15, 60, 300, 900])),
            maxCallDuration: .seconds(bits.element([60, 3600])),
            retention: .seconds(bits.element([300, 604_800])),
            inboundAgentID: bits.chance(70) ? UltravoxModel.agentIDs[0] : nil
        )
    }

    /// Runs so many steps, lets everything settle without faults, stops the gateway, and tells what it saw.
    func run(steps: Int) -> Outcome {
        world.thread.run { begin(steps) }
        var fault: SerialWorld.Fault?
        do throws(SerialWorld.Fault) {
            try world.run(until: { isOver.value }, afterEach: { watcher.look() })
        } catch { fault = error }
        world.time.forgetActions()
        return Outcome(
            seed: seed,
            trace: chronicle.lines,
            violations: chronicle.violations,
            hits: chronicle.hits,
            gaps: chronicle.gaps,
            fault: fault
        )
    }

    private func begin(_ steps: Int) {
        chronicle.note("policy", String(describing: policy))
        ultravox.connect { [gateway] report in gateway.receive(report) }
        twilio.connect(to: gateway) { [watcher] id in watcher.createLeaves(id) }
        journalScript.whenItFails { [self] in
            world.after(bits.duration(0...10_000)) { [self] in crash() }
        }
        gateway.start()
        changeWeather()
        go(on: steps, stopAt: bits.chance(15) ? bits.below(max(1, steps)) : nil)
    }

    private func go(on steps: Int, stopAt: Int?) {
        let pause: Duration
        switch bits.below(100) {
        case 0..<55: pause = bits.duration(0...300)
        case 55..<90: pause = bits.duration(300...6000)
        default: pause = bits.duration(6000...60_000)
        }
        world.after(pause) { [self] in
            guard steps > 0 else { return settle() }
            perform(steps == stopAt ? .stop : nextStep())
            go(on: steps - 1, stopAt: stopAt)
        }
    }

    private func nextStep() -> Step {
        var number = bits.below(Step.allCases.reduce(0) { $0 + $1.weight })
        for step in Step.allCases {
            if number < step.weight { return step }
            number -= step.weight
        }
        return .order
    }

    private func perform(_ step: Step) {
        chronicle.hit("step \(step)")
        switch step {
        case .order: clients.order(withKey: false)
        case .orderWithKey: clients.order(withKey: true)
        case .repeatOrder: clients.repeatOrder(changed: false)
        case .changeOrder: clients.repeatOrder(changed: true)
        case .hangUp: clients.hangUp()
        case .lookUp:
            clients.lookUp()
            clients.maybeErase { [ultravox] id in ultravox.expectErasure(of: id) }
        case .readAgent: clients.readAgent()
        case .callIn: twilio.callIn(from: "+1303555010\(bits.below(4))", to: policy.from.text)
        case .switchOff:
            clients.switchDialing(on: false)
            world.after(bits.duration(500...15_000)) { [clients] in clients.switchDialing(on: true) }
        case .switchOn: clients.switchDialing(on: true)
        case .meddle: ultravox.meddle(calmly: bits.chance(50))
        case .outage:
            let time = bits.duration(2000...40_000)
            let wire = bits.chance(50) ? twilio.wire : ultravox.wire
            chronicle.note("script", "\(wire.vendor.rawValue) is down for \(time.milliseconds) ms")
            wire.breakDown(for: time)
        case .silence:
            // Neither answers nor messages tell what became of a dial.
            let time = bits.duration(10_000...60_000)
            chronicle.note("script", "no webhook arrives for \(time.milliseconds) ms")
            courier.hold(for: time)
            twilio.wire.set(Weather(wire: 60, wireFaults: [.lostAnswer, .errorAfter, .brokenAnswer]))
        case .weather: changeWeather()
        case .wallClock:
            let jump = bits.duration(1...3_600_000) - .milliseconds(bits.chance(50) ? 0 : 3_600_000)
            chronicle.note("script", "the wall clock jumps by \(jump.milliseconds) ms")
            watcher.wallClockJumps()
            world.time.setWallClock(by: jump)
        case .freeze:
            let time = bits.duration(500...20_000)
            chronicle.note("script", "the process is frozen for \(time.milliseconds) ms")
            world.time.leap(by: time)
        case .crash:
            if bits.chance(50) { crash() } else { journalScript.duringNextAppend { [self] in crash() } }
        case .stop: gateway.stop()
        }
    }

    /// The process dies and another one starts, which knows what stands in the log.
    private func crash() {
        guard journal != nil, let flow = gateway.flow, !gateway.isStopping else { return }
        watcher.crashes(flow)
        clients.crashes()
        gateway.crash(bits.element(InMemoryJournal.Cut.allCases))
        world.after(bits.duration(bits.chance(30) ? 20...1000 : 1000...15_000)) { [self] in
            journalScript.reopen()
            gateway.start { [self] in watcher.restarts() }
        }
    }

    private func changeWeather() {
        journalScript.set(late: bits.element([0, 0, 10]), failing: bits.element([0, 0, 0, 4]))
        for wire in [twilio.wire, ultravox.wire] {
            var weather = Weather(wire: bits.element([0, 5, 20, 60]))
            // Some faults at a time: with all of them, few get far.
            weather.wireFaults = WireFault.allCases.filter { _ in bits.chance(50) }
            wire.set(weather)
        }
        var weather = Weather(webhooks: bits.element([0, 10, 40]))
        weather.webhookFaults = WebhookFault.allCases.filter { _ in bits.chance(60) }
        courier.set(weather)
    }

    private func settle() {
        chronicle.note("script", "the faults stop")
        for wire in [twilio.wire, ultravox.wire] {
            wire.set(Weather())
            wire.breakDown(for: .zero)
        }
        courier.set(Weather())
        courier.hold(for: .zero)
        journalScript.set(late: 0, failing: 0)
        ultravox.meddle(calmly: true)
        if !gateway.isStopping { clients.switchDialing(on: true) }
        world.after(Self.settlingTime) { [self] in
            watcher.checkEnd()
            gateway.stop()
            waitForEnd(.seconds(60))
        }
    }

    private func waitForEnd(_ patience: Duration) {
        if gateway.hasEnded {
            isOver.value = true
            return
        }
        guard patience > .zero else {
            chronicle.violate(.endsInTime, "the gateway has not ended a minute after its stop")
            isOver.value = true
            return
        }
        world.after(.seconds(1)) { [self] in waitForEnd(patience - .seconds(1)) }
    }
}
