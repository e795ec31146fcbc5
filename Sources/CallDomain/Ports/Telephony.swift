/// Who dials: Twilio.
package protocol Telephony: Sendable {
    /// Dials. Not idempotent: the caller asks once per order, and again only where the failure says that nothing was
    /// done. The permit is asked at the last moment before the first byte leaves, on whatever thread that is; if it says no,
    /// nothing was sent.
    func createCall(_ request: DialRequest, permit: DialPermit) async throws(VendorFailure) -> TwilioCall
    /// Ends a call in whatever state it is.
    func endCall(_ sid: CallSid) async throws(VendorFailure) -> EndOfCall
    func call(_ sid: CallSid) async throws(VendorFailure) -> TwilioCall
    /// Deletes a recording for good; succeeds where there is none, too.
    func deleteRecording(_ sid: RecordingSid) async throws(VendorFailure)
    /// Proves that Twilio can be reached and takes our credentials, at little cost; waits for an answer no longer than
    /// `patience`, and never longer than for any other.
    func checkAccess(within patience: Duration) async throws(VendorFailure)
}

extension Telephony {
    /// How long any answer of Twilio's is waited for.
    package static var longestWait: Duration { .seconds(10) }

    package func checkAccess() async throws(VendorFailure) { try await checkAccess(within: Self.longestWait) }
}

/// What Twilio says to the end of a call.
package enum EndOfCall: Sendable, Equatable {
    /// It took the request, and shows the call as it is: over, or still going on.
    case taken(TwilioCall)
    /// It refused, and shows the call as going on.
    case refused(TwilioCall)
    /// It has no such call, in its own words; `code` is its error.
    case noSuchCall(code: Int)
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
