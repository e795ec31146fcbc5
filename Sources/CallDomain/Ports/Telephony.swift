/// Who dials: Twilio.
package protocol Telephony: Sendable {
    /// Dials. Not idempotent: the caller asks once per order, and again only where the failure says that nothing was
    /// done.
    func createCall(_ request: DialRequest) async throws(VendorFailure) -> TwilioCall
    /// Ends a call in whatever state it is.
    func endCall(_ sid: CallSid) async throws(VendorFailure) -> TwilioCall
    func call(_ sid: CallSid) async throws(VendorFailure) -> TwilioCall
    /// Proves that Twilio can be reached and takes our credentials, at little cost.
    func checkAccess() async throws(VendorFailure)
}

/// What Twilio needs to dial for an order.
package struct DialRequest: Sendable, Equatable {
    package var callID: CallID
    package var order: CallOrder
    /// Upper bound of the whole phone call.
    package var timeLimit: Duration

    package init(callID: CallID, order: CallOrder, timeLimit: Duration) {
        self.callID = callID
        self.order = order
        self.timeLimit = timeLimit
    }
}
