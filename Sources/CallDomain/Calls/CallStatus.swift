/// The state of a call. The cases are in the order in which a call passes through them.
package enum CallStatus: String, Sendable, CaseIterable {
    /// Accepted, waiting for its turn.
    case pending
    /// Sent to Twilio; not yet known whether Twilio created the call. Never dialed again.
    case unknown
    /// Without proof for so long that it no longer holds caps and locks; later proof still counts.
    case unconfirmed
    case queued
    case initiated
    case ringing
    case inProgress = "in-progress"
    case noAnswer = "no-answer"
    case busy
    case failed
    case canceled
    case completed

    /// Position in the order of section "State": all terminals share the last one.
    package var rank: Int {
        switch self {
        case .pending: 0
        case .unknown: 1
        case .unconfirmed: 2
        case .queued: 3
        case .initiated: 4
        case .ringing: 5
        case .inProgress: 6
        case .noAnswer, .busy, .failed, .canceled, .completed: 7
        }
    }

    package var isTerminal: Bool { rank == Self.completed.rank }

    /// Whether Twilio has shown that the call exists.
    package var isProven: Bool { rank >= Self.queued.rank }

    /// Among conflicting terminals without a better order, the greater one stays.
    var terminalPrecedence: Int {
        switch self {
        case .completed: 5
        case .canceled: 4
        case .failed: 3
        case .busy: 2
        case .noAnswer: 1
        case .pending, .unknown, .unconfirmed, .queued, .initiated, .ringing, .inProgress: 0
        }
    }

    /// Twilio's `CallStatus` or `status`; `nil` for a word that Twilio does not use.
    /// - SeeAlso: https://www.twilio.com/docs/voice/api/call-resource#call-status-values
    package init?(twilio text: String) {
        guard let status = CallStatus(rawValue: text), status.isProven else { return nil }
        self = status
    }
}
