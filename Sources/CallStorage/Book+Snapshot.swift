package import CallDomain

/// What changed in a book since the last snapshot of it, as it was noted.
package struct BookChanges: Sendable {
    let calls: Fifo<CallID>?
    let legs: Fifo<CallSid>?
    let conversations: Fifo<UltravoxCallID>?
    let keys: Fifo<KeyName>?
    let erasures: Fifo<CallID>?
    let subscriptions: Fifo<SubscriptionID>?
    let deliveries: Fifo<DeliveryID>?
    let early: [UInt64]
    let answers: [UInt64]
    let tombstones: [UInt64]
    let numbers: [UInt64]
    let notices: [UInt64]
}

// MARK: What is kept

extension Book {
    /// What changed since the last time this was asked; whoever asks keeps it in a snapshot of the book as it is now. Takes no
    /// longer for more changes.
    package mutating func takeChanges() -> BookChanges {
        let keys = keys.takeChanges()
        let told = deliveries.takeChanges()
        defer { early.keep() }
        return BookChanges(
            calls: entries.takeChanges().keys,
            legs: legs.takeChanges().keys,
            conversations: conversations.takeChanges().keys,
            keys: keys.keys.keys,
            erasures: erasures.takeChanges().keys,
            subscriptions: told.subscriptions,
            deliveries: told.deliveries,
            early: early.changedPieces,
            answers: keys.pieces,
            tombstones: tombstones.takeChanges(),
            numbers: admission.takeChanges(),
            notices: notices.takeChanges()
        )
    }

    /// The next snapshot has to hold everything: that which the last changes were taken for was not kept.
    package mutating func loseChanges() {
        entries.loseChanges()
        legs.loseChanges()
        conversations.loseChanges()
        keys.loseChanges()
        erasures.loseChanges()
        deliveries.loseChanges()
    }

    /// What a snapshot of this book has to hold, after these changes, which were taken when it was as it is.
    package func snapshot(_ changes: BookChanges) -> SnapshotChanges {
        guard let calls = changes.calls, let legs = changes.legs, let conversations = changes.conversations,
            let keys = changes.keys, let erasures = changes.erasures, let subscriptions = changes.subscriptions,
            let deliveries = changes.deliveries
        else { return SnapshotChanges(position: position, isWhole: true, names: names, part: part) }
        var names: [Snapshot.Name] = [.summary]
        names += Set(calls.elements).sorted().map { .call($0) }
        names += Set(legs.elements).map { .leg($0) }
        names += Set(conversations.elements).map { .conversation($0) }
        names += Set(keys.elements).map { .key($0) }
        names += Set(erasures.elements).map { .erasure($0) }
        names += Set(subscriptions.elements).map { .subscription($0) }
        names += Set(deliveries.elements).map { .delivery($0) }
        names += changes.early.map { .early(piece: $0) }
        names += changes.answers.map { .answers(piece: $0) }
        names += changes.tombstones.map { .tombstones(piece: $0) }
        names += changes.numbers.map { .numbers(piece: $0) }
        names += changes.notices.map { .notices(piece: $0) }
        return SnapshotChanges(position: position, isWhole: false, names: names, part: part)
    }

    /// The names of all parts.
    private var names: [Snapshot.Name] {
        var names: [Snapshot.Name] = [.summary]
        names += entries.pairs.map(\.key).sorted().map { .call($0) }
        names += legs.pairs.lazy.map { .leg($0.key) }
        names += conversations.pairs.lazy.map { .conversation($0.key) }
        names += keys.names.map { .key($0) }
        names += erasures.ids.map { .erasure($0) }
        names += deliveries.names
        names += early.pieceNumbers.map { .early(piece: $0) }
        names += keys.pieceNumbers.map { .answers(piece: $0) }
        names += tombstones.pieceNumbers.map { .tombstones(piece: $0) }
        names += admission.pieceNumbers.map { .numbers(piece: $0) }
        names += notices.pieceNumbers.map { .notices(piece: $0) }
        return names
    }

    @Sendable
    private func part(_ name: Snapshot.Name) -> Snapshot.Part? {
        switch name {
        case .call(let id): entries[id].map { .call(id, kept($0.value, of: id)) }
        case .leg(let sid): legs[sid].map { .leg(sid, $0.value.kept) }
        case .conversation(let id): conversations[id].map { .conversation(id, $0.value.kept) }
        case .key(let name): keys.part(name)
        case .early(let piece):
            early.piece(piece).map { .early(piece: piece, $0.map(\.kept)) }
        case .answers(let piece): keys.part(piece: piece)
        case .tombstones(let piece): tombstones.part(piece)
        case .numbers(let piece): admission.part(piece)
        case .notices(let piece): notices.part(piece)
        case .erasure(let id): erasures[id].map { .erasure(id, $0) }
        case .subscription(let id): deliveries[id].map { .subscription(id, $0) }
        case .delivery(let id): deliveries[id].map { .delivery(id, $0) }
        case .summary: .summary(summary)
        }
    }

    private func kept(_ entry: Entry, of id: CallID) -> Snapshot.KnownCall {
        var call = Snapshot.KnownCall()
        call.events = entry.events.events
        call.legs = entry.legs
        call.conversations = entry.conversations
        call.sid = entry.sid
        call.alias = entry.alias
        call.listedAt = entry.place?.listedAt
        call.templateContext = entry.templateContext
        call.isOrdered = entry.isOrdered
        call.isDialed = entry.isDialed
        call.heldNumber = admission.heldNumber(of: id)
        call.position = entry.call?.position
        call.hasEnded = entry.hasEnded
        call.told = entry.told
        return call
    }

    private var summary: Snapshot.Summary {
        var summary = Snapshot.Summary()
        summary.position = position
        summary.dialing = dialing
        admission.summarize(in: &summary)
        summary.tidied = tidying.place
        summary.worthMakingRoom = tidying.worthMakingRoom
        summary.hasFound = tidying.hasFound
        summary.calls = entries.count
        summary.legs = legs.count
        summary.conversations = conversations.count
        summary.keys = keys.count
        summary.erasures = erasures.count
        summary.subscriptions = deliveries.subscriptionCount
        summary.deliveries = deliveries.deliveryCount
        summary.early = early.numbers
        summary.answers = keys.queue
        summary.tombstones = tombstones.queue
        summary.notices = notices.numbers
        summary.noticesBegin = notices.begin
        return summary
    }
}

extension Book.Subject {
    fileprivate var kept: Snapshot.KnownSubject {
        var subject = Snapshot.KnownSubject()
        subject.events = events.events
        subject.claims = claims.kept
        subject.best = best
        subject.isAdopted = isAdopted
        subject.ties = ties.map { Snapshot.Tie(id: $0.id, sid: $0.sid) }
        return subject
    }
}

extension Book.Waiting {
    fileprivate var kept: Snapshot.Early {
        switch what {
        case .leg(let sid)?: Snapshot.Early(subject: .leg(sid), since: since)
        case .conversation(let id)?: Snapshot.Early(subject: .conversation(id), since: since)
        case nil: Snapshot.Early(subject: nil, since: since)
        }
    }
}
