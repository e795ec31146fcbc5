/// The table of calls.
package protocol CallStore: Sendable {
    func history(of id: CallID) -> CallHistory?
    func call(_ id: CallID) -> Call?
    func callID(of sid: CallSid) -> CallID?
    func callID(of ultravoxCallID: UltravoxCallID) -> CallID?

    /// Merges one event into its call, creating the record if there is none.
    func apply(_ event: CallEvent) -> EventOutcome

    /// Whether a call of that name was here and left, so that nothing may bring it back.
    func isGone(_ name: CallName) -> Bool

    /// Removes finished calls without news since `oldest`, and forgets tombstones that are too old to be replayed.
    func evict(finishedBefore oldest: Timestamp, now: Timestamp)

    /// How many calls are known, by status.
    var counts: [CallStatus: Int] { get }

    /// Newest first.
    func calls(matching filter: CallFilter, limit: Int, after cursor: CallCursor?) -> CallListPage
}

/// One of the names by which messages speak of a call.
package enum CallName: Sendable, Hashable {
    case id(CallID)
    case callSid(CallSid)
    case ultravoxCallID(UltravoxCallID)

    /// Unique over all kinds of names.
    package var text: String {
        switch self {
        case .id(let id): id.text
        case .callSid(let sid): sid.text
        case .ultravoxCallID(let id): id.text
        }
    }
}

extension Call {
    /// Every name of the call that is known.
    package var names: [CallName] {
        [.id(id)] + (callSid.map { [.callSid($0)] } ?? []) + (ultravoxCallID.map { [.ultravoxCallID($0)] } ?? [])
    }
}

/// What an event did.
package enum EventOutcome: Sendable {
    /// The event was new. `before` is `nil` if it created the record.
    case applied(before: Call?, after: Call)
    /// A duplicate, or less than was known.
    case alreadyKnown(Call)
    /// It names a CallSid or an Ultravox call that belongs to another call, or a second one for this call. Nothing
    /// was changed.
    case contradicts
    /// It is of a call that left. Nothing was changed.
    case gone
}

/// Which calls a list shows.
package struct CallFilter: Sendable, Equatable {
    package var statuses: Set<CallStatus> = []
    package var agentID: AgentID?
    /// Spellings of one number or address, as calls may show it; none for calls with whomever.
    package var phoneNumbers: Set<String> = []
    package var direction: CallDirection?
    /// Inclusive.
    package var createdAfter: Timestamp?
    /// Exclusive.
    package var createdBefore: Timestamp?

    package init() {}

    package func matches(_ call: Call) -> Bool {
        (statuses.isEmpty || statuses.contains(call.status))
            && (agentID == nil || call.agentID == agentID)
            && (phoneNumbers.isEmpty || call.phoneNumber.map(phoneNumbers.contains) == true)
            && (direction == nil || call.direction == direction)
            && (createdAfter.map { call.createdAt >= $0 } ?? true)
            && (createdBefore.map { call.createdAt < $0 } ?? true)
    }
}

/// A place in the list of calls: the last call of the page before.
package struct CallCursor: Sendable, Hashable, Comparable {
    package let createdAt: Timestamp
    package let id: CallID

    package init(createdAt: Timestamp, id: CallID) {
        self.createdAt = createdAt
        self.id = id
    }

    package static func < (left: CallCursor, right: CallCursor) -> Bool {
        left.createdAt == right.createdAt ? left.id.text < right.id.text : left.createdAt < right.createdAt
    }
}

package struct CallListPage: Sendable {
    package var calls: [Call]
    package var next: CallCursor?

    package init(calls: [Call], next: CallCursor?) {
        self.calls = calls
        self.next = next
    }
}
