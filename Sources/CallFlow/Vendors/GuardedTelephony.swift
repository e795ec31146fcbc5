import CallDomain

/// Twilio behind its guard.
struct GuardedTelephony: Sendable {
    let telephony: any Telephony
    let vendor: VendorGuard

    /// Whether it may be sent again is decided by whoever knows the order; `isRepetition` says that it was.
    func createCall(
        _ request: DialRequest,
        isRepetition: Bool,
        mayLeave: @escaping @Sendable () -> Bool
    ) async throws(VendorFailure) -> TwilioCall {
        try await vendor.run(repeating: .never, isRepetition: isRepetition) { (_) throws(VendorFailure) in
            try await telephony.createCall(request, mayLeave: mayLeave)
        }
    }

    /// Must be tried even if nothing else is. How often, is decided by whoever wants the call to end.
    func endCall(_ sid: CallSid) async throws(VendorFailure) -> TwilioCall {
        try await vendor.run(repeating: .never, evenIfOpen: true) { (_) throws(VendorFailure) in
            try await telephony.endCall(sid)
        }
    }

    func checkAccess(within patience: Duration) async throws(VendorFailure) {
        try await telephony.checkAccess(within: patience)
    }
}
