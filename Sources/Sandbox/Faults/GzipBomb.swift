/// A gzip file (RFC 1952) of zero bytes, about a thousandth of what it inflates to.
///
/// One deflate block (RFC 1951) with a code of its own: the literal 0, then nothing but copies of 258 bytes from one byte
/// before. Such a copy has a code of one bit for its length and one for its distance, both 0, so that each zero byte of
/// the file stands for four of them: 1,032 bytes.
enum GzipBomb {
    /// The file; it inflates to at least `size` bytes and at most 1,032 more, and its check sum is right.
    static func bytes(inflatingTo size: Int) -> [UInt8] {
        let zeros = max(0, size - 1 + 1031) / 1032
        var bits = BitWriter()
        bits.append(1, 1)  // the last block
        bits.append(0b10, 2)  // with a code of its own
        bits.append(29, 5)  // 286 codes for literals and lengths
        bits.append(0, 5)  // 1 for distances
        bits.append(14, 4)  // 18 for code lengths
        for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1] {
            bits.append(symbol == 18 ? 1 : symbol == 1 || symbol == 2 ? 2 : 0, 3)
        }
        // By these: a run of zeros is 0, a length of 1 is 10, of 2 is 11; the first bit of a code goes first.
        let run = { (bits: inout BitWriter, count: Int) in
            bits.append(0, 1)
            bits.append(count - 11, 7)
        }
        bits.append(0b11, 2)  // literal 0: 2 bits
        run(&bits, 138)
        run(&bits, 117)
        bits.append(0b11, 2)  // 256, the end: 2 bits
        run(&bits, 28)
        bits.append(0b01, 2)  // 285, 258 bytes: 1 bit
        bits.append(0b01, 2)  // distance 1: 1 bit
        bits.append(0b01, 2)  // literal 0 is 10
        // A whole number of bytes of copies, wherever in a byte they begin.
        bits.appendZeros(bytes: zeros)
        bits.append(0b11, 2)  // the end is 11
        let inflated = 1 + zeros * 1032
        let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
        return header + bits.bytes + littleEndian(checkSum(ofZeros: inflated))
            + littleEndian(UInt32(truncatingIfNeeded: inflated))
    }

    /// The CRC-32 of so many zero bytes, in a few steps: a zero byte multiplies the register by x⁸.
    static func checkSum(ofZeros count: Int) -> UInt32 {
        var power: UInt32 = 1 << 31  // x⁰; the highest bit is the lowest power
        var square: UInt32 = 1 << 23  // x⁸
        var rest = count
        while rest > 0 {
            if rest & 1 == 1 { power = product(power, square) }
            square = product(square, square)
            rest >>= 1
        }
        return ~product(power, ~0)
    }

    /// The product of two polynomials, modulo that of CRC-32.
    private static func product(_ left: UInt32, _ right: UInt32) -> UInt32 {
        var sum: UInt32 = 0
        var right = right
        for bit in stride(from: 31, through: 0, by: -1) {
            if left >> UInt32(bit) & 1 == 1 { sum ^= right }
            right = right & 1 == 1 ? right >> 1 ^ 0xEDB8_8320 : right >> 1
        }
        return sum
    }

    private static func littleEndian(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }

    /// Fills bytes from their lowest bit.
    private struct BitWriter {
        private(set) var bytes: [UInt8] = []
        private var free = 0

        /// The lowest bit goes first.
        mutating func append(_ bits: Int, _ count: Int) {
            for position in 0..<count {
                if free == 0 {
                    bytes.append(0)
                    free = 8
                }
                bytes[bytes.count - 1] |= UInt8(bits >> position & 1) << UInt8(8 - free)
                free -= 1
            }
        }

        mutating func appendZeros(bytes count: Int) {
            bytes += [UInt8](repeating: 0, count: count)
        }
    }
}
