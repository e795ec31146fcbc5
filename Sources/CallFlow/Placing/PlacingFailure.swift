package import CallDomain

/// Why an order was not placed. Nobody was dialed.
package enum PlacingFailure: Error, Sendable {
    case destinationNotAllowed(DestinationRefusal)
    /// The number cannot be one as it is written.
    case numberMisspelt(NumberMisspelling)
    /// The number to call is the one that would call, or `TWILIO_PHONE_NUMBER`.
    case numberIsOurs
    case rail(RailRefusal)
    /// A call to the number is under way, and `PARALLEL_CALLS_TO_NUMBER` is off.
    case numberBusy(CallID, BusyNumber)
    /// The queue is full, or the order would wait too long; try again after that time.
    case queueFull(retryAfter: Duration)
    /// The operator's switch is off, for that reason.
    case dialingDisabled(reason: String?, callID: CallID?)
    /// The gateway is about to stop.
    case draining(callID: CallID?)
    /// - Parameter callID: of the call that look-ups show as `failed`, where the agent changed while the order waited;
    ///   `nil` if the order never became one.
    case agentNotFound(AgentID, callID: CallID?)
    case agentIsDraft(AgentID, callID: CallID?)
    case contextDoesNotFit([ContextSchema.Problem], callID: CallID?)
    /// Another order owns the idempotency key.
    case keyTaken(KeyState)
    /// The order could not be made durable.
    case journal(JournalFailure)
    /// A vendor refused or could not be reached.
    /// - Parameter callID: of the call that look-ups show as `failed`; `nil` if the order never became one.
    case vendor(VendorFailure, callID: CallID?)
}
