import NIOCore

/// The state of a connection: one message at a time, and one answer to each. Both gates change it; it does no I/O.
///
/// Bound to its connection's event loop.
final class Exchange {
    enum Phase: Equatable {
        /// Nothing has come on this connection.
        case fresh
        /// The last message is answered, nothing has come of the next.
        case idle
        /// Bytes of a head have come.
        case head
        /// The head is complete, its body is not.
        case body
        /// The message was passed on; its answer is not complete. Bytes that arrive meanwhile wait.
        case answering
        /// The last answer is written, and goes out. Whatever else comes in is thrown away.
        case finishing
        /// The last answer is out. Whatever else comes in is read and thrown away, for a while.
        case lingering
    }

    private(set) var phase = Phase.fresh
    private(set) var since: NIODeadline
    /// How the body of the message that is being received ends, from its complete head on.
    private(set) var framing: BodyFraming?
    /// The most bytes that this body may have.
    private(set) var bodySize = 0
    /// Whether the decoder may say that the message is complete. Where it says so earlier, it read something else.
    var endIsDue = false
    /// The answer to this message is the last one on this connection.
    var isLast = false
    /// The server stops: no more messages after the one that is being answered.
    var isStopping = false
    /// The time of the stop is up.
    var isCutShort = false

    init(now: NIODeadline) { since = now }

    /// Whether bytes are wanted now, of a message that has begun or of a new one.
    var isReceiving: Bool {
        switch phase {
        case .fresh, .idle, .head, .body: true
        case .answering, .finishing, .lingering: false
        }
    }

    /// Whether the connection takes no more messages.
    var isOver: Bool { phase == .finishing || phase == .lingering }

    /// The connection takes bytes from now on.
    func opened(now: NIODeadline) { since = now }

    /// Bytes of a message have come; the first of them begin it.
    func received(now: @autoclosure () -> NIODeadline) {
        guard phase == .fresh || phase == .idle else { return }
        step(.head, now())
    }

    /// The head is complete and good.
    func headTaken(framing: BodyFraming, bodySize: Int, isLast: Bool, now: NIODeadline) {
        self.framing = framing
        self.bodySize = bodySize
        self.isLast = isLast
        endIsDue = framing == .length(0)
        step(.body, now)
    }

    /// The message is complete and was passed on.
    func messageEnded(now: NIODeadline) {
        framing = nil
        endIsDue = false
        step(.answering, now)
    }

    /// The body is too large: the message continues without it, and is the last one.
    func bodyGivenUp(now: NIODeadline) {
        isLast = true
        messageEnded(now: now)
    }

    /// The answer is complete, and the next message may come.
    func answered(now: NIODeadline) { step(.idle, now) }

    /// The last answer is written, or a refusal.
    func finish(now: NIODeadline) { step(.finishing, now) }

    /// The last answer is out.
    func linger(now: NIODeadline) { step(.lingering, now) }

    /// When the phase has lasted too long; nil where it may take its time.
    func deadline(_ limits: ConnectionLimits) -> NIODeadline? {
        switch phase {
        case .fresh: since + TimeAmount(limits.openingTime)
        case .head: since + TimeAmount(limits.headTime)
        case .idle: since + TimeAmount(limits.idleTime)
        case .body: since + TimeAmount(limits.bodyTime)
        case .lingering:
            since + TimeAmount(isStopping ? limits.lingerTimeWhenStopping : limits.lingerTime)
        case .finishing where isCutShort: since + TimeAmount(limits.lingerTimeWhenStopping)
        // A handler has its own deadlines, and a reader's are kept by what it has not taken.
        case .answering, .finishing: nil
        }
    }

    private func step(_ phase: Phase, _ now: NIODeadline) {
        self.phase = phase
        since = now
    }
}

@available(*, unavailable)
extension Exchange: Sendable {}

/// What the gate after the decoder reports to the one before it, through the pipeline.
enum ExchangeEvent {
    /// The message that is being received gets this answer and no other.
    case refused(Refusal)
    /// The answer was written to its end.
    case answered
}

/// What the gate before the decoder reports to the one after it, through the pipeline.
enum ExchangeNotice {
    /// The body that is being received is larger than its path takes.
    case bodyTooLarge
}
