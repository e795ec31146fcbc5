import CallDomain

/// The places of all calls in the list, oldest first, in pieces: to put a call in or take one out moves one piece.
struct ListIndex {
    private static let piece = 512

    /// None is empty.
    private var pieces: [[CallCursor]] = []
    private(set) var count = 0

    init() {}

    /// The index of these places, which are sorted.
    init(sorted places: [CallCursor]) {
        count = places.count
        pieces = stride(from: 0, to: count, by: Self.piece).map { Array(places[$0..<min($0 + Self.piece, count)]) }
    }

    mutating func insert(_ cursor: CallCursor) {
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

    mutating func remove(_ cursor: CallCursor) {
        let index = firstPiece(beginningAfter: cursor) - 1
        guard index >= 0 else { return }
        let place = Self.place(of: cursor, in: pieces[index])
        guard place < pieces[index].count, pieces[index][place] == cursor else { return }
        pieces[index].remove(at: place)
        count -= 1
        if pieces[index].isEmpty { pieces.remove(at: index) }
    }

    /// At most `limit` places before `cursor`, or of all, newest first.
    func newestFirst(before cursor: CallCursor?, limit: Int) -> [CallCursor] {
        var found: [CallCursor] = []
        var index = pieces.count - 1
        if let cursor { index = max(0, firstPiece(beginningAfter: cursor)) - 1 }
        while index >= 0, found.count < limit {
            let piece = pieces[index]
            let end = cursor.map { Self.place(of: $0, in: piece) } ?? piece.count
            found += piece[..<end].reversed().prefix(limit - found.count)
            index -= 1
        }
        return found
    }

    /// At most `limit` places behind `cursor`, or of all, oldest first.
    func oldestFirst(after cursor: CallCursor?, limit: Int) -> [CallCursor] {
        var found: [CallCursor] = []
        var index = cursor.map { max(0, firstPiece(beginningAfter: $0) - 1) } ?? 0
        while index < pieces.count, found.count < limit {
            let piece = pieces[index]
            var start = 0
            if let cursor {
                start = Self.place(of: cursor, in: piece)
                if start < piece.count, piece[start] == cursor { start += 1 }
            }
            found += piece[start...].prefix(limit - found.count)
            index += 1
        }
        return found
    }

    private func firstPiece(beginningAfter cursor: CallCursor) -> Int {
        var (low, high) = (0, pieces.count)
        while low < high {
            let middle = (low + high) / 2
            if let first = pieces[middle].first, first <= cursor { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The first place that is not before `cursor`.
    private static func place(of cursor: CallCursor, in piece: [CallCursor]) -> Int {
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
