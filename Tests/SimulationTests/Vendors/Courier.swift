import CallDomain
import Synchronization

/// Carries a vendor's webhooks to the gateway, with everything that can happen on the way.
final class Courier: Sendable {
    private let world: SerialWorld
    private let chronicle: Chronicle
    private let bits: SeededBits
    private let weather = Mutex(Weather())
    private let silenceEnd = Mutex(Duration.zero)

    init(world: SerialWorld, chronicle: Chronicle, seed: UInt64) {
        self.world = world
        self.chronicle = chronicle
        bits = SeededBits(seed: seed, for: "courier")
    }

    func set(_ weather: Weather) { self.weather.withLock { $0 = weather } }

    /// What is sent within that time arrives after it.
    func hold(for time: Duration) { silenceEnd.withLock { $0 = world.time.elapsed + time } }

    /// Delivers one message by `deliver`, once, more often, or never.
    func send(_ kind: String, _ about: String, _ deliver: @escaping @Sendable () -> Void) {
        let weather = weather.withLock { $0 }
        let silence = silenceEnd.withLock { $0 } - world.time.elapsed
        if silence > .zero {
            chronicle.hit("webhook \(kind) \(WebhookFault.late.rawValue)")
            return world.after(silence + bits.duration(0...5000), deliver)
        }
        let faults = weather.webhookFaults.filter { $0 != .none }
        let fault: WebhookFault =
            bits.chance(weather.webhooks) && !faults.isEmpty ? bits.element(faults) : .none
        chronicle.hit("webhook \(kind) \(fault.rawValue)")
        let way = bits.duration(1...250)
        switch fault {
        case .none: world.after(way, deliver)
        case .lost: chronicle.note("courier", "\(kind) \(about) is lost")
        case .doubled:
            world.after(way, deliver)
            world.after(bits.duration(1...3000), deliver)
        case .late: world.after(bits.duration(1000...120_000), deliver)
        case .replayed:
            world.after(way, deliver)
            world.after(bits.duration(60_000...1_800_000), deliver)
        }
    }
}
