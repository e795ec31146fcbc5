import CallDomain

/// What becomes of the orders that wait when dialing is switched off.
package enum WaitingOrders: String, Sendable, CaseIterable {
    /// They are held until their time is up, and dialed if dialing is on again before.
    case keep
    /// They are canceled at once.
    case cancel
}

extension DialQueue {
    struct Limits: Sendable {
        /// `CALLS_PER_SECOND`.
        var callsPerSecond = 1000.0
        /// `QUEUE_MAX_WAIT`.
        var longestWait = Duration.seconds(60)
        /// `QUEUE_LIMIT`.
        var waitingOrders = 1000
    }

    /// An order's place in the queue.
    struct Ticket: Sendable, Equatable {
        let callID: CallID
        let number: Int
        /// When the create may be expected, counted from the entry.
        let expectedWait: Duration
        /// When the order's turn must have come.
        let turnBy: Moment
        /// When the order becomes too old to be dialed. An order whose turn comes at once never becomes too old because
        /// a vendor is slow.
        let dialBy: Moment

        init(callID: CallID, number: Int, expectedWait: Duration, enteredAt: Moment, _ limits: Limits) {
            self.callID = callID
            self.number = number
            self.expectedWait = expectedWait
            turnBy = enteredAt + max(limits.longestWait, CallPolicy.longestWaitForTurn)
            let slowest = enteredAt + CallPolicy.longestWaitForTurn + CallPolicy.vendorPatience
            dialBy = expectedWait <= CallPolicy.longestWaitForTurn ? max(turnBy, slowest) : turnBy
        }

        /// Whether its turn is so near that the client waits for it.
        var isAtOnce: Bool { expectedWait <= CallPolicy.longestWaitForTurn }
    }

    enum Turn: Sendable, Equatable {
        case come
        /// Not within the time that was given; the order still waits.
        case notYet
        /// The order waited for `QUEUE_MAX_WAIT`, and has left the queue.
        case timeUp
        /// Somebody took it out.
        case left
        /// Dialing was switched off, and the order has left the queue.
        case switchedOff(reason: String?)
    }

    /// Why no create begins.
    enum Stop: Error, Equatable {
        case timeUp
        /// The order is no longer wanted.
        case unwanted
        case switchedOff(reason: String?)
        /// A vendor is not asked now, or cannot be for want of a connection.
        case vendorDown(VendorFailure)
        case stopping
    }

    /// The queue takes no more orders.
    enum Full: Error, Equatable {
        /// The queue is full, or the order would wait too long; try again after that time.
        case full(retryAfter: Duration)
        case stopping
    }
}
