import CallDomain
import Logging
import Synchronization

/// What the simulation promises; see ``Gap`` for what of that cannot be asked yet.
enum Invariant: String, CaseIterable {
    case oneCreate = "I1 one order, at most one create"
    case intentFirst = "I2 no create without an intent"
    case stopMeansStop = "I3 no create after a stop, a switch-off or a failed journal"
    case neverBack = "I4 status never falls, terminal absorbs"
    case orderFree = "I5 the same events give the same state in any order"
    case oneSid = "I7 a CallSid belongs to one call, a call to one CallSid"
    case withinLimits = "I8 no admission at the cap, the gap per number kept, creates within the pace"
    case sameAnswer = "I9 same key and body, same answer; other body, 422"
    case nothingLost = "I10 what was acknowledged is there after a crash"
    case settles = "I11 when faults stop, every call ends or is parked"
    case erased = "I12 erased stays erased"
    case oneConversation = "P08 at most one conversation for an order, and never another's"
    case endsInTime = "P41 a stop ends"
}

/// What happened in one run, in order, and what of that must not have.
final class Chronicle: Sendable {
    private struct State {
        var lines: [String] = []
        var violations: [(invariant: Invariant, text: String)] = []
        var hits: [String: Int] = [:]
        var gaps: [String: Int] = [:]
        var logLines = 0
    }

    private let time: VirtualTime
    private let state = Mutex(State())

    init(time: VirtualTime) { self.time = time }

    func note(_ who: String, _ what: String) {
        let line = "\(stamp) \(who): \(what)"
        state.withLock { $0.lines.append(line) }
    }

    func violate(_ invariant: Invariant, _ what: String) {
        note("VIOLATION", "\(invariant.rawValue): \(what)")
        state.withLock { $0.violations.append((invariant, what)) }
    }

    /// Something that must happen at least once over all seeds has happened.
    func hit(_ what: String) { state.withLock { $0.hits[what, default: 0] += 1 } }

    /// An invariant was not asked, for a known reason.
    func excuse(_ gap: Gap) { state.withLock { $0.gaps[gap.rawValue, default: 0] += 1 } }

    /// How many lines the gateway has logged.
    var logLines: Int { state.withLock { $0.logLines } }

    var lines: [String] { state.withLock { $0.lines } }
    var violations: [(invariant: Invariant, text: String)] { state.withLock { $0.violations } }
    var hits: [String: Int] { state.withLock { $0.hits } }
    var gaps: [String: Int] { state.withLock { $0.gaps } }

    /// Seconds since the start, to the microsecond.
    private var stamp: String {
        let (seconds, attoseconds) = time.elapsed.components
        let fraction = String(attoseconds / 1_000_000_000_000)
        return "\(seconds)." + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
    }

    var logger: Logger {
        Logger(label: "simulation") { _ in Handler(chronicle: self) }
    }

    private struct Handler: LogHandler {
        let chronicle: Chronicle
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let pairs = all.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
            chronicle.state.withLock { $0.logLines += 1 }
            chronicle.note("log", "\(event.level) \(event.message) \(pairs)")
        }
    }
}

/// What the product does not have yet, so that an invariant is not asked where it would need it.
enum Gap: String, CaseIterable {
    case lostWebhooks = "I11: a lost final status is not looked up yet"
    case foreignAnswers =
        "I4, I7: an order holds the phone call that the answer to its create named until a webhook says whose it is"
    case failedJournal = "I3: a create whose connection is being made leaves although the journal has failed"
    case retirement = "I11, I12: what is too old, and what was retired, is judged by a wall clock that may be set"
    case wallClock = "I8: the cool-down counts by the wall clock"
}
