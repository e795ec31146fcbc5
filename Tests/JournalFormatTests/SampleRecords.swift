import CallDomain
import TestSupport

/// Makes records of every kind, with as much in them as it is told.
struct SampleRecords {
    enum Filling {
        /// Nothing that may be absent.
        case bare
        /// All that may be absent.
        case full
        /// Some of it, and every value drawn.
        case drawn
    }

    private let filling: Filling
    private var generator: SeededGenerator

    init(_ filling: Filling, seed: UInt64 = 0) {
        self.filling = filling
        generator = SeededGenerator(seed: seed)
    }

    /// The kinds of records. A kind that is missing here does not compile in ``kind(of:)``.
    enum Kind: String, CaseIterable {
        case ordered, told, noted, undialed, answerKept, keyReleased, dialingSet, tidied, erased, erasureFound,
            erasureDeleted, erasureJournalCleaned, subscribed, unsubscribed, trialAsked, deliveryTried, retryAsked
    }

    static func kind(of content: Record.Content) -> Kind {
        switch content {
        case .ordered: .ordered
        case .told: .told
        case .noted: .noted
        case .undialed: .undialed
        case .answerKept: .answerKept
        case .keyReleased: .keyReleased
        case .dialingSet: .dialingSet
        case .tidied: .tidied
        case .erased: .erased
        case .erasureNoted(_, .found): .erasureFound
        case .erasureNoted(_, .deleted): .erasureDeleted
        case .erasureNoted(_, .journalCleaned): .erasureJournalCleaned
        case .delivering(.subscribed): .subscribed
        case .delivering(.unsubscribed): .unsubscribed
        case .delivering(.trialAsked): .trialAsked
        case .delivering(.tried): .deliveryTried
        case .delivering(.retryAsked): .retryAsked
        }
    }

    /// The facts. One that is missing here does not compile in ``fact(of:)``.
    enum Fact: String, CaseIterable {
        case ordered, agentCallCreated, agentCallFailed, agentCallRequested, agentCallUnavailable, dialing, callCreated,
            dialRefused, dialNotSent, dialUnclear, unconfirmed, hangUpRequested, canceled, statusReported,
            voiceRequested, fallbackRequested, machineDetected, streamReported, recordingReported, lookedUp,
            unknownToTwilio, conversationReported
    }

    static func fact(of fact: CallFact) -> Fact {
        switch fact {
        case .ordered: .ordered
        case .agentCallCreated: .agentCallCreated
        case .agentCallFailed: .agentCallFailed
        case .agentCallRequested: .agentCallRequested
        case .agentCallUnavailable: .agentCallUnavailable
        case .dialing: .dialing
        case .callCreated: .callCreated
        case .dialRefused: .dialRefused
        case .dialNotSent: .dialNotSent
        case .dialUnclear: .dialUnclear
        case .unconfirmed: .unconfirmed
        case .hangUpRequested: .hangUpRequested
        case .canceled: .canceled
        case .statusReported: .statusReported
        case .voiceRequested: .voiceRequested
        case .fallbackRequested: .fallbackRequested
        case .machineDetected: .machineDetected
        case .streamReported: .streamReported
        case .recordingReported: .recordingReported
        case .lookedUp: .lookedUp
        case .unknownToTwilio: .unknownToTwilio
        case .conversationReported: .conversationReported
        }
    }

    /// Every kind, and of those with a fact one record for each fact.
    mutating func all() -> [(name: String, record: Record)] {
        var records: [(String, Record)] = []
        for kind in Kind.allCases {
            switch kind {
            case .told, .noted, .undialed:
                for fact in Fact.allCases { records.append(("\(kind).\(fact)", record(kind, fact))) }
            case .ordered, .answerKept, .keyReleased, .dialingSet, .tidied, .erased, .erasureFound, .erasureDeleted,
                .erasureJournalCleaned, .subscribed, .unsubscribed, .trialAsked, .deliveryTried, .retryAsked:
                records.append(("\(kind)", record(kind, .dialing)))
            }
        }
        return records
    }

    mutating func record(_ kind: Kind, _ fact: Fact) -> Record {
        let content: Record.Content =
            switch kind {
            case .ordered: .ordered(ordered)
            case .told: .told(Message(fact: callFact(fact), claimed: maybe(id), oldest: time))
            case .noted: .noted(id, callFact(fact))
            case .undialed: .undialed(id, callFact(fact))
            case .answerKept: .answerKept(keyName, answer, id)
            case .keyReleased: .keyReleased(keyName, id)
            case .dialingSet:
                .dialingSet(DialingPosition(isEnabled: flag, reason: maybe(text), changedAt: maybe(time)))
            case .tidied:
                .tidied(Retention(calls: duration, maximumCalls: number, numberCooldown: duration))
            case .erased: .erased(erased)
            case .erasureFound: .erasureNoted(id, .found(flag ? .recording(sid()) : .conversation(ultravoxCallID)))
            case .erasureDeleted: .erasureNoted(id, .deleted(any(), digest))
            case .erasureJournalCleaned: .erasureNoted(id, .journalCleaned(Position(high: half, low: half)))
            case .subscribed: .delivering(.subscribed(subscription))
            case .unsubscribed: .delivering(.unsubscribed(subscription.id))
            case .trialAsked: .delivering(.trialAsked(subscription.id))
            case .deliveryTried: .delivering(.tried(deliveryID, attempt))
            case .retryAsked: .delivering(.retryAsked(deliveryID))
            }
        return Record(at: time, content)
    }

    private var deliveryID: DeliveryID {
        mutating get { DeliveryID(high: half, low: half) }
    }

    private var attempt: DeliveryAttempt {
        mutating get {
            DeliveryAttempt(at: time, status: maybe(500), reason: maybe(text), milliseconds: number, next: maybe(time))
        }
    }

    var subscription: Subscription {
        mutating get {
            Subscription(
                id: SubscriptionID(high: half, low: half),
                url: "https://hooks.example.com/\(text)",
                types: maybe([CallNews.completed, .answered]) ?? [],
                secret: text,
                createdAt: time
            )
        }
    }

    var delivery: Delivery {
        mutating get {
            var delivery = Delivery(
                id: deliveryID,
                receiver: flag ? .subscription(SubscriptionID(high: half, low: half)) : .order(id),
                subject: flag ? .event(any(), any(), id) : .trial,
                place: EventPlace(Position(low: half), part: 3),
                at: time
            )
            (delivery.status, delivery.tries, delivery.due) = (any(), number, time)
            if maybe(1) != nil { delivery.attempts = [attempt, attempt] }
            delivery.settledBy = maybe(Position(low: half))
            return delivery
        }
    }

    mutating func callFact(_ fact: Fact) -> CallFact {
        switch fact {
        case .ordered: .ordered(order)
        case .agentCallCreated:
            .agentCallCreated(AgentCall(ultravoxCallID: ultravoxCallID, joinURL: joinURL, joinDeadline: time))
        case .agentCallFailed: .agentCallFailed(error)
        case .agentCallRequested: .agentCallRequested(agentID)
        case .agentCallUnavailable: .agentCallUnavailable(error)
        case .dialing: .dialing
        case .callCreated: .callCreated(twilioCall)
        case .dialRefused: .dialRefused(error)
        case .dialNotSent: .dialNotSent(error)
        case .dialUnclear: .dialUnclear(error)
        case .unconfirmed: .unconfirmed
        case .hangUpRequested: .hangUpRequested
        case .canceled: .canceled(reason: text)
        case .statusReported: .statusReported(statusReport)
        case .voiceRequested: .voiceRequested(voiceRequest)
        case .fallbackRequested: .fallbackRequested(fallbackRequest)
        case .machineDetected: .machineDetected(machineDetection)
        case .streamReported: .streamReported(streamReport)
        case .recordingReported: .recordingReported(recordingReport)
        case .lookedUp: .lookedUp(twilioCall)
        case .unknownToTwilio: .unknownToTwilio(callSid, code: number)
        case .conversationReported: .conversationReported(conversationReport)
        }
    }
}

// The values that records are made of.

extension SampleRecords {
    mutating func maybe<Value>(_ value: Value) -> Value? {
        switch filling {
        case .bare: nil
        case .full: value
        case .drawn: Bool.random(using: &generator) ? value : nil
        }
    }

    private mutating func any<Value: CaseIterable>(of type: Value.Type = Value.self) -> Value {
        let cases = Array(Value.allCases)
        return cases[Int.random(in: 0..<cases.count, using: &generator)]
    }

    private mutating func hex(_ count: Int, capitals: Bool = false) -> String {
        let digits = Array(capitals ? "0123456789abcdefABCDEF" : "0123456789abcdef")
        return String((0..<count).map { _ in digits[Int.random(in: 0..<digits.count, using: &generator)] })
    }

    private mutating func sid<Value: Sid>(_ type: Value.Type = Value.self) -> Value {
        let text = Value.prefix + hex(32, capitals: filling == .drawn)
        guard let sid = Value(text) else { preconditionFailure("\(text) is no Sid") }
        return sid
    }

    private mutating func uuid<Value: UltravoxID>(_ type: Value.Type = Value.self) -> Value {
        let text = "\(hex(8))-\(hex(4))-\(hex(4))-\(hex(4))-\(hex(12))"
        guard let id = Value(text) else { preconditionFailure("\(text) is no UUID") }
        return id
    }

    var flag: Bool { mutating get { maybe(true) ?? false } }

    var time: Timestamp {
        mutating get {
            let any: Int64 = .random(in: .min ... .max, using: &generator)
            let usual: Int64 = .random(in: 1_795_000_000_000...1_795_000_100_000, using: &generator)
            return Timestamp(milliseconds: filling == .drawn && flag ? any : usual)
        }
    }

    private var number: Int {
        mutating get {
            let small = Int.random(in: 0...300, using: &generator)
            guard filling == .drawn else { return small }
            return [small, -small, .min, .max, Int.random(in: .min ... .max, using: &generator)]
                .randomElement(using: &generator) ?? small
        }
    }

    private var duration: Duration {
        mutating get {
            let whole = Duration.seconds(Int.random(in: 1...604_800, using: &generator))
            guard filling == .drawn else { return whole }
            let odd = Duration(
                secondsComponent: .random(in: -1_000_000...1_000_000, using: &generator),
                attosecondsComponent: .random(in: 0..<1_000_000_000_000_000_000, using: &generator)
            )
            return flag ? odd : whole
        }
    }

    var text: String {
        mutating get {
            let texts = [
                "in plain words", "", "ünï·𝄞 e\u{301}", "a\u{0}b\"\\\n", String(repeating: "long ", count: 60),
            ]
            return filling == .drawn ? texts.randomElement(using: &generator) ?? "" : texts[0] + " " + hex(4)
        }
    }

    private var json: JSONObject {
        mutating get {
            let nested: JSONValue = ["list": [1, true, .null, "x", ["deep": text.count > 3 ? "é" : "e\u{301}"]]]
            var object: JSONObject = ["z": .string(text), "a": nested, "empty": [:]]
            if let exact = JSONNumber(1.25e300) { object["number"] = .number(exact) }
            return object
        }
    }

    var id: CallID {
        mutating get {
            if filling == .drawn, flag { return CallID(derivedFrom: sid()) }
            return CallID(
                at: Timestamp(milliseconds: .random(in: 1_795_000_000_000...1_795_000_100_000, using: &generator)),
                random: (.random(in: .min ... .max, using: &generator), generator.next())
            )
        }
    }

    var callSid: CallSid { mutating get { sid() } }
    var ultravoxCallID: UltravoxCallID { mutating get { uuid() } }
    private var agentID: AgentID { mutating get { uuid() } }

    private var phoneNumber: PhoneNumber {
        mutating get {
            let text = "+1555555\(Int.random(in: 1000...9999, using: &generator))"
            guard let number = PhoneNumber(text) else { preconditionFailure("\(text) is no number") }
            return number
        }
    }

    private var joinURL: JoinURL {
        mutating get {
            let text = "wss://join.example/calls/\(hex(8))/telephony"
            guard let url = JoinURL(text) else { preconditionFailure("\(text) is no join URL") }
            return url
        }
    }

    private var unread: [String] { mutating get { maybe(["SequenceNumber", text]) ?? [] } }

    private var parties: CallParties {
        mutating get { CallParties(from: maybe(phoneNumber.text), to: maybe(text), direction: maybe(any())) }
    }

    private var error: CallError {
        mutating get {
            CallError(source: any(), code: maybe(text), message: text, sipResponseCode: maybe(number))
        }
    }

    private var twilioCall: TwilioCall {
        mutating get {
            TwilioCall(
                callSid: callSid,
                status: any(),
                from: maybe(text),
                to: maybe(text),
                direction: maybe(any()),
                duration: maybe(number),
                answeredBy: maybe(text),
                startedAt: maybe(time),
                endedAt: maybe(time)
            )
        }
    }

    private var statusReport: StatusReport {
        mutating get {
            var report = StatusReport(
                callSid: callSid,
                status: any(),
                sequenceNumber: maybe(number),
                timestamp: maybe(time),
                parties: parties,
                duration: maybe(number),
                sipResponseCode: maybe(number),
                answeredBy: maybe(text),
                errorCode: maybe(text),
                errorMessage: maybe(text)
            )
            report.unread = unread
            return report
        }
    }

    private var voiceRequest: VoiceRequest {
        mutating get {
            var request = VoiceRequest(callSid: callSid, status: any(), parties: parties)
            request.unread = unread
            return request
        }
    }

    private var fallbackRequest: FallbackRequest {
        mutating get {
            var request = FallbackRequest(callSid: callSid, parties: parties, errorCode: maybe(text))
            request.unread = unread
            return request
        }
    }

    private var machineDetection: MachineDetectionReport {
        mutating get {
            var report = MachineDetectionReport(callSid: callSid, answeredBy: text, duration: maybe(duration))
            report.unread = unread
            return report
        }
    }

    private var streamReport: StreamReport {
        mutating get {
            var report = StreamReport(
                callSid: callSid,
                streamSid: sid(),
                event: any(),
                error: maybe(text),
                timestamp: maybe(time)
            )
            report.unread = unread
            return report
        }
    }

    private var recordingReport: RecordingReport {
        mutating get {
            var report = RecordingReport(
                callSid: callSid,
                recordingSid: sid(),
                status: any(),
                url: maybe(text),
                duration: maybe(number),
                startedAt: maybe(time)
            )
            report.unread = unread
            return report
        }
    }

    private var conversationReport: ConversationReport {
        mutating get {
            var report = ConversationReport(
                ultravoxCallID: ultravoxCallID,
                event: any(),
                callID: maybe(id),
                createdAt: maybe(time),
                joinedAt: maybe(time),
                endedAt: maybe(time),
                endReason: maybe(text),
                shortSummary: maybe(text),
                summary: maybe(text),
                billedDuration: maybe(number),
                agentID: maybe(agentID)
            )
            report.callSid = maybe(callSid)
            report.unread = unread
            return report
        }
    }

    private var order: CallOrder {
        mutating get {
            CallOrder(
                agentID: agentID,
                phoneNumber: phoneNumber,
                from: phoneNumber,
                ringTimeout: duration,
                maxDuration: maybe(duration),
                machineDetection: any(),
                record: flag,
                join: any(),
                templateContext: maybe(json) ?? [:],
                metadata: maybe(json) ?? [:],
                callbackURL: maybe(text),
                correlationID: maybe(text)
            )
        }
    }

    private var limits: AdmissionLimits {
        mutating get {
            AdmissionLimits(
                concurrentCalls: number,
                callsPerDay: maybe(number),
                parallelCallsToNumber: flag,
                numberCooldown: maybe(duration) ?? .zero
            )
        }
    }

    var keyName: KeyName { mutating get { KeyName(caller: text, key: text) } }

    private var ordered: Ordered {
        mutating get {
            let digest = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
            return Ordered(
                id: id,
                order: order,
                templateContext: maybe(json) ?? [:],
                key: maybe(KeyClaim(name: keyName, digest: digest)),
                limits: limits
            )
        }
    }

    private var half: UInt64 { mutating get { UInt64.random(in: 0 ... .max, using: &generator) } }

    private var digest: NameDigest { mutating get { NameDigest(high: half, low: half) } }

    private var erasedKey: ErasedKey {
        mutating get { ErasedKey(name: digest, digest: (0..<32).map { UInt8($0) }, since: time) }
    }

    private var copies: [VendorCopy] { mutating get { [.recording(sid()), .conversation(ultravoxCallID)] } }

    private var erased: Erased {
        mutating get {
            Erased(
                id: id,
                names: maybe([digest, digest]) ?? [],
                copies: maybe(copies) ?? [],
                key: maybe(erasedKey),
                countsForDay: flag
            )
        }
    }

    var erasure: Erasure {
        mutating get {
            var erasure = Erasure(id: id, erasedAt: time, begunBy: Position(low: 5))
            erasure.names = maybe([digest]) ?? []
            erasure.key = maybe(erasedKey)
            erasure.copies = maybe(copies) ?? []
            erasure.deletions = maybe([Erasure.Deletion(vendor: any(), name: digest, at: time)]) ?? []
            erasure.lastTrace = maybe(Position(low: 7))
            erasure.journalCleanedAt = maybe(time)
            return erasure
        }
    }

    var answer: KeptAnswer {
        mutating get {
            KeptAnswer(
                status: 201,
                contentType: "application/json",
                location: maybe(text),
                body: (0..<Int.random(in: 1...40, using: &generator)).map { UInt8($0) }
            )
        }
    }
}
