import CallDomain

/// Writes the values of one record.
struct RecordWriter {
    private(set) var bytes: [UInt8] = []
    /// From which the record's other times count.
    private let origin: Int64

    init(origin: Timestamp) {
        self.origin = origin.milliseconds
        bytes.reserveCapacity(128)
    }

    /// The optional fields of one structure.
    struct Fields {
        /// Where the two bytes stand that say which of them follow.
        fileprivate let offset: Int
    }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Seven bits a byte, the lowest first; every byte but the last has its highest bit set.
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Small numbers of either sign are short: 0, -1, 1, -2, … become 0, 1, 2, 3, …
    mutating func signed(_ value: Int64) { varint(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    /// Milliseconds since ``origin``. They wrap around, so that every time has a number.
    mutating func time(_ value: Timestamp) { signed(value.milliseconds &- origin) }

    /// Eight bytes, the highest first.
    mutating func wide(_ value: UInt64) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// The high half first, each as eight bytes, the highest first.
    mutating func halves(_ high: UInt64, _ low: UInt64) {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { bytes.append(contentsOf: $0) }
    }

    /// Their count, then the bytes.
    mutating func block(_ value: some Collection<UInt8>) {
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func put(_ value: some Stored) { value.write(to: &self) }

    /// Begins a structure's optional fields: two bytes, the lower one first, with a bit for each field that is there.
    mutating func fields() -> Fields {
        bytes.append(0)
        bytes.append(0)
        return Fields(offset: bytes.count - 2)
    }

    /// Writes the field of this number, from 0 to 15, if it is there. Fields are written in the order of their numbers.
    mutating func field(_ number: Int, of fields: Fields, _ value: (some Stored)?) {
        guard let value else { return }
        flag(number, of: fields, true)
        value.write(to: &self)
    }

    /// A field that is there or not, and has no value.
    mutating func flag(_ number: Int, of fields: Fields, _ isThere: Bool) {
        guard isThere else { return }
        bytes[fields.offset + number / 8] |= 1 << UInt8(number % 8)
    }
}
