package import CallDomain

/// Parts that do not make a book.
package struct SnapshotFault: Error, Sendable, Equatable {
    /// For the operator, in one line.
    package let reason: String
}

extension Book {
    /// How many calls are folded in one task.
    private static let foldedAtOnce = 500

    /// The book that a snapshot was made of: equal to it in everything, the order of a call's events included. Calls are
    /// folded on all cores.
    /// - Throws: if a part is missing, or there are two of a name.
    package init(_ snapshot: Snapshot) async throws(SnapshotFault) {
        self.init()
        var summary: Snapshot.Summary?
        var (early, answers) = (Pieces<Snapshot.Early>(), Pieces<Snapshot.Kept>())
        var erased: [Erasure] = []
        var (tombs, numbers) = (Pieces<Snapshot.Tombstone>(), Pieces<Snapshot.Ended>())
        var told = Pieces<Snapshot.Notice>()
        var changed: [(CallID, Position)] = []
        for part in snapshot.parts {
            switch part {
            case .call(let id, let call):
                restore(id, call)
                changed.append((id, call.position ?? .start))
            case .leg(let sid, let leg): legs[sid] = Boxed(Subject(leg))
            case .conversation(let id, let subject): conversations[id] = Boxed(Subject(subject))
            case .key(let name, let key): keys.restore(name, key)
            case .early(let piece, let elements): early.add(elements, piece)
            case .answers(let piece, let elements): answers.add(elements, piece)
            case .tombstones(let piece, let elements): tombs.add(elements, piece)
            case .numbers(let piece, let elements): numbers.add(elements, piece)
            case .notices(let piece, let elements): told.add(elements, piece)
            case .erasure(_, let erasure): erased.append(erasure)
            case .subscription(_, let subscription): deliveries.restore(subscription)
            case .delivery(_, let delivery): deliveries.restore(delivery)
            case .summary(let found): summary = found
            }
        }
        erasures.restore(erased)
        guard let summary, summary.position == snapshot.position else {
            throw SnapshotFault(reason: "the summary of position \(snapshot.position) is missing")
        }
        let counts = [
            ("calls", entries.count, summary.calls), ("phone calls", legs.count, summary.legs),
            ("conversations", conversations.count, summary.conversations), ("keys", keys.count, summary.keys),
            ("erasures", erasures.count, summary.erasures),
            ("subscriptions", deliveries.subscriptionCount, summary.subscriptions),
            ("deliveries", deliveries.deliveryCount, summary.deliveries),
        ]
        for (what, found, noted) in counts where found != noted {
            throw SnapshotFault(reason: "\(noted) \(what) were noted, and \(found) are there")
        }
        let pieces = early.count + answers.count + tombs.count + numbers.count + told.count
        guard snapshot.parts.count == counts.reduce(1 + pieces, { $0 + $1.2 }) else {
            throw SnapshotFault(reason: "there are two parts of one name")
        }
        self.early = Fifo(
            try early.joined("messages that wait", summary.early).map(Waiting.init),
            from: summary.early.lowerBound
        )
        keys.restore(try answers.joined("kept answers", summary.answers), from: summary.answers.lowerBound)
        tombstones.restore(try tombs.joined("tombstones", summary.tombstones), from: summary.tombstones.lowerBound)
        admission.restore(summary, try numbers.joined("called numbers", summary.numbers))
        notices.restore(
            try told.joined("events", summary.notices),
            from: summary.notices.lowerBound,
            begin: summary.noticesBegin ?? EventPlace(summary.position)
        )
        (position, dialing) = (summary.position, summary.dialing)
        tidying = Tidying(
            place: summary.tidied,
            worthMakingRoom: summary.worthMakingRoom,
            hasFound: summary.hasFound
        )
        await foldAll(changed)
        _ = takeChanges()
    }

    private mutating func restore(_ id: CallID, _ call: Snapshot.KnownCall) {
        var entry = Entry()
        entry.events = EventSet(call.events)
        entry.legs = call.legs
        entry.conversations = call.conversations
        entry.sid = call.sid
        entry.alias = call.alias
        entry.place = call.listedAt.map { CallCursor(listedAt: $0, id: id) }
        entry.templateContext = call.templateContext
        entry.isOrdered = call.isOrdered
        entry.isDialed = call.isDialed
        entry.hasEnded = call.hasEnded
        entry.told = call.told
        entries[id] = Boxed(entry)
        if let number = call.heldNumber { admission.restore(id, heldNumber: number) }
    }

    /// Folds all calls, whose last changes stand where `changed` says, and lists and counts them.
    private mutating func foldAll(_ changed: [(CallID, Position)]) async {
        var places: [CallCursor] = []
        var changes: [ChangePlace] = []
        places.reserveCapacity(entries.count)
        changes.reserveCapacity(entries.count)
        for calls in await foldedCalls(changed) {
            for (id, call) in calls {
                entries[id]?.value.call = call
                counts[call.status, default: 0] += 1
                if let place = entries[id]?.value.place { places.append(place) }
                changes.append(ChangePlace(call))
            }
        }
        list = ListIndex(sorted: places.sorted())
        self.changes = ListIndex(sorted: changes.sorted())
    }

    private func foldedCalls(_ changed: [(CallID, Position)]) async -> [[(CallID, Call)]] {
        await withTaskGroup(of: [(CallID, Call)].self) { group in
            for start in stride(from: 0, to: changed.count, by: Self.foldedAtOnce) {
                group.addTask {
                    changed[start..<min(start + Self.foldedAtOnce, changed.count)].compactMap { id, position in
                        guard let entry = entries[id]?.value, var call = folded(id, entry) else { return nil }
                        call.position = position
                        return (id, call)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}

/// The pieces of a queue, in any order.
private struct Pieces<Element> {
    private var pieces: [UInt64: [Element]] = [:]

    var count: Int { pieces.count }

    mutating func add(_ elements: [Element], _ piece: UInt64) { pieces[piece] = elements }

    /// All elements, whose numbers must be these.
    func joined(_ what: String, _ numbers: Range<UInt64>) throws(SnapshotFault) -> [Element] {
        var joined: [Element] = []
        let length = UInt64(Snapshot.pieceLength)
        for number in pieces.keys.sorted() {
            let (begin, end) = (
                max(numbers.lowerBound, number * length), min(numbers.upperBound, (number + 1) * length)
            )
            let elements = pieces[number] ?? []
            guard begin < end, elements.count == Int(end - begin) else {
                throw SnapshotFault(reason: "piece \(number) of the \(what) is not whole")
            }
            joined += elements
        }
        guard joined.count == numbers.count else {
            throw SnapshotFault(reason: "\(numbers.count) \(what) were noted, and \(joined.count) are there")
        }
        return joined
    }
}

extension Book.Subject {
    fileprivate init(_ kept: Snapshot.KnownSubject) {
        events = EventSet(kept.events)
        claims = Claims(kept.claims)
        best = kept.best
        isAdopted = kept.isAdopted
        ties = kept.ties.map { Book.Tie(id: $0.id, sid: $0.sid) }
    }
}

extension Book.Waiting {
    fileprivate init(_ kept: Snapshot.Early) {
        switch kept.subject {
        case .leg(let sid)?: self.init(what: .leg(sid), since: kept.since)
        case .conversation(let id)?: self.init(what: .conversation(id), since: kept.since)
        case nil: self.init(what: nil, since: kept.since)
        }
    }
}
