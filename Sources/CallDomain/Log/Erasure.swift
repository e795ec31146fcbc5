/// 128 bits of a SHA-256 digest of a name: enough to recognize the name, and not to tell it.
package struct NameDigest: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }
}

/// What a vendor keeps of a call.
package enum VendorCopy: Sendable, Hashable {
    /// At Twilio.
    case recording(RecordingSid)
    /// At Ultravox, with all that was said in it.
    case conversation(UltravoxCallID)

    package var vendor: Vendor {
        switch self {
        case .recording: .twilio
        case .conversation: .ultravox
        }
    }

    /// Its identifier at the vendor.
    package var text: String {
        switch self {
        case .recording(let sid): sid.text
        case .conversation(let id): id.text
        }
    }
}

/// The idempotency key of an erased call: enough to refuse a repetition, and not to answer it.
package struct ErasedKey: Sendable, Equatable {
    package var name: NameDigest
    /// Of the request that claimed it, under the key's text: who does not know that cannot try which request it was.
    package var digest: [UInt8]
    /// From which its lifetime counts.
    package var since: Timestamp

    package init(name: NameDigest, digest: [UInt8], since: Timestamp) {
        self.name = name
        self.digest = digest
        self.since = since
    }
}

/// The erasure of a call, with all that must outlive the call: what is to be deleted at the vendors, and by what a replayed
/// message or a repeated order is refused. No number, no text and no name of anybody is in it.
package struct Erased: Sendable, Equatable {
    package var id: CallID
    /// By which messages speak of the call.
    package var names: [NameDigest]
    package var copies: [VendorCopy]
    package var key: ErasedKey?
    /// Whether the call takes part in `MAX_CALLS_PER_DAY` on the day of its order.
    package var countsForDay: Bool

    package init(id: CallID, names: [NameDigest], copies: [VendorCopy], key: ErasedKey?, countsForDay: Bool) {
        self.id = id
        self.names = names
        self.copies = copies
        self.key = key
        self.countsForDay = countsForDay
    }
}

/// What became of an erasure after the gateway forgot the call.
package enum ErasureNews: Sendable, Equatable {
    /// A vendor turned out to keep something more.
    case found(VendorCopy)
    /// The vendor keeps that no more. It is named by its digest: the identifier goes with what it named.
    case deleted(Vendor, NameDigest)
    /// The journal's files hold nothing of the call up to that record.
    case journalCleaned(Position)
}

/// How far the erasure of a call is.
package struct Erasure: Sendable, Equatable {
    /// Something that a vendor does not keep any more.
    package struct Deletion: Sendable, Equatable {
        package var vendor: Vendor
        package var name: NameDigest
        package var at: Timestamp

        package init(vendor: Vendor, name: NameDigest, at: Timestamp) {
            self.vendor = vendor
            self.name = name
            self.at = at
        }
    }

    package var id: CallID
    /// When the gateway forgot the call.
    package var erasedAt: Timestamp
    /// The record that began it.
    package var begunBy: Position
    /// By which messages speak of the call.
    package var names: [NameDigest] = []
    package var key: ErasedKey?
    /// What the vendors still keep.
    package var copies: [VendorCopy] = []
    package var deletions: [Deletion] = []
    /// The last record that tells of the call; `nil` once the journal holds none.
    package var lastTrace: Position?
    /// When the journal was cleaned.
    package var journalCleanedAt: Timestamp?

    package init(id: CallID, erasedAt: Timestamp, begunBy: Position) {
        self.id = id
        self.erasedAt = erasedAt
        self.begunBy = begunBy
    }
}

/// What becomes of a record in a log that is edited.
package enum RecordEdit: Sendable, Equatable {
    case keep
    /// Its place stays, and nothing else.
    case remove
    case replace(Record)
}
