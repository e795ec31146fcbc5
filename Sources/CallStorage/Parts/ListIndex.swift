/// Places of calls in a list, the lowest first, in pieces: to put a call in or take one out moves one piece.
struct ListIndex<Place: Comparable & Sendable> {
    private static var piece: Int { 512 }

    /// None is empty.
    private var pieces: [[Place]] = []
    private(set) var count = 0

    init() {}

    /// The index of these places, which are sorted.
    init(sorted places: [Place]) {
        count = places.count
        pieces = stride(from: 0, to: count, by: Self.piece).map { Array(places[$0..<min($0 + Self.piece, count)]) }
    }

    mutating func insert(_ cursor: Place) {
        count += 1
        guard !pieces.isEmpty else {
            pieces = [[cursor]]
            return
        }
        let index = max(0, firstPiece(beginningAfter: cursor) - 1)
        pieces[index].insert(cursor, at: Self.place(of: cursor, in: pieces[index]))
        guard pieces[index].count > Self.piece else { return }
        // What comes last is put behind; what comes between divides its piece.
        let cut = pieces[index].last == cursor ? Self.piece : Self.piece / 2
        let rest = Array(pieces[index][cut...])
        pieces[index].removeSubrange(cut...)
        pieces.insert(rest, at: index + 1)
    }

    mutating func remove(_ cursor: Place) {
        let index = firstPiece(beginningAfter: cursor) - 1
        guard index >= 0 else { return }
        let place = Self.place(of: cursor, in: pieces[index])
        guard place < pieces[index].count, pieces[index][place] == cursor else { return }
        pieces[index].remove(at: place)
        count -= 1
        if pieces[index].isEmpty {
            pieces.remove(at: index)
        } else if index > 0, pieces[index - 1].count + pieces[index].count <= Self.piece / 2 {
            // Where few places stay of many, pieces do not stay nearly empty.
            pieces[index - 1] += pieces[index]
            pieces.remove(at: index)
        }
    }

    /// The lowest.
    var first: Place? { pieces.first?.first }

    // Whoever visits places holds the book's lock: nothing is copied, and no memory is asked for, which may take long where
    // much was given back.

    /// Visits at most `limit` places before `cursor`, or of all, newest first, as long as `body` says so.
    /// - Returns: how many it visited.
    @discardableResult
    func visitNewest(before cursor: Place?, limit: Int, _ body: (Place) -> Bool) -> Int {
        var visited = 0
        var index = pieces.count - 1
        if let cursor { index = max(0, firstPiece(beginningAfter: cursor)) - 1 }
        while index >= 0 {
            var place = cursor.map { Self.place(of: $0, in: pieces[index]) } ?? pieces[index].count
            while place > 0 {
                guard visited < limit else { return visited }
                place -= 1
                visited += 1
                guard body(pieces[index][place]) else { return visited }
            }
            index -= 1
        }
        return visited
    }

    /// Visits at most `limit` places behind `cursor`, or of all, oldest first, as long as `body` says so.
    /// - Returns: how many it visited.
    @discardableResult
    func visitOldest(after cursor: Place?, limit: Int, _ body: (Place) -> Bool) -> Int {
        var visited = 0
        var index = cursor.map { max(0, firstPiece(beginningAfter: $0) - 1) } ?? 0
        while index < pieces.count {
            var place = 0
            if let cursor {
                place = Self.place(of: cursor, in: pieces[index])
                if place < pieces[index].count, pieces[index][place] == cursor { place += 1 }
            }
            while place < pieces[index].count {
                guard visited < limit else { return visited }
                visited += 1
                guard body(pieces[index][place]) else { return visited }
                place += 1
            }
            index += 1
        }
        return visited
    }

    private func firstPiece(beginningAfter cursor: Place) -> Int {
        var (low, high) = (0, pieces.count)
        while low < high {
            let middle = (low + high) / 2
            if let first = pieces[middle].first, first <= cursor { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The first place that is not before `cursor`.
    private static func place(of cursor: Place, in piece: [Place]) -> Int {
        var (low, high) = (0, piece.count)
        while low < high {
            let middle = (low + high) / 2
            if piece[middle] < cursor { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Equal if they hold the same places, whatever their pieces.
extension ListIndex: Equatable {
    static func == (left: ListIndex, right: ListIndex) -> Bool {
        left.count == right.count && left.pieces.joined().elementsEqual(right.pieces.joined())
    }
}

extension ListIndex: Sendable {}
