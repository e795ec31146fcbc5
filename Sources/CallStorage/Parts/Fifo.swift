/// A queue in pieces: neither its growth nor its shrinking moves more than one of them.
struct Fifo<Element> {
    private static var piece: Int { 512 }

    private var pieces: [[Element]] = []
    /// How many elements of the first piece are gone.
    private var gone = 0
    private(set) var count = 0

    var first: Element? { pieces.first.map { $0[gone] } }

    mutating func append(_ element: Element) {
        if pieces.last.map({ $0.count == Self.piece }) ?? true {
            pieces.append([])
            pieces[pieces.count - 1].reserveCapacity(Self.piece)
        }
        pieces[pieces.count - 1].append(element)
        count += 1
    }

    mutating func removeFirst() {
        gone += 1
        count -= 1
        if gone == pieces[0].count {
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
}

extension Fifo: Equatable where Element: Equatable {
    static func == (left: Fifo, right: Fifo) -> Bool {
        left.count == right.count
            && left.pieces.joined().dropFirst(left.gone).elementsEqual(
                right.pieces.joined().dropFirst(right.gone)
            )
    }
}
