import CallDomain

/// The newest events, in the order of their places, so that a reader who was away hears what he missed.
///
/// An event names its call, and the event before it of the same call. Its call is not kept: it is folded again as it was.
struct Notices: Sendable {
    struct Notice: Sendable, Equatable {
        let place: EventPlace
        /// `nil` where the call was erased.
        var callID: CallID?
        let news: CallNews
        /// The status that the event left the call with.
        let status: CallStatus
        let at: Timestamp
        /// The place of the event before it of the same call.
        let previous: EventPlace?
    }

    /// How many are kept.
    static let maximum = 100_000

    private var queue = Fifo<Notice>()
    /// Nothing up to this place is kept.
    private(set) var begin = EventPlace(.start)

    mutating func append(_ notice: Notice) {
        queue.append(notice)
        guard queue.count > Self.maximum, let first = queue.first else { return }
        begin = first.place
        queue.removeFirst()
    }

    /// The log is continued after this position, and no event before it is known.
    mutating func begin(after position: Position) { begin = EventPlace(position) }

    /// Visits at most `limit` events after `place`, the oldest first.
    /// - Returns: the place of the last one that was visited; `nil` if there is none.
    func visit(after place: EventPlace, limit: Int, _ body: (Notice) -> Void) -> EventPlace? {
        var last: EventPlace?
        let first = firstNumber(after: place)
        var number = first
        while number - first < UInt64(limit), let notice = queue.element(number) {
            body(notice)
            last = notice.place
            number += 1
        }
        return last
    }

    /// The events of the call whose last one has that place, the oldest first.
    func ofCall(endingAt last: EventPlace?) -> [Notice] {
        var notices: [Notice] = []
        var place = last
        while let wanted = place, let notice = notice(at: wanted) {
            notices.append(notice)
            place = notice.previous
        }
        return notices.reversed()
    }

    /// Forgets whose events these were.
    mutating func erase(endingAt last: EventPlace?) {
        for notice in ofCall(endingAt: last) {
            var notice = notice
            notice.callID = nil
            let number = firstNumber(after: notice.place)
            queue.replace(number - 1, with: notice)
        }
    }

    private func notice(at place: EventPlace) -> Notice? {
        let number = firstNumber(after: place)
        guard number > queue.numbers.lowerBound, let notice = queue.element(number - 1), notice.place == place else {
            return nil
        }
        return notice
    }

    /// The number of the first event after `place`.
    private func firstNumber(after place: EventPlace) -> UInt64 {
        var (low, high) = (queue.numbers.lowerBound, queue.numbers.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if let notice = queue.element(middle), notice.place <= place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

// MARK: Snapshots

extension Notices {
    var numbers: Range<UInt64> { queue.numbers }
    var pieceNumbers: Range<UInt64> { queue.pieceNumbers }

    /// The pieces that changed since this was asked the last time.
    mutating func takeChanges() -> [UInt64] {
        defer { queue.keep() }
        return queue.changedPieces
    }

    func part(_ piece: UInt64) -> Snapshot.Part? {
        queue.piece(piece).map { .notices(piece: piece, $0.map(\.kept)) }
    }

    mutating func restore(_ notices: [Snapshot.Notice], from number: UInt64, begin: EventPlace) {
        queue = Fifo(notices.map(Notice.init), from: number)
        self.begin = begin
    }
}

/// Equal if they hold the same events of calls that were not erased: a replay may find the records of those removed.
extension Notices: Equatable {
    static func == (left: Notices, right: Notices) -> Bool {
        left.queue.elements.lazy.filter { $0.callID != nil }.elementsEqual(
            right.queue.elements.lazy.filter { $0.callID != nil }
        )
    }
}

extension Notices.Notice {
    fileprivate init(_ kept: Snapshot.Notice) {
        self.init(
            place: kept.place,
            callID: kept.callID,
            news: kept.news,
            status: kept.status,
            at: kept.at,
            previous: kept.previous
        )
    }

    fileprivate var kept: Snapshot.Notice {
        Snapshot.Notice(place: place, callID: callID, news: news, status: status, at: at, previous: previous)
    }
}
