import CallDomain
import CallStorage
import TestSupport

/// What a random history of several calls tells, contradictions included.
///
/// The first records are always applied in their order, because admission follows the log. The others are evidence: they may
/// come in any order, and more than once.
struct RandomTable {
    private(set) var first: [Record] = []
    private(set) var evidence: [Record] = []
    /// All of our ids that a record names, and those that stand for a CallSid.
    private(set) var ids: Set<CallID> = []
    let sids: [CallSid]

    private let legs: Int
    private var generator: SeededGenerator
    private var orders: [CallID] = []
    private var rig = BookRig()

    /// `calls`: how many calls there are at most.
    init(seed: UInt64, calls: Int) {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...calls, using: &generator)
        legs = count + 2
        sids = (1...legs).map { BookRig.sid($0) }
        orders = (1...count).map { BookRig.id($0, at: BookRig.at(Int64($0 / 2))) }
        self.generator = generator
        ids = Set(orders + sids.map { CallID(derivedFrom: $0) } + [Self.unknown])
        for number in 1...count { add(number) }
        for sid in sids where chance(30) { lookUp(sid, for: orders.randomElement(using: &self.generator)!) }
    }

    /// An id of ours of which no record tells an order.
    private static let unknown = BookRig.id(999)

    /// The evidence in another order, each record once or more often.
    mutating func shuffled() -> [Record] {
        var records = evidence
        for record in evidence where chance(25) {
            guard case .told = record.content, chance(50) else {
                records.append(record)
                continue
            }
            // The vendor sends it again.
            records.append(Record(at: record.at + .seconds(random(1...900)), record.content))
        }
        return records.shuffled(using: &generator)
    }

    private mutating func random<Number: FixedWidthInteger>(_ range: ClosedRange<Number>) -> Number {
        Number.random(in: range, using: &generator)
    }

    private mutating func chance(_ percent: Int) -> Bool { random(0...99) < percent }

    private mutating func moment() -> Timestamp { BookRig.at(random(10...3000)) + .milliseconds(random(0...999)) }

    private mutating func add(_ number: Int) {
        let id = orders[number - 1]
        switch random(0...9) {
        case 0...1: addInbound(number)
        case 2: addUndialed(id, number)
        default: addDialed(id, number)
        }
    }

    // MARK: Kinds of calls

    private mutating func order(_ id: CallID, _ number: Int, join: CallOrder.Join) {
        // Sometimes the number of another order, so that this one is refused.
        var order = BookRig.order(to: chance(10) ? 1 : number)
        order.join = join
        let ordered = Ordered(id: id, order: order, templateContext: [:], key: nil, limits: AdmissionLimits())
        begin(with: .ordered(ordered), at: 1)
    }

    private mutating func begin(with content: Record.Content, at second: Int64) {
        first.append(Record(at: BookRig.at(second), content))
        rig.write(content, at: BookRig.at(second))
    }

    private mutating func addDialed(_ id: CallID, _ number: Int) {
        let join: CallOrder.Join = chance(50) ? .eager : .onAnswer
        order(id, number, join: join)
        // Of one that is refused nothing is noted.
        guard rig.book.isUndialed(id) else { return tell(ofLeg: sids[number - 1], id) }
        begin(with: .noted(id, .dialing), at: 2)
        let error = CallError(source: .twilio, code: "x", message: "x")
        if chance(10) {
            begin(with: .noted(id, .dialUnclear(error)), at: 3)
            begin(with: .noted(id, .unconfirmed), at: 900)
        }
        let sid = sids[number - 1]
        switch random(0...9) {
        // That nobody was dialed counts if nothing tells of a phone call by then.
        case 0: begin(with: .noted(id, .dialRefused(error)), at: 901)
        case 1: begin(with: .noted(id, .dialNotSent(error)), at: 901)
        case 2...3: note(id, .dialUnclear(error))
        case 4: note(id, .callCreated(TwilioCall(callSid: anySid(), status: .queued)))
        default: note(id, .callCreated(TwilioCall(callSid: sid, status: .queued)))
        }
        if chance(15) { note(id, .hangUpRequested) }
        let talk = BookRig.talk(chance(10) ? random(1...legs) : number)
        if join == .onAnswer, chance(70) { note(id, .agentCallRequested(BookRig.agentID)) }
        if chance(80) {
            let call = AgentCall(
                ultravoxCallID: talk,
                joinURL: JoinURL("wss://voice.ultravox.ai/calls/b1e2c3d4/telephony")!,
                joinDeadline: BookRig.at(60)
            )
            note(id, .agentCallCreated(call))
        }
        tell(ofLeg: sid, id)
        tell(of: talk, id, sid)
    }

    private mutating func addUndialed(_ id: CallID, _ number: Int) {
        order(id, number, join: .eager)
        if chance(50) { begin(with: .undialed(id, .canceled(reason: "hung up")), at: 4) }
        tell(ofLeg: sids[number - 1], id)
    }

    private mutating func addInbound(_ number: Int) {
        let sid = sids[number - 1]
        let derived = CallID(derivedFrom: sid)
        if chance(50) {
            // What is noted of it comes after what made it known.
            let parties = CallParties(from: "+12025550199", to: "+12025550143", direction: .inbound)
            let request = VoiceRequest(callSid: sid, status: .ringing, parties: parties)
            tell(.voiceRequested(request), nil, first: true)
            note(derived, .agentCallRequested(BookRig.agentID))
            if chance(50) {
                let call = AgentCall(
                    ultravoxCallID: BookRig.talk(number),
                    joinURL: JoinURL("wss://voice.ultravox.ai/calls/b1e2c3d4/telephony")!,
                    joinDeadline: BookRig.at(60)
                )
                note(derived, .agentCallCreated(call))
            }
            if chance(30) { note(derived, .lookedUp(TwilioCall(callSid: sid, status: .inProgress))) }
            if chance(20) { note(derived, .hangUpRequested) }
        }
        tell(ofLeg: sid, chance(50) ? derived : nil)
        if chance(50) { tell(of: BookRig.talk(number), derived, sid) }
    }

    // MARK: Evidence

    private mutating func note(_ id: CallID, _ fact: CallFact) {
        evidence.append(Record(at: moment(), .noted(id, fact)))
    }

    private mutating func tell(_ fact: CallFact, _ id: CallID?, first isFirst: Bool = false) {
        let message = Message(fact: fact, claimed: id, oldest: Timestamp(milliseconds: 0))
        guard !isFirst else { return begin(with: .told(message), at: 5) }
        evidence.append(Record(at: moment(), .told(message)))
    }

    private mutating func lookUp(_ sid: CallSid, for id: CallID) {
        // An order that was never dialed is not looked for.
        guard first.contains(where: { $0.content == .noted(id, .dialing) }) else { return }
        guard chance(80) else { return note(id, .unknownToTwilio(sid, code: 20404)) }
        note(id, .lookedUp(TwilioCall(callSid: sid, status: anyStatus(), duration: chance(50) ? 7 : nil)))
    }

    private mutating func anySid() -> CallSid { sids.randomElement(using: &generator)! }

    private mutating func anyID() -> CallID { ids.sorted { $0.text < $1.text }.randomElement(using: &generator)! }

    private mutating func anyStatus() -> CallStatus {
        [.queued, .initiated, .ringing, .inProgress, .noAnswer, .busy, .failed, .canceled, .completed]
            .randomElement(using: &generator)!
    }

    /// Mostly its own id, sometimes none, sometimes a wrong one.
    private mutating func claim(_ id: CallID?) -> CallID? {
        switch random(0...19) {
        case 0: anyID()
        case 1...4: nil
        default: id
        }
    }

    private mutating func tell(ofLeg sid: CallSid, _ id: CallID?) {
        for _ in 0..<random(0...7) {
            let id = claim(id)
            let fact = self.fact(of: sid)
            tell(fact, id)
        }
    }

    private mutating func fact(of sid: CallSid) -> CallFact {
        let unread = chance(10) ? ["Timestamp"] : chance(10) ? ["Direction"] : []
        let parties = CallParties(
            from: chance(50) ? "+12025550143" : nil,
            to: chance(50) ? "+12125551001" : nil,
            direction: chance(30) ? .outbound : chance(10) ? .inbound : nil
        )
        switch random(0...11) {
        case 0...5:
            var report = StatusReport(
                callSid: sid,
                status: anyStatus(),
                sequenceNumber: chance(70) ? random(0...3) : nil,
                timestamp: chance(60) ? BookRig.at(random(10...40)) : nil,
                parties: parties,
                duration: chance(30) ? random(0...9) : nil,
                errorCode: chance(10) ? "30001" : nil
            )
            report.unread = unread
            return .statusReported(report)
        case 6:
            var request = VoiceRequest(callSid: sid, status: chance(50) ? .ringing : .inProgress, parties: parties)
            request.unread = unread
            return .voiceRequested(request)
        case 7:
            return .fallbackRequested(FallbackRequest(callSid: sid, parties: parties, errorCode: "12100"))
        case 8:
            let word = chance(50) ? "human" : chance(50) ? "machine_start" : "unknown"
            return BookRig.verdict(word, of: (sids.firstIndex(of: sid) ?? 0) + 1)
        case 9...10:
            let stream = StreamSid("MZ" + String(repeating: "0", count: 31) + String(random(1...3)))!
            let event: StreamReport.Event = chance(50) ? .started : chance(50) ? .stopped : .error
            let at = chance(70) ? BookRig.at(random(10...40)) : nil
            return .streamReported(
                StreamReport(callSid: sid, streamSid: stream, event: event, error: nil, timestamp: at)
            )
        default:
            let recording = RecordingSid("RE" + String(repeating: "0", count: 31) + String(random(1...2)))!
            return .recordingReported(
                RecordingReport(
                    callSid: sid,
                    recordingSid: recording,
                    status: chance(50) ? .inProgress : .completed,
                    url: nil,
                    duration: random(1...9),
                    startedAt: BookRig.at(random(10...12))
                )
            )
        }
    }

    private mutating func tell(of talk: UltravoxCallID, _ id: CallID, _ sid: CallSid) {
        for _ in 0..<random(0...4) {
            let event = ConversationReport.Event.allCases.randomElement(using: &generator)!
            var report = ConversationReport(ultravoxCallID: talk, event: event, callID: claim(id))
            if chance(50) { report.joinedAt = BookRig.at(random(10...12)) }
            if chance(50) { report.endReason = chance(50) ? "hangup" : "agent_hangup" }
            if chance(60) { report.callSid = chance(90) ? sid : anySid() }
            let claimed = chance(80) ? nil : chance(80) ? id : anyID()
            tell(.conversationReported(report), claimed)
        }
    }
}
