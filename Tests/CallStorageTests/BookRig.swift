import CallDomain
import CallStorage

/// A book and short ways to write in it.
struct BookRig {
    var book = Book()
    var time = BookRig.start

    static let start = Timestamp(milliseconds: 1_790_000_000_000)
    static let agentID = AgentID("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921")!

    static func at(_ second: Int64) -> Timestamp { start + .seconds(second) }

    static func id(_ number: Int, at time: Timestamp = start) -> CallID {
        CallID(at: time, random: (0, UInt64(number)))
    }

    static func sid(_ number: Int) -> CallSid {
        let digits = String(number, radix: 16)
        return CallSid("CA" + String(repeating: "0", count: 32 - digits.count) + digits)!
    }

    static func talk(_ number: Int) -> UltravoxCallID {
        let digits = String(number, radix: 16)
        return UltravoxCallID("b1e2c3d4-5f60-4a71-8b92-" + String(repeating: "0", count: 12 - digits.count) + digits)!
    }

    static func number(_ last: Int) -> PhoneNumber { PhoneNumber("+1212555\(1000 + last)")! }

    static func order(to number: Int = 1) -> CallOrder {
        CallOrder(
            agentID: agentID,
            phoneNumber: Self.number(number),
            from: PhoneNumber("+12025550143")!,
            ringTimeout: .seconds(30)
        )
    }

    @discardableResult
    mutating func write(_ content: Record.Content, at time: Timestamp? = nil) -> Applied {
        book.apply(Record(at: time ?? self.time, content), at: book.position.next)
    }

    @discardableResult
    mutating func order(
        _ id: CallID,
        to number: Int = 1,
        limits: AdmissionLimits = AdmissionLimits(),
        key: KeyClaim? = nil,
        at time: Timestamp? = nil
    ) -> Verdict {
        let ordered = Ordered(id: id, order: Self.order(to: number), templateContext: [:], key: key, limits: limits)
        return write(.ordered(ordered), at: time).verdict
    }

    /// An order that Twilio may have.
    mutating func dial(_ id: CallID, to number: Int = 1, limits: AdmissionLimits = AdmissionLimits()) {
        order(id, to: number, limits: limits)
        write(.noted(id, .dialing))
    }

    @discardableResult
    mutating func tell(_ fact: CallFact, claiming id: CallID? = nil, at time: Timestamp? = nil) -> Applied {
        write(.told(Message(fact: fact, claimed: id, oldest: Timestamp(milliseconds: 0))), at: time)
    }

    static func status(
        _ status: CallStatus,
        of sid: Int,
        _ sequence: Int? = nil,
        at time: Timestamp? = nil,
        direction: CallDirection? = nil
    ) -> CallFact {
        .statusReported(
            StatusReport(
                callSid: Self.sid(sid),
                status: status,
                sequenceNumber: sequence,
                timestamp: time,
                parties: CallParties(direction: direction)
            )
        )
    }

    static func verdict(_ word: String = "machine_start", of sid: Int) -> CallFact {
        .machineDetected(MachineDetectionReport(callSid: Self.sid(sid), answeredBy: word, duration: nil))
    }

    func page(limit: Int = 1000, after cursor: CallCursor? = nil, filter: CallFilter = CallFilter()) -> CallListPage {
        var page = CallListPage(calls: [], next: nil)
        var position = cursor
        repeat {
            position = book.add(to: &page, matching: filter, limit: limit, after: position, lookingAt: 100)
        } while position != nil
        return page
    }
}
