import CallDomain

/// Twilio behind its guard.
struct GuardedTelephony: Sendable {
    let telephony: any Telephony
    let vendor: VendorGuard

    /// Waits for a connection for an order's create. It is asked for before the pace is, because what waited behind the
    /// pace would leave in a burst, and held until Twilio has answered or the order is given up, but not while the
    /// intent is written to a journal: nothing is in flight then.
    ///
    /// Waits no longer than `patience` and ``WorkClass/longestWait``.
    /// - Throws: `.noConnection`.
    func permitToDial(
        within patience: Duration = WorkClass.dial.longestWait
    ) async throws(VendorFailure) -> VendorPermits.Permit {
        try await vendor.permits.permit(for: .dial, within: patience)
    }

    /// Dials, over the connection that the caller holds. Whether it may be sent again is decided by whoever knows the order;
    /// `isRepetition` says that it was.
    func createCall(
        _ request: DialRequest,
        isRepetition: Bool,
        permit: DialPermit
    ) async throws(VendorFailure) -> TwilioCall {
        func isWithdrawn() -> Bool { permit.state == .withdrawn }
        return try await vendor.run(
            repeating: .never,
            for: .dial,
            hasPermit: true,
            isRepetition: isRepetition,
            isOurDoing: isWithdrawn
        ) { (_) throws(VendorFailure) in
            try await telephony.createCall(request, permit: permit)
        }
    }

    /// Sent even if the breaker is open. The caller that ends the call decides how often.
    func endCall(_ sid: CallSid) async throws(VendorFailure) -> EndOfCall {
        try await vendor.run(repeating: .never, for: .urgent) { (_) throws(VendorFailure) in
            try await telephony.endCall(sid)
        }
    }

    func deleteRecording(_ sid: RecordingSid) async throws(VendorFailure) {
        try await vendor.run(repeating: .never) { (_) throws(VendorFailure) in try await telephony.deleteRecording(sid)
        }
    }

    func checkAccess(within patience: Duration) async throws(VendorFailure) {
        try await telephony.checkAccess(within: patience)
    }
}
