import CallDomain

/// The calls by age. New ones belong at the end, so keeping it sorted costs next to nothing.
struct AgeIndex {
    private var places: [CallCursor] = []

    var oldestFirst: [CallCursor] { places }

    /// Those before `cursor`, or all.
    func newestFirst(after cursor: CallCursor?) -> ReversedCollection<ArraySlice<CallCursor>> {
        places[..<(cursor.map { index(of: $0) } ?? places.endIndex)].reversed()
    }

    /// Puts a call in its place, taking it from the one that it had.
    mutating func move(from old: CallCursor?, to new: CallCursor) {
        guard old != new else { return }
        if let old {
            let place = index(of: old)
            if place < places.endIndex, places[place] == old { places.remove(at: place) }
        }
        places.insert(new, at: index(of: new))
    }

    mutating func remove(_ ids: Set<CallID>) {
        if !ids.isEmpty { places.removeAll { ids.contains($0.id) } }
    }

    /// The first place that is not before `cursor`.
    private func index(of cursor: CallCursor) -> Int {
        var (low, high) = (places.startIndex, places.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if places[middle] < cursor { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
