package import CallDomain

extension TwilioClient: Telephony {
    /// `POST …/Calls.json`. Not idempotent: Twilio has no key for it.
    package func createCall(
        _ request: DialRequest,
        permit: DialPermit
    ) async throws(VendorFailure) -> TwilioCall {
        let form = parameters(for: request)
        let call = try await call(.create, callsPath, form: form, expecting: 201, permit: permit)
        // To take another call for this one would give its outcome to the wrong order.
        guard call.to.map(request.order.phoneNumber.isSpelled(as:)) ?? true,
            call.from.map(request.order.from.isSpelled(as:)) ?? true, call.direction != .inbound
        else { throw .nonsense(.twilio, status: 201, reason: "Twilio answered with a different call") }
        return call
    }

    /// `POST …/Calls/{Sid}.json` with `Status=completed`, which ends a call in any state; `canceled` would miss one
    /// that was answered a moment ago. That the call is not one that can be ended (21220) is checked by a fetch.
    package func endCall(_ sid: CallSid) async throws(VendorFailure) -> EndOfCall {
        do {
            return .taken(try await call(.end, callPath(sid), of: sid, form: [("Status", "completed")]))
        } catch .refused(let refusal) where refusal.code == Self.notInProgress {
            do {
                let found = try await call(sid)
                return found.status.isTerminal ? .taken(found) : .refused(found)
            } catch .refused(let refusal) where refusal.code == Self.notFound {
                return .noSuchCall(code: Self.notFound)
            }
        } catch .refused(let refusal) where refusal.code == Self.notFound {
            return .noSuchCall(code: Self.notFound)
        }
    }

    /// `GET …/Calls/{Sid}.json`.
    package func call(_ sid: CallSid) async throws(VendorFailure) -> TwilioCall {
        try await call(.fetch, callPath(sid), of: sid)
    }

    /// `DELETE …/Recordings/{Sid}.json`: 204, and 20404 once it is gone.
    /// - SeeAlso: https://www.twilio.com/docs/voice/api/recording#delete-a-recording-resource
    package func deleteRecording(_ sid: RecordingSid) async throws(VendorFailure) {
        do {
            try await delete(.deleteRecording, "\(accountPath)/Recordings/\(sid.text).json")
        } catch .refused(let refusal) where refusal.code == Self.notFound {
            return
        }
    }

    /// `GET …/Calls.json?PageSize=1`.
    package func checkAccess(within patience: Duration) async throws(VendorFailure) {
        _ = try await send(.list, "\(callsPath)?PageSize=1", within: patience)
    }

    /// "Call is not in-progress".
    /// - SeeAlso: https://www.twilio.com/docs/api/errors/21220
    private static let notInProgress = 21220

    private func call(
        _ operation: Operation,
        _ target: String,
        of sid: CallSid? = nil,
        form: [(name: String, value: String)]? = nil,
        expecting status: Int = 200,
        permit: DialPermit? = nil
    ) async throws(VendorFailure) -> TwilioCall {
        let json = try await send(operation, target, form: form, expecting: status, permit: permit)
        guard let call = TwilioCall(json, of: configuration.accountSid) else {
            let reason = "Twilio's answer names no call of this account: sid, status or account_sid is missing or wrong"
            throw .nonsense(.twilio, status: status, reason: reason)
        }
        guard sid == nil || call.callSid == sid else {
            throw .nonsense(.twilio, status: status, reason: "Twilio answered with a different call")
        }
        return call
    }
}
