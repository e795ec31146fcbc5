import CallDomain

/// What a record is made of.
protocol Stored {
    func write(to out: inout RecordWriter)
    init(from reader: inout RecordReader) throws(FormatError)
}

/// A word of a closed list. It is stored as a number, which it keeps in every version.
protocol Numbered: Stored, CaseIterable {
    var number: UInt8 { get }
    /// Each case at its number.
    static var byNumber: [Self?] { get }
}

extension Numbered {
    static func table() -> [Self?] {
        var table = [Self?](repeating: nil, count: 256)
        for value in allCases { table[Int(value.number)] = value }
        return table
    }

    func write(to out: inout RecordWriter) { out.byte(number) }

    init(from reader: inout RecordReader) throws(FormatError) {
        let number = try reader.byte()
        guard let value = Self.byNumber[Int(number)] else { throw reader.unknown("\(Self.self)", Int(number)) }
        self = value
    }
}

extension Int: Stored {
    func write(to out: inout RecordWriter) { out.signed(Int64(self)) }
    init(from reader: inout RecordReader) throws(FormatError) { self = Int(try reader.signed()) }
}

extension String: Stored {
    func write(to out: inout RecordWriter) { out.block(utf8) }

    init(from reader: inout RecordReader) throws(FormatError) {
        guard let text = String(validating: try reader.block(), as: UTF8.self) else { throw .malformed("UTF-8") }
        self = text
    }
}

/// Their count, then each of them.
extension Array: Stored where Element: Stored {
    func write(to out: inout RecordWriter) {
        out.varint(UInt64(count))
        for value in self { out.put(value) }
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self = []
        for _ in 0..<(try reader.count()) { append(try reader.get()) }
    }
}

extension Timestamp: Stored {
    func write(to out: inout RecordWriter) { out.time(self) }
    init(from reader: inout RecordReader) throws(FormatError) { self = try reader.time() }
}

/// Whole seconds, then the attoseconds beyond them.
extension Duration: Stored {
    func write(to out: inout RecordWriter) {
        out.signed(components.seconds)
        out.signed(components.attoseconds)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (seconds, attoseconds) = (try reader.signed(), try reader.signed())
        // Both have the sign of the whole.
        guard attoseconds.magnitude < 1_000_000_000_000_000_000,
            seconds == 0 || attoseconds == 0 || (seconds < 0) == (attoseconds < 0)
        else { throw .malformed("a duration") }
        self.init(secondsComponent: seconds, attosecondsComponent: attoseconds)
    }
}

/// A bit for each digit that is a capital letter, as a number (0 of the Sids that Twilio writes), then 16 bytes.
extension Sid where Self: Stored {
    func write(to out: inout RecordWriter) {
        out.varint(UInt64(digits.capitals))
        out.halves(digits.high, digits.low)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let capitals = UInt32(exactly: try reader.varint())
        let (high, low) = try reader.halves()
        guard let capitals, let digits = SidDigits(high: high, low: low, capitals: capitals) else {
            throw .malformed("a Sid")
        }
        self.init(digits: digits)
    }
}

extension CallSid: Stored {}
extension StreamSid: Stored {}
extension RecordingSid: Stored {}

/// 16 bytes.
extension UltravoxID where Self: Stored {
    func write(to out: inout RecordWriter) { out.halves(uuid.high, uuid.low) }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (high, low) = try reader.halves()
        self.init(uuid: UUIDNumber(high: high, low: low))
    }
}

extension AgentID: Stored {}
extension UltravoxCallID: Stored {}

/// 1 if it is derived from a CallSid, else 0, then 16 bytes.
extension CallID: Stored {
    func write(to out: inout RecordWriter) {
        out.byte(isDerived ? 1 : 0)
        out.halves(high, low)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let isDerived = try reader.byte()
        guard isDerived <= 1 else { throw .malformed("the id of a call") }
        let (high, low) = try reader.halves()
        self.init(high: high, low: low, isDerived: isDerived == 1)
    }
}

extension PhoneNumber: Stored {
    func write(to out: inout RecordWriter) { out.put(text) }

    init(from reader: inout RecordReader) throws(FormatError) {
        guard let number = PhoneNumber(try reader.get(String.self)) else { throw .malformed("a phone number") }
        self = number
    }
}

extension JoinURL: Stored {
    func write(to out: inout RecordWriter) { out.put(text) }

    init(from reader: inout RecordReader) throws(FormatError) {
        guard let url = JoinURL(try reader.get(String.self)) else { throw .malformed("a join URL") }
        self = url
    }
}

/// As JSON text, which keeps the order of members and the digits of numbers; at most as deep as what clients send.
extension JSONObject: Stored {
    func write(to out: inout RecordWriter) { out.block(JSONValue.object(self).encoded) }

    init(from reader: inout RecordReader) throws(FormatError) {
        let text = Array(try reader.block())
        guard let object = (try? JSONParser.parse(text))?.objectValue else { throw .malformed("a JSON object") }
        self = object
    }
}
