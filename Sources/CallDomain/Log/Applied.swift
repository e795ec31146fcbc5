/// What a record did to the book.
package struct Applied: Sendable, Equatable {
    package var verdict: Verdict
    /// The call that the record is about, if it changed.
    package var change: CallChange?
    /// The call that a message is about, as it is now.
    package var call: Call?
    /// Other calls that changed with it: one that lost its phone call to another order, those that left.
    package var others: [CallChange] = []
    /// The events as which the record is told, in their order.
    package var notices: [CallNotice] = []
    /// Messages that the record made useless, after they had waited for their call.
    package var buried: [Message] = []
    /// Of ``Record/Content/tidied(_:)``: more is left to do, by another such record.
    package var hasMore = false
    /// Lines of deliveries in which the first one, or when it is due, may have changed.
    package var lines: [DeliveryLine] = []
    /// The delivery that the record made, or told of.
    package var delivery: Delivery?
    /// The erasure that the record began, told of, or added to.
    package var erasure: CallID?

    package init(_ verdict: Verdict, change: CallChange? = nil) {
        self.verdict = verdict
        self.change = change
    }
}

/// A call before and after a record: `before` is `nil` if the record made it known, `after` if it left.
package struct CallChange: Sendable, Equatable {
    package var before: Call?
    package var after: Call?

    package init(before: Call?, after: Call?) {
        self.before = before
        self.after = after
    }
}

/// How a record was taken.
package enum Verdict: Sendable, Equatable {
    /// It told something new.
    case applied
    /// A duplicate, or less than was known.
    case alreadyKnown
    /// A message about a call that is not known yet: kept under its own identity, in case that it becomes known.
    case waits
    /// A message that changed nothing.
    case ignored(UselessReason)
    /// An order that was not taken.
    case refused(OrderRefusal)
    /// What the record asks for is not possible any more: the order was dialed, or is over.
    case void
}

/// Why an order is not taken when its record is applied. Nobody was dialed.
package enum OrderRefusal: Error, Sendable, Equatable {
    case rail(RailRefusal)
    /// Another order owns the key.
    case key(KeyState)
}

/// Why a verified webhook changed nothing.
package enum UselessReason: String, Sendable, CaseIterable {
    /// The id in the signed URL and the CallSid, or the ids in the signed body, name different calls.
    case contradiction
    /// A call that ended longer ago than calls are kept.
    case tooOld = "too_old"
    /// A call that was here and left.
    case gone
    /// Its call did not become known in time.
    case unknownCall = "unknown_call"
    /// It claims an order that was not dialed: it cannot be about a call of ours.
    case notDialed = "not_dialed"
    /// A conversation without our id in its signed body: we always send one. It is counted and not listed.
    case notOurs = "not_ours"
}

/// Why the limits against toll fraud and accidents refuse an order. Nobody was dialed.
package enum RailRefusal: Error, Sendable, Equatable {
    /// A call to the number is in progress, and `PARALLEL_CALLS_TO_NUMBER` is off.
    case numberBusy(CallID)
    /// The last call to the number is less than `NUMBER_COOLDOWN` ago; so long it still lasts.
    case coolingDown(Duration)
    /// `MAX_CONCURRENT_CALLS`.
    case tooManyCalls(limit: Int)
    /// `MAX_CALLS_PER_DAY`; so long until the next day (UTC) begins.
    case tooManyCallsToday(limit: Int, Duration)
}
