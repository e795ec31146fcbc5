import OrderedCollections

/// `POST Calls/{Sid}.json`: end a call, or give it new TwiML.
/// <https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource>
struct PhoneCallUpdate {
    let core: SandboxCore

    func answer(
        _ sid: String,
        _ form: [Parameter],
        or notFound: TwilioProblem
    ) throws(TwilioProblem) -> VendorAnswer {
        let change = try Change(form)
        let result: Result<(PhoneCall, PhoneCall.Signal?), TwilioProblem> = core.state.update { state in
            guard var call = state.phoneCalls[sid], !call.isDeleted else { return .failure(notFound) }
            do throws(TwilioProblem) {
                let signal = try change.apply(to: &call)
                state.phoneCalls[sid] = call
                return .success((call, signal))
            } catch {
                return .failure(error)
            }
        }
        let (call, signal) = try result.get()
        if let signal { call.line.post(signal) }
        return .json(call.json)
    }
}

/// What an update asks for.
private struct Change {
    private let status: String?
    private let source: TwiMLSource?
    private let fallback: WebhookTarget?
    private let statusCallback: WebhookTarget?
    private let timeLimit: Int?

    init(_ form: [Parameter]) throws(TwilioProblem) {
        status = form["Status"]
        if let status, !["canceled", "completed"].contains(status) { throw .badValue("Status", status) }
        if form["Url"] != nil, form["Twiml"] != nil {
            throw TwilioProblem(20001, "Url and Twiml are mutually exclusive")
        }
        source = try TwiMLSource(form)
        fallback = try form.target("FallbackUrl", "FallbackMethod", code: 21205)
        statusCallback = try form.target("StatusCallback", "StatusCallbackMethod", code: 21609)
        timeLimit = try form.timeLimit()
    }

    /// Changes the record at once, and returns what the call's life must hear.
    func apply(to call: inout PhoneCall) throws(TwilioProblem) -> PhoneCall.Signal? {
        guard !call.status.isFinal else {
            throw TwilioProblem(21220, "Call is not in-progress. Cannot redirect.")
        }
        if let status {
            // `canceled` leaves an answered call alone; `completed` also ends one that was not answered yet.
            if call.status == .inProgress {
                guard status == "completed", call.end(.completed, sip: 200) else { return nil }
            } else {
                guard call.end(.canceled, sip: 487) else { return nil }
            }
            return .ended
        }
        if let source {
            guard call.status == .inProgress else {
                throw TwilioProblem(21220, "Call is not in-progress. Cannot redirect.")
            }
            call.change { order in
                order.fallback = fallback ?? order.fallback
                order.statusCallback = statusCallback ?? order.statusCallback
                order.timeLimit = timeLimit ?? order.timeLimit
            }
            return .redirected(source)
        }
        guard let timeLimit else { return nil }
        call.change { $0.timeLimit = timeLimit }
        return .timeLimitChanged
    }
}
