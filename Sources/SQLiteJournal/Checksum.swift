/// CRC-32C (Castagnoli): any flip of up to three bits, and any burst of up to 32, is found.
/// - SeeAlso: RFC 9260, appendix A, which defines it; "slicing by eight" takes eight bytes at a time.
struct Checksum {
    private var state = UInt32.max

    var value: UInt32 { ~state }

    /// Of a record at its place: bytes that belong to another place are damage, too.
    static func of(_ record: UnsafeRawBufferPointer, at position: UInt64) -> UInt32 {
        var checksum = Checksum()
        withUnsafeBytes(of: position.littleEndian) { checksum.add($0) }
        checksum.add(record)
        return checksum.value
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        Self.tables.withUnsafeBufferPointer { tables in
            var (state, offset) = (state, 0)
            while bytes.count - offset >= 8 {
                let next = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let mixed = next ^ UInt64(state)
                state = 0
                for index in 0..<8 { state ^= tables[(7 - index) << 8 | Int(mixed >> UInt64(index * 8) & 0xFF)] }
                offset += 8
            }
            while offset < bytes.count {
                state = state >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: state) ^ bytes[offset])]
                offset += 1
            }
            self.state = state
        }
    }

    /// Eight tables of 256: the effect of a byte that is followed by none, by one, … by seven others.
    private static let tables: [UInt32] = {
        var tables = (0..<256).map { byte in
            (0..<8).reduce(UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
        for index in 256..<2048 {
            let before = tables[index - 256]
            tables.append(before >> 8 ^ tables[Int(before & 0xFF)])
        }
        return tables
    }()
}
