/// What the log up to a position comes to, in parts: a start reads it instead of the records before.
///
/// A part holds what cannot be derived from the others; calls, counts and lists are folded from them. Each part has a name of
/// its own, so that a later snapshot replaces the parts alone that changed.
package struct Snapshot: Sendable, Equatable {
    package let position: Position
    /// In no order, one of each name.
    package let parts: [Part]

    package init(position: Position, parts: [Part]) {
        self.position = position
        self.parts = parts
    }

    /// How many elements of a queue make one part. Elements are numbered from 0 on, and each stays in the piece that its
    /// number divided by this gives.
    package static let pieceLength = 512

    package enum Name: Sendable, Hashable {
        case call(CallID)
        case leg(CallSid)
        case conversation(UltravoxCallID)
        case key(KeyName)
        case early(piece: UInt64)
        case answers(piece: UInt64)
        case tombstones(piece: UInt64)
        case numbers(piece: UInt64)
        case notices(piece: UInt64)
        case erasure(CallID)
        case subscription(SubscriptionID)
        case delivery(DeliveryID)
        case summary
    }

    package enum Part: Sendable, Equatable {
        case call(CallID, KnownCall)
        case leg(CallSid, KnownSubject)
        case conversation(UltravoxCallID, KnownSubject)
        case key(KeyName, KnownKey)
        /// What waits for its call, the oldest first.
        case early(piece: UInt64, [Early])
        /// The keys whose answers are kept, the oldest first.
        case answers(piece: UInt64, [Kept])
        /// The names of calls that left, the oldest first.
        case tombstones(piece: UInt64, [Tombstone])
        /// The numbers to which calls ended, in the order in which that was learned.
        case numbers(piece: UInt64, [Ended])
        /// The newest events, the oldest first.
        case notices(piece: UInt64, [Notice])
        case erasure(CallID, Erasure)
        case subscription(SubscriptionID, Subscription)
        case delivery(DeliveryID, Delivery)
        case summary(Summary)

        package var name: Name {
            switch self {
            case .call(let id, _): .call(id)
            case .leg(let sid, _): .leg(sid)
            case .conversation(let id, _): .conversation(id)
            case .key(let name, _): .key(name)
            case .early(let piece, _): .early(piece: piece)
            case .answers(let piece, _): .answers(piece: piece)
            case .tombstones(let piece, _): .tombstones(piece: piece)
            case .numbers(let piece, _): .numbers(piece: piece)
            case .notices(let piece, _): .notices(piece: piece)
            case .erasure(let id, _): .erasure(id)
            case .subscription(let id, _): .subscription(id)
            case .delivery(let id, _): .delivery(id)
            case .summary: .summary
            }
        }
    }

    /// What is known under one of our ids.
    package struct KnownCall: Sendable, Equatable {
        package var events: [CallEvent] = []
        package var legs: [CallSid] = []
        package var conversations: [UltravoxCallID] = []
        /// Of a derived id: the CallSid that it stands for.
        package var sid: CallSid?
        /// Of a derived id: the order that it turned out to be.
        package var alias: CallID?
        /// Its place in the list.
        package var listedAt: Timestamp?
        package var templateContext: JSONObject?
        package var isOrdered = false
        package var isDialed = false
        /// The called number under which it counts as in progress.
        package var heldNumber: String?
        /// Where its last change stands.
        package var position: Position?
        /// That it is over was told.
        package var hasEnded = false
        /// The place of its last event.
        package var told: EventPlace?

        package init() {}
    }

    /// What is known of a CallSid, or of a conversation, whosever it is.
    package struct KnownSubject: Sendable, Equatable {
        package var events: [CallEvent] = []
        package var claims: [Claim] = []
        package var best: CallID?
        package var isAdopted = false
        package var ties: [Tie] = []

        package init() {}
    }

    package struct Claim: Sendable, Equatable {
        package let id: CallID
        /// Who says so: a bit for each.
        package let witness: UInt8
        package let isDoubtful: Bool

        package init(id: CallID, witness: UInt8, isDoubtful: Bool) {
            self.id = id
            self.witness = witness
            self.isDoubtful = isDoubtful
        }
    }

    package struct Tie: Sendable, Equatable {
        package let id: CallID
        package let sid: CallSid

        package init(id: CallID, sid: CallSid) {
            self.id = id
            self.sid = sid
        }
    }

    package struct KnownKey: Sendable, Equatable {
        package var digest: [UInt8]
        package var callID: CallID
        package var answer: KeptAnswer?
        package var keptAt: Timestamp?

        package init(digest: [UInt8], callID: CallID, answer: KeptAnswer?, keptAt: Timestamp?) {
            self.digest = digest
            self.callID = callID
            self.answer = answer
            self.keptAt = keptAt
        }
    }

    package struct Early: Sendable, Equatable {
        package enum Subject: Sendable, Equatable {
            case leg(CallSid)
            case conversation(UltravoxCallID)
        }

        /// `nil` where it was erased with its call.
        package let subject: Subject?
        package let since: Timestamp

        package init(subject: Subject?, since: Timestamp) {
            self.subject = subject
            self.since = since
        }
    }

    package struct Kept: Sendable, Equatable {
        package let name: KeyName
        package let at: Timestamp

        package init(name: KeyName, at: Timestamp) {
            self.name = name
            self.at = at
        }
    }

    /// 128 bits of a name's digest.
    package struct Tombstone: Sendable, Equatable {
        package let high: UInt64
        package let low: UInt64
        /// Days since 1970-01-01, in UTC.
        package let day: Int64

        package init(high: UInt64, low: UInt64, day: Int64) {
            self.high = high
            self.low = low
            self.day = day
        }
    }

    package struct Ended: Sendable, Equatable {
        /// Its digest, as text.
        package let number: String
        package let at: Timestamp

        package init(number: String, at: Timestamp) {
            self.number = number
            self.at = at
        }
    }

    package struct Notice: Sendable, Equatable {
        package let place: EventPlace
        /// `nil` where the call was erased.
        package let callID: CallID?
        package let news: CallNews
        /// The status that it left the call with.
        package let status: CallStatus
        package let at: Timestamp
        /// The place of the event before it of the same call.
        package let previous: EventPlace?

        package init(
            place: EventPlace,
            callID: CallID?,
            news: CallNews,
            status: CallStatus,
            at: Timestamp,
            previous: EventPlace?
        ) {
            self.place = place
            self.callID = callID
            self.news = news
            self.status = status
            self.at = at
            self.previous = previous
        }
    }

    /// What there is one of, and how many parts there must be of each kind.
    package struct Summary: Sendable, Equatable {
        package var position = Position.start
        package var dialing = DialingPosition()
        /// The day that is counted, in days since 1970-01-01, in UTC.
        package var day: Int64 = 0
        package var callsToday = 0
        /// Sorted.
        package var parkedToday: [CallID] = []
        /// The last place that tidying looked at.
        package var tidied: CallCursor?
        package var worthMakingRoom = 0
        package var hasFound = false
        package var calls = 0
        package var legs = 0
        package var conversations = 0
        package var keys = 0
        package var erasures = 0
        package var subscriptions = 0
        package var deliveries = 0
        /// The numbers of each queue's elements.
        package var early: Range<UInt64> = 0..<0
        package var answers: Range<UInt64> = 0..<0
        package var tombstones: Range<UInt64> = 0..<0
        package var numbers: Range<UInt64> = 0..<0
        package var notices: Range<UInt64> = 0..<0
        /// No event up to this place is kept; `nil` of a snapshot that has none.
        package var noticesBegin: EventPlace?

        package init() {}
    }
}

/// What a snapshot changes in the one before.
package struct SnapshotChanges: Sendable {
    package let position: Position
    /// There is none before, or none of its parts counts any more.
    package let isWhole: Bool
    /// The parts that changed, each once.
    package let names: [Snapshot.Name]
    /// The part of that name at ``position``; `nil` if there is none any more.
    package let part: @Sendable (Snapshot.Name) -> Snapshot.Part?

    package init(
        position: Position,
        isWhole: Bool,
        names: [Snapshot.Name],
        part: @escaping @Sendable (Snapshot.Name) -> Snapshot.Part?
    ) {
        self.position = position
        self.isWhole = isWhole
        self.names = names
        self.part = part
    }
}
