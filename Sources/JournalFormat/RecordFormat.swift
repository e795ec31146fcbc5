package import CallDomain

/// How a record is written as bytes: in a journal, and wherever history is kept as bytes.
///
///     record    := version (1 byte) · kind (1 byte) · time · content
///     time      := signed varint: milliseconds since 1970; every further time counts from this one
///     fact      := kind (1 byte) · content
///     structure := its required fields in their order · which optional fields follow (2 bytes, a bit each) · those fields
///     text      := length in bytes (varint) · UTF-8
///     id        := 16 bytes, and a byte more where 128 bits do not tell all (a Sid, an id of ours)
///     word      := a number (1 byte), see `Numbers.swift`
///
/// Whatever a record holds comes back from its bytes. They hold phone numbers, template contexts and join URLs as they are:
/// a restart needs them. So a file of records is readable for its owner alone, and nothing of it is logged.
///
/// **Changes.** What has a number keeps it for ever. A new kind, fact, word or optional field takes the next number and
/// the next version, so that a program which does not know it refuses the record by its version; older versions stay
/// readable, because what they did not have is absent there. `fixtures/journal` has records of each version.
package enum RecordFormat {
    /// The version in which records are written.
    package static let version: UInt8 = 3
    /// The versions that can be read.
    package static let versions: ClosedRange<UInt8> = 1...version

    /// What stands where a record of that many bytes was: no version, and nothing else. As long as the record, so that it
    /// takes the very bytes of it.
    package static func stub(of count: Int) -> [UInt8] { [UInt8](repeating: 0, count: max(1, count)) }

    package static func isStub(_ bytes: UnsafeRawBufferPointer) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { $0 == 0 }
    }

    package static func encode(_ record: Record) -> [UInt8] {
        var out = RecordWriter(origin: record.at)
        out.byte(version)
        out.byte(Kind(of: record.content).rawValue)
        out.signed(record.at.milliseconds)
        switch record.content {
        case .ordered(let ordered): out.put(ordered)
        case .told(let message): out.put(message)
        case .noted(let id, let fact), .undialed(let id, let fact):
            out.put(id)
            out.put(fact)
        case .answerKept(let name, let answer, let id):
            out.put(name)
            out.put(id)
            out.put(answer)
        case .keyReleased(let name, let id):
            out.put(name)
            out.put(id)
        case .dialingSet(let position): out.put(position)
        case .tidied(let retention): out.put(retention)
        case .erased(let erased): out.put(erased)
        case .erasureNoted(let id, let news):
            out.put(id)
            out.put(news)
        case .delivering(let record): out.put(record)
        }
        return out.bytes
    }

    /// - Throws: unless the bytes are exactly one record.
    package static func decode(_ bytes: [UInt8]) throws(FormatError) -> Record {
        // `withUnsafeBytes` does not take a body with a typed error.
        try bytes.withUnsafeBytes { bytes in
            Result { () throws(FormatError) in try decode(bytes) }
        }.get()
    }

    /// - Throws: unless the bytes are exactly one record.
    package static func decode(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> Record {
        var reader = try RecordReader(bytes)
        let number = try reader.byte()
        guard let kind = Kind(rawValue: number), kind.firstVersion <= reader.version else {
            throw reader.unknown("record kind", Int(number))
        }
        reader.origin = try reader.signed()
        let at = Timestamp(milliseconds: reader.origin)
        let content = try content(of: kind, from: &reader)
        guard reader.rest == 0 else { throw .trailing(reader.rest) }
        return Record(at: at, content)
    }

    private static func content(
        of kind: Kind,
        from reader: inout RecordReader
    ) throws(FormatError) -> Record.Content {
        switch kind {
        case .ordered: return .ordered(try reader.get())
        case .told: return .told(try reader.get())
        case .noted: return .noted(try reader.get(), try reader.get())
        case .undialed: return .undialed(try reader.get(), try reader.get())
        case .answerKept:
            let (name, id) = (try reader.get(KeyName.self), try reader.get(CallID.self))
            return .answerKept(name, try reader.get(), id)
        case .keyReleased: return .keyReleased(try reader.get(), try reader.get())
        case .dialingSet: return .dialingSet(try reader.get())
        case .tidied: return .tidied(try reader.get())
        case .erased: return .erased(try reader.get())
        case .erasureNoted: return .erasureNoted(try reader.get(), try reader.get())
        case .delivering: return .delivering(try reader.get())
        }
    }

    /// The numbers of the kinds of records.
    private enum Kind: UInt8 {
        case ordered = 1
        case told = 2
        case noted = 3
        case undialed = 4
        case answerKept = 5
        case keyReleased = 6
        case dialingSet = 7
        case tidied = 8
        case erased = 9
        case erasureNoted = 10
        case delivering = 11

        var firstVersion: UInt8 {
            switch self {
            case .ordered, .told, .noted, .undialed, .answerKept, .keyReleased, .dialingSet, .tidied: 1
            case .erased, .erasureNoted: 2
            case .delivering: 3
            }
        }

        init(of content: Record.Content) {
            switch content {
            case .ordered: self = .ordered
            case .told: self = .told
            case .noted: self = .noted
            case .undialed: self = .undialed
            case .answerKept: self = .answerKept
            case .keyReleased: self = .keyReleased
            case .dialingSet: self = .dialingSet
            case .tidied: self = .tidied
            case .erased: self = .erased
            case .erasureNoted: self = .erasureNoted
            case .delivering: self = .delivering
            }
        }
    }
}

extension Ordered: Stored {
    func write(to out: inout RecordWriter) {
        out.put(id)
        out.put(order)
        out.put(limits)
        let fields = out.fields()
        out.field(0, of: fields, templateContext.unlessEmpty)
        out.field(1, of: fields, key)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (id, order) = (try reader.get(CallID.self), try reader.get(CallOrder.self))
        let limits = try reader.get(AdmissionLimits.self)
        let fields = try reader.fields(2, of: "an order")
        self.init(
            id: id,
            order: order,
            templateContext: try reader.field(0, of: fields) ?? [:],
            key: try reader.field(1, of: fields),
            limits: limits
        )
    }
}

extension AdmissionLimits: Stored {
    func write(to out: inout RecordWriter) {
        out.put(concurrentCalls)
        let fields = out.fields()
        out.field(0, of: fields, callsPerDay)
        out.flag(1, of: fields, parallelCallsToNumber)
        out.field(2, of: fields, numberCooldown.unlessZero)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let concurrentCalls = try reader.get(Int.self)
        let fields = try reader.fields(3, of: "the limits")
        self.init(
            concurrentCalls: concurrentCalls,
            callsPerDay: try reader.field(0, of: fields),
            parallelCallsToNumber: fields.has(1),
            numberCooldown: try reader.field(2, of: fields) ?? .zero
        )
    }
}

extension Message: Stored {
    func write(to out: inout RecordWriter) {
        out.put(oldest)
        out.put(fact)
        let fields = out.fields()
        out.field(0, of: fields, claimed)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (oldest, fact) = (try reader.get(Timestamp.self), try reader.get(CallFact.self))
        let fields = try reader.fields(1, of: "a message")
        self.init(fact: fact, claimed: try reader.field(0, of: fields), oldest: oldest)
    }
}

extension KeyName: Stored {
    func write(to out: inout RecordWriter) {
        out.put(caller)
        out.put(key)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(caller: try reader.get(), key: try reader.get())
    }
}

extension KeyClaim: Stored {
    func write(to out: inout RecordWriter) {
        out.put(name)
        out.block(digest)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(name: try reader.get(), digest: Array(try reader.block()))
    }
}

extension KeptAnswer: Stored {
    func write(to out: inout RecordWriter) {
        out.put(status)
        out.put(contentType)
        out.block(body)
        let fields = out.fields()
        out.field(0, of: fields, location)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (status, contentType) = (try reader.get(Int.self), try reader.get(String.self))
        let body = Array(try reader.block())
        let fields = try reader.fields(1, of: "an answer")
        self.init(status: status, contentType: contentType, location: try reader.field(0, of: fields), body: body)
    }
}

extension DialingPosition: Stored {
    func write(to out: inout RecordWriter) {
        let fields = out.fields()
        out.flag(0, of: fields, isEnabled)
        out.field(1, of: fields, reason)
        out.field(2, of: fields, changedAt)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let fields = try reader.fields(3, of: "the switch")
        self.init(
            isEnabled: fields.has(0),
            reason: try reader.field(1, of: fields),
            changedAt: try reader.field(2, of: fields)
        )
    }
}

extension Retention: Stored {
    func write(to out: inout RecordWriter) {
        out.put(calls)
        out.put(maximumCalls)
        out.put(numberCooldown)
        _ = out.fields()
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(calls: try reader.get(), maximumCalls: try reader.get(), numberCooldown: try reader.get())
        _ = try reader.fields(0, of: "the retention")
    }
}

extension JSONObject {
    var unlessEmpty: JSONObject? { isEmpty ? nil : self }
}

extension Duration {
    var unlessZero: Duration? { self == .zero ? nil : self }
}
