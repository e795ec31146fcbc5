import CallDomain

/// The numbers of the facts.
private enum FactKind: UInt8 {
    case ordered = 1
    case agentCallCreated = 2
    case agentCallFailed = 3
    case agentCallRequested = 4
    case agentCallUnavailable = 5
    case dialing = 6
    case callCreated = 7
    case dialRefused = 8
    case dialNotSent = 9
    case dialUnclear = 10
    case unconfirmed = 11
    case hangUpRequested = 12
    case canceled = 13
    case statusReported = 14
    case voiceRequested = 15
    case fallbackRequested = 16
    case machineDetected = 17
    case streamReported = 18
    case recordingReported = 19
    case lookedUp = 20
    case unknownToTwilio = 21
    case conversationReported = 22
}

extension CallFact: Stored {
    func write(to out: inout RecordWriter) {
        func put(_ kind: FactKind, _ value: some Stored) {
            out.byte(kind.rawValue)
            out.put(value)
        }
        switch self {
        case .ordered(let order): put(.ordered, order)
        case .agentCallCreated(let call): put(.agentCallCreated, call)
        case .agentCallFailed(let error): put(.agentCallFailed, error)
        case .agentCallRequested(let id): put(.agentCallRequested, id)
        case .agentCallUnavailable(let error): put(.agentCallUnavailable, error)
        case .dialing: out.byte(FactKind.dialing.rawValue)
        case .callCreated(let call): put(.callCreated, call)
        case .dialRefused(let error): put(.dialRefused, error)
        case .dialNotSent(let error): put(.dialNotSent, error)
        case .dialUnclear(let error): put(.dialUnclear, error)
        case .unconfirmed: out.byte(FactKind.unconfirmed.rawValue)
        case .hangUpRequested: out.byte(FactKind.hangUpRequested.rawValue)
        case .canceled(let reason): put(.canceled, reason)
        case .statusReported(let report): put(.statusReported, report)
        case .voiceRequested(let request): put(.voiceRequested, request)
        case .fallbackRequested(let request): put(.fallbackRequested, request)
        case .machineDetected(let report): put(.machineDetected, report)
        case .streamReported(let report): put(.streamReported, report)
        case .recordingReported(let report): put(.recordingReported, report)
        case .lookedUp(let call): put(.lookedUp, call)
        case .unknownToTwilio(let sid, let code):
            put(.unknownToTwilio, sid)
            out.put(code)
        case .conversationReported(let report): put(.conversationReported, report)
        }
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let number = try reader.byte()
        guard let kind = FactKind(rawValue: number) else { throw reader.unknown("fact", Int(number)) }
        self =
            switch kind {
            case .ordered: .ordered(try reader.get())
            case .agentCallCreated: .agentCallCreated(try reader.get())
            case .agentCallFailed: .agentCallFailed(try reader.get())
            case .agentCallRequested: .agentCallRequested(try reader.get())
            case .agentCallUnavailable: .agentCallUnavailable(try reader.get())
            case .dialing: .dialing
            case .callCreated: .callCreated(try reader.get())
            case .dialRefused: .dialRefused(try reader.get())
            case .dialNotSent: .dialNotSent(try reader.get())
            case .dialUnclear: .dialUnclear(try reader.get())
            case .unconfirmed: .unconfirmed
            case .hangUpRequested: .hangUpRequested
            case .canceled: .canceled(reason: try reader.get())
            case .statusReported: .statusReported(try reader.get())
            case .voiceRequested: .voiceRequested(try reader.get())
            case .fallbackRequested: .fallbackRequested(try reader.get())
            case .machineDetected: .machineDetected(try reader.get())
            case .streamReported: .streamReported(try reader.get())
            case .recordingReported: .recordingReported(try reader.get())
            case .lookedUp: .lookedUp(try reader.get())
            case .unknownToTwilio: .unknownToTwilio(try reader.get(), code: try reader.get())
            case .conversationReported: .conversationReported(try reader.get())
            }
    }
}

extension CallOrder: Stored {
    func write(to out: inout RecordWriter) {
        out.put(agentID)
        out.put(phoneNumber)
        out.put(from)
        out.put(ringTimeout)
        out.put(machineDetection)
        out.put(join)
        let fields = out.fields()
        out.field(0, of: fields, maxDuration)
        out.flag(1, of: fields, record)
        out.field(2, of: fields, templateContext.unlessEmpty)
        out.field(3, of: fields, metadata.unlessEmpty)
        out.field(4, of: fields, correlationID)
        out.field(5, of: fields, callbackURL)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(
            agentID: try reader.get(),
            phoneNumber: try reader.get(),
            from: try reader.get(),
            ringTimeout: try reader.get(),
            machineDetection: try reader.get(),
            join: try reader.get()
        )
        let fields = try reader.fields(6, of: "an order's content")
        maxDuration = try reader.field(0, of: fields)
        record = fields.has(1)
        templateContext = try reader.field(2, of: fields) ?? [:]
        metadata = try reader.field(3, of: fields) ?? [:]
        correlationID = try reader.field(4, of: fields)
        callbackURL = try reader.field(5, of: fields)
    }
}

extension AgentCall: Stored {
    func write(to out: inout RecordWriter) {
        out.put(ultravoxCallID)
        out.put(joinURL)
        out.put(joinDeadline)
        _ = out.fields()
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(ultravoxCallID: try reader.get(), joinURL: try reader.get(), joinDeadline: try reader.get())
        _ = try reader.fields(0, of: "an agent call")
    }
}

extension CallError: Stored {
    func write(to out: inout RecordWriter) {
        out.put(source)
        out.put(message)
        let fields = out.fields()
        out.field(0, of: fields, code)
        out.field(1, of: fields, sipResponseCode)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (source, message) = (try reader.get(Source.self), try reader.get(String.self))
        let fields = try reader.fields(2, of: "an error")
        self.init(
            source: source,
            code: try reader.field(0, of: fields),
            message: message,
            sipResponseCode: try reader.field(1, of: fields)
        )
    }
}
