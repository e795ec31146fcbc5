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
    /// Inclusive.
    package var updatedAfter: Timestamp?
    /// Each must be among the call's, with this value.
    package var metadata: [String: String] = [:]

    package init() {}

    package func matches(_ call: Call) -> Bool {
        (statuses.isEmpty || statuses.contains(call.status))
            && (agentID == nil || call.agentID == agentID)
            && (phoneNumbers.isEmpty || call.phoneNumber.map(phoneNumbers.contains) == true)
            && (direction == nil || call.direction == direction)
            && (createdAfter.map { call.createdAt >= $0 } ?? true)
            && (createdBefore.map { call.createdAt < $0 } ?? true)
            && (updatedAfter.map { call.updatedAt >= $0 } ?? true)
            && call.has(metadata)
    }
}

/// A call's place in the list, which never moves: calls stand in the order in which they became known.
package struct CallCursor: Sendable, Hashable, Comparable {
    /// The time in the call's id; of a call that is known by its CallSid alone, when it became known.
    package let listedAt: Timestamp
    package let id: CallID

    package init(listedAt: Timestamp, id: CallID) {
        self.listedAt = listedAt
        self.id = id
    }

    package static func < (left: CallCursor, right: CallCursor) -> Bool {
        left.listedAt == right.listedAt ? left.id < right.id : left.listedAt < right.listedAt
    }
}

/// A call's place among all calls in the order of their last changes.
package struct ChangePlace: Sendable, Hashable, Comparable {
    package let position: Position
    package let id: CallID

    package init(position: Position, id: CallID) {
        self.position = position
        self.id = id
    }

    package init(_ call: Call) { self.init(position: call.position, id: call.id) }

    package static func < (left: ChangePlace, right: ChangePlace) -> Bool {
        left.position == right.position ? left.id < right.id : left.position < right.position
    }
}

/// A page of the list of calls in the order of their last changes.
package struct CallChangePage: Sendable {
    package var calls: [Call] = []
    package var next: ChangePlace?
    /// The place of the last call.
    package var last: ChangePlace?

    package init() {}
}

package struct CallListPage: Sendable {
    package var calls: [Call]
    package var next: CallCursor?
    /// The place of the last call.
    package var last: CallCursor?

    package init(calls: [Call], next: CallCursor?) {
        self.calls = calls
        self.next = next
    }
}

extension Call {
    /// Whether its metadata has all of these.
    package func has(_ metadata: [String: String]) -> Bool {
        metadata.allSatisfy { self.metadata[$0.key] == .string($0.value) }
    }
}
