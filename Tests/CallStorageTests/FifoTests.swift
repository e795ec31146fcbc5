import Testing

@testable import CallStorage

@Suite struct `A queue` {
    @Test func `numbers its elements, and names the pieces that change`() {
        var queue = Fifo<Int>()
        for number in 0..<1200 { queue.append(number) }
        #expect(queue.changedPieces == [0, 1, 2])
        queue.keep()
        #expect(queue.changedPieces == [])
        for number in 0..<3 { #expect(queue.popFirst { $0 == number } == number) }
        #expect(queue.numbers == 3..<1200)
        #expect(queue.changedPieces == [0])
        queue.append(1200)
        #expect(queue.changedPieces == [0, 2])
        queue.keep()
        queue.replace(600, with: -1)
        queue.replace(2, with: -1)
        queue.replace(1201, with: -1)
        #expect(queue.changedPieces == [1])
        #expect(queue.piece(1).map(Array.init)?[600 - 512] == -1)
        #expect(queue.elements.filter { $0 < 0 }.count == 1)
        queue.keep()
        for _ in 0..<1198 { queue.removeFirst() }
        #expect(queue.first == nil && queue.numbers.isEmpty)
        #expect(queue.changedPieces == [0, 1, 2])
        #expect((0..<4).allSatisfy { queue.piece($0) == nil })
        queue.append(7)
        #expect(queue.first == 7)
        #expect(queue.piece(2).map(Array.init) == [7])
    }

    @Test(arguments: [0, 1, 511, 512, 513, 1200])
    func `goes on with any number`(begin: UInt64) {
        var queue = Fifo(0..<700, from: begin)
        #expect(queue.changedPieces == [])
        #expect(queue.numbers == begin..<begin + 700)
        #expect(queue.elements.elementsEqual(0..<700))
        let pieces = queue.pieceNumbers.compactMap { queue.piece($0) }
        #expect(pieces.joined().elementsEqual(0..<700))
        for number in 0..<700 { #expect(queue.popFirst { _ in true } == number) }
        var empty = Fifo<Int>([], from: begin)
        #expect(empty == queue)
        empty.append(1)
        #expect(empty.first == 1 && empty.numbers == begin..<begin + 1)
    }
}
