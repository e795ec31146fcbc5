import CallDomain

/// A queue in pieces: neither its growth nor its shrinking moves more than one of them.
///
/// Elements are numbered in the order in which they come, from 0 on, and each piece begins with a multiple of its length.
struct Fifo<Element> {
    private static var piece: Int { Snapshot.pieceLength }

    private var pieces: [[Element]] = []
    /// How many elements of the first piece are gone.
    private var gone = 0
    private(set) var count = 0
    /// The number of the first element.
    private(set) var begin: UInt64 = 0
    /// The numbers at the time of the last snapshot.
    private var kept: Range<UInt64>?
    /// Pieces in which an element was replaced since then.
    private var rewritten: Set<UInt64> = []

    init() {}

    /// A queue of elements with numbers from `begin` on.
    init(_ elements: some Sequence<Element>, from begin: UInt64) {
        self.begin = begin
        gone = Int(begin % UInt64(Self.piece))
        for element in elements { append(element) }
        kept = numbers
    }

    /// The numbers of the elements.
    var numbers: Range<UInt64> { begin..<begin + UInt64(count) }

    var first: Element? { count > 0 ? pieces[0][gone] : nil }

    /// In their order.
    var elements: some Sequence<Element> { pieces.joined().dropFirst(pieces.isEmpty ? 0 : gone) }

    /// The element of this number, if it is there.
    func element(_ number: UInt64) -> Element? {
        guard numbers.contains(number) else { return nil }
        let place = gone + Int(number - begin)
        return pieces[place / Self.piece][place % Self.piece]
    }

    mutating func append(_ element: Element) {
        if pieces.last.map({ $0.count == Self.piece }) ?? true {
            // Where the first piece begins with elements that are gone, this one stands for them.
            pieces.append(pieces.isEmpty ? [Element](repeating: element, count: gone) : [])
            pieces[pieces.count - 1].reserveCapacity(Self.piece)
        }
        pieces[pieces.count - 1].append(element)
        count += 1
    }

    mutating func removeFirst() {
        gone += 1
        count -= 1
        begin += 1
        if gone == Self.piece {
            pieces.removeFirst()
            gone = 0
        }
    }

    /// Removes and returns the first element if it passes.
    mutating func popFirst(if passes: (Element) -> Bool) -> Element? {
        guard let first, passes(first) else { return nil }
        removeFirst()
        return first
    }

    /// Puts another element in the place of the one with this number, if that is there.
    mutating func replace(_ number: UInt64, with element: Element) {
        guard numbers.contains(number) else { return }
        let place = gone + Int(number - begin)
        pieces[place / Self.piece][place % Self.piece] = element
        rewritten.insert(number / UInt64(Self.piece))
    }

    // MARK: Snapshots

    /// The elements of one piece that are there; `nil` if none is.
    func piece(_ number: UInt64) -> ArraySlice<Element>? {
        guard count > 0, number >= begin / UInt64(Self.piece) else { return nil }
        let index = Int(number - begin / UInt64(Self.piece))
        guard index < pieces.count else { return nil }
        return index == 0 ? pieces[0][gone...] : pieces[index][...]
    }

    /// The numbers of the pieces that hold elements.
    var pieceNumbers: Range<UInt64> { Self.pieces(of: numbers) }

    /// The numbers of the pieces that changed since the last snapshot.
    var changedPieces: [UInt64] {
        guard let kept else { return Array(pieceNumbers) }
        // Elements come at the end and leave at the begin.
        let (left, come) = (kept.lowerBound..<begin, kept.upperBound..<numbers.upperBound)
        return rewritten.union(Self.pieces(of: left)).union(Self.pieces(of: come)).sorted()
    }

    /// A snapshot has begun of the queue as it is.
    mutating func keep() {
        kept = numbers
        rewritten = []
    }

    private static func pieces(of numbers: Range<UInt64>) -> Range<UInt64> {
        let first = numbers.lowerBound / UInt64(piece)
        return numbers.isEmpty ? first..<first : first..<(numbers.upperBound - 1) / UInt64(piece) + 1
    }
}

extension Fifo: Sendable where Element: Sendable {}

extension Fifo: Equatable where Element: Equatable {
    static func == (left: Fifo, right: Fifo) -> Bool {
        left.count == right.count && left.elements.elementsEqual(right.elements)
    }
}
