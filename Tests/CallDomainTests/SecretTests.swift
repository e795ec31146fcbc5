import CallDomain
import Synchronization
import Testing

@Suite struct `Comparing secrets` {
    private static let signature = Array("L/OH5YylLD5NRKLltdqwSvS0BnU=".utf8)

    @Test func `reads every byte, wherever the first difference is`() {
        for index in Self.signature.indices {
            var forged = Self.signature
            forged[index] ^= 1
            let (left, right) = (WatchedBytes(forged), WatchedBytes(Self.signature))
            #expect(!Secret.matches(left, right))
            #expect(left.reads == Self.signature.count)
            #expect(right.reads == Self.signature.count)
        }
        let (left, right) = (WatchedBytes(Self.signature), WatchedBytes(Self.signature))
        #expect(Secret.matches(left, right))
        #expect(left.reads == Self.signature.count && right.reads == Self.signature.count)
    }

    @Test func `is by bytes and by length`() {
        for (left, right, isSame) in [
            ("", "", true), ("a", "", false), ("a", "a", true), ("a", "A", false), ("abc", "abcd", false),
            ("\u{212A}", "K", false), ("\u{E9}", "e\u{301}", false), ("a\u{0}b", "a\u{0}c", false),
        ] {
            #expect(Secret.matches(left.utf8, right.utf8) == isSame)
            #expect(Secret.matches(right.utf8, left.utf8) == isSame)
        }
    }

    @Test func `finds every single bit`() {
        for bit in 0..<8 {
            var forged = Self.signature
            forged[forged.count - 1] ^= 1 << bit
            #expect(!Secret.matches(forged, Self.signature))
        }
    }
}

/// Bytes that count how often one of them is read.
private final class WatchedBytes: RandomAccessCollection, Sendable {
    private let bytes: [UInt8]
    private let readCount = Atomic<Int>(0)

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var reads: Int { readCount.load(ordering: .relaxed) }
    var startIndex: Int { 0 }
    var endIndex: Int { bytes.count }

    subscript(position: Int) -> UInt8 {
        readCount.add(1, ordering: .relaxed)
        return bytes[position]
    }
}
