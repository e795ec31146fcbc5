import Testing

@testable import CommandLineTool

@Suite struct `Log lines that wait` {
    /// A ring, and what is made of it.
    private final class Rig {
        private var ring: LogRing
        init(capacity: Int) { ring = LogRing(capacity: capacity) }

        var isEmpty: Bool { ring.isEmpty }

        /// Whether each of the lines was taken.
        func append(_ texts: String...) -> [Bool] { texts.map { ring.append(Array(($0 + "\n").utf8)) } }

        /// What waits, and how many lines are missing behind it.
        func take() -> (text: String, dropped: Int) {
            var batch: [UInt8] = []
            let dropped = ring.take(into: &batch)
            return (String(decoding: batch, as: UTF8.self), dropped)
        }

        func wrote(_ count: Int) { ring.wrote(count) }
    }

    @Test func `are taken in their order, all at once`() {
        let ring = Rig(capacity: 100)
        #expect(ring.append("a", "b", "c") == [true, true, true])
        #expect(ring.take() == ("a\nb\nc\n", 0))
        #expect(!ring.isEmpty)
        ring.wrote(6)
        #expect(ring.isEmpty)
        #expect(ring.append("d") == [true])
        #expect(ring.take() == ("d\n", 0))
    }

    @Test func `are no more than fit, those that are being written included`() {
        let ring = Rig(capacity: 6)
        #expect(ring.append("aa", "bb") == [true, true])
        #expect(ring.take() == ("aa\nbb\n", 0))
        #expect(ring.append("c") == [false])
        #expect(ring.take() == ("", 1))
        ring.wrote(3)
        #expect(ring.append("cc", "d") == [true, false])
    }

    @Test func `have one gap, however short the lines are that come after it`() {
        let ring = Rig(capacity: 6)
        #expect(ring.append("a", "long line", "b") == [true, false, false])
        #expect(ring.take() == ("a\n", 2))
        ring.wrote(2)
        #expect(ring.isEmpty)
        #expect(ring.append("c") == [true])
    }

    @Test func `are still told of where nothing else waits`() {
        let ring = Rig(capacity: 2)
        #expect(ring.append("longer than all") == [false])
        #expect(!ring.isEmpty)
        #expect(ring.take() == ("", 1))
        #expect(ring.isEmpty)
    }
}
