import CallDomain

/// Reads the values of one record. Whatever the bytes are, it throws and does not trap.
struct RecordReader {
    // SAFETY: whoever makes a reader keeps the bytes in place as long as it lives, and every access is checked before.
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0
    /// From which the record's other times count.
    var origin: Int64 = 0
    /// The record's, for errors.
    private(set) var version: UInt8 = 0

    init(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
        self.bytes = bytes
        let version = try byte()
        guard RecordFormat.versions.contains(version) else { throw .unknownVersion(version) }
        self.version = version
    }

    /// Of bytes that do not begin with a version.
    init(unversioned bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Which optional fields of a structure are there.
    struct Fields {
        fileprivate let bits: UInt16

        func has(_ number: Int) -> Bool { bits >> UInt16(number) & 1 == 1 }
    }

    /// How many bytes are left.
    var rest: Int { bytes.count - offset }

    mutating func byte() throws(FormatError) -> UInt8 {
        guard offset < bytes.count else { throw .truncated }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func varint() throws(FormatError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte()
            // The tenth byte has room for one bit, and none but a first byte may say nothing.
            guard shift < 63 || byte <= 1, byte != 0 || shift == 0 else { throw .malformed("a number") }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    mutating func signed() throws(FormatError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func time() throws(FormatError) -> Timestamp {
        Timestamp(milliseconds: origin &+ (try signed()))
    }

    mutating func halves() throws(FormatError) -> (high: UInt64, low: UInt64) {
        guard rest >= 16 else { throw .truncated }
        defer { offset += 16 }
        return (
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        )
    }

    /// Eight bytes, the highest first.
    mutating func wide() throws(FormatError) -> UInt64 {
        guard rest >= 8 else { throw .truncated }
        defer { offset += 8 }
        return UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The number of things of at least one byte each that follow.
    mutating func count() throws(FormatError) -> Int {
        guard let count = Int(exactly: try varint()), count <= rest else { throw .truncated }
        return count
    }

    mutating func block() throws(FormatError) -> UnsafeRawBufferPointer {
        let count = try count()
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    mutating func get<Value: Stored>(_ type: Value.Type = Value.self) throws(FormatError) -> Value {
        try Value(from: &self)
    }

    /// Begins a structure's optional fields, of which the version has `count`.
    mutating func fields(_ count: Int, of what: StaticString) throws(FormatError) -> Fields {
        let fields = Fields(bits: UInt16(try byte()) | UInt16(try byte()) << 8)
        let beyond = fields.bits >> UInt16(count)
        guard beyond == 0 else {
            throw unknown("field of \(what)", count + beyond.trailingZeroBitCount)
        }
        return fields
    }

    /// The field of this number, if it is there.
    mutating func field<Value: Stored>(_ number: Int, of fields: Fields) throws(FormatError) -> Value? {
        fields.has(number) ? try Value(from: &self) : nil
    }

    func unknown(_ what: String, _ number: Int) -> FormatError { .unknown(what, number: number, version: version) }
}
