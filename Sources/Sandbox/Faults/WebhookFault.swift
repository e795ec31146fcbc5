import OrderedCollections

/// How a stand-in can misbehave when it calls us. Times are real ones, which the tempo does not shorten.
package enum WebhookFault: Sendable, Equatable {
    /// Never sent and never repeated, as if the network had swallowed it. Lost TwiML is asked for at the fallback.
    case lost
    /// So many copies at the same time.
    case doubled(copies: Int = 2)
    /// All callbacks of one call wait for its end and then go out one after the other, never in the order in which
    /// they occurred. Twilio's requests for TwiML do not wait.
    case shuffled(seed: UInt64 = 0)
    /// Sent late; the later ones of the same call wait behind it.
    case late(Duration)

    /// As the control API and the ledger name it.
    var name: String {
        switch self {
        case .lost: "lost"
        case .doubled: "doubled"
        case .shuffled: "shuffled"
        case .late: "late"
        }
    }

    /// The options as the control API names them.
    var options: OrderedDictionary<String, JSON> {
        switch self {
        case .lost: [:]
        case .doubled(let copies): ["copies": .int(copies)]
        case .shuffled(let seed): ["seed": .int(Int(clamping: seed))]
        case .late(let time): ["ms": .milliseconds(time)]
        }
    }

    /// Twilio's requests whose answer is TwiML.
    static let twiMLKinds = ["voice", "fallback", "action"]

    /// What a rule can be about: Twilio's kinds, all of them but those for TwiML (`callbacks`), Ultravox's events.
    static func kinds(_ vendor: Ledger.Vendor) -> [String] {
        switch vendor {
        case .twilio: twiMLKinds + ["callbacks", "status", "amd", "stream", "recording"]
        case .ultravox: ["call.started", "call.joined", "call.ended", "call.billed"]
        }
    }
}
