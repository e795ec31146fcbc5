package import FoundationEssentials

/// A call at Twilio.
package struct PhoneCall: Sendable {
    /// The statuses of the REST resource. <https://www.twilio.com/docs/voice/api/call-resource>
    package enum Status: String, Sendable {
        case queued
        case ringing
        case inProgress = "in-progress"
        case completed
        case busy
        case failed
        case noAnswer = "no-answer"
        case canceled

        package var isFinal: Bool {
            switch self {
            case .queued, .ringing, .inProgress: false
            case .completed, .busy, .failed, .noAnswer, .canceled: true
            }
        }
    }

    /// What the outside can do to a call that is being made.
    enum Signal: Sendable {
        /// The REST API ended it: its record is already final.
        case ended
        case redirected(TwiMLSource)
        case timeLimitChanged
        /// The far side of the media stream to this Ultravox call closed.
        case streamClosed(String)
    }

    package let sid: String
    package let accountSid: String
    package private(set) var status = Status.queued
    package let created: Date
    package private(set) var updated: Date
    /// When Twilio dialled; `nil` while queued, and for good if canceled in the queue.
    package private(set) var started: Date?
    package private(set) var answered: Date?
    package private(set) var ended: Date?
    package internal(set) var answeredBy: String?
    /// The final answer of the far end.
    package private(set) var sipResponseCode: Int?
    /// Over, and every callback was delivered or given up.
    package internal(set) var isSettled = false
    var isDeleted = false
    var isRecordingDeleted = false
    /// What `SequenceNumber` comes next.
    var nextSequenceNumber = 0
    var order: CallOrder
    let scenario: Scenario
    let line = Mailbox<Signal>()

    init(sid: String, accountSid: String, order: CallOrder, created: Date) {
        self.sid = sid
        self.accountSid = accountSid
        self.order = order
        self.created = created
        updated = created
        scenario = Scenario.of(number: order.to)
    }

    /// Seconds of the answered call, at least one; 0 when nobody answered; `nil` until it is over.
    package var durationSeconds: Int? {
        guard let ended else { return nil }
        guard let answered else { return 0 }
        return max(1, Int(ended.timeIntervalSince(answered).rounded()))
    }

    /// Leaves the queue. Each of these changes answers false when the call was over before.
    mutating func dial() -> Bool {
        guard status == .queued, started == nil else { return false }
        updated = Date()
        started = updated
        return true
    }

    mutating func ring() -> Bool {
        guard status == .queued else { return false }
        status = .ringing
        updated = Date()
        return true
    }

    mutating func answer() -> Bool {
        guard status == .ringing else { return false }
        status = .inProgress
        updated = Date()
        answered = updated
        return true
    }

    mutating func end(_ final: Status, sip: Int) -> Bool {
        guard !status.isFinal else { return false }
        status = final
        updated = Date()
        ended = updated
        sipResponseCode = sip
        return true
    }

    mutating func change(_ body: (inout CallOrder) -> Void) {
        body(&order)
        updated = Date()
    }
}
