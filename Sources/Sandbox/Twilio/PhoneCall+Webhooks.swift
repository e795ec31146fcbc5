import FoundationEssentials

extension PhoneCall {
    /// The parameters of every request about a call. <https://www.twilio.com/docs/voice/twiml>
    var commonParameters: [Parameter] {
        var parameters = [
            Parameter("CallSid", sid), Parameter("AccountSid", accountSid), Parameter("ApiVersion", "2010-04-01"),
            Parameter("Direction", "outbound-api"), Parameter("From", order.from), Parameter("To", order.to),
            Parameter("Caller", order.from), Parameter("Called", order.to),
        ]
        for (role, number) in [("From", order.from), ("To", order.to), ("Caller", order.from), ("Called", order.to)] {
            // City, state and zip are often present and empty.
            parameters += [
                Parameter("\(role)City", ""), Parameter("\(role)State", ""), Parameter("\(role)Zip", ""),
                Parameter("\(role)Country", Self.country(of: number)),
            ]
        }
        return parameters
    }

    /// The parameters of a request for TwiML.
    var voiceParameters: [Parameter] {
        commonParameters + [Parameter("CallStatus", PhoneCall.Status.inProgress.rawValue)]
    }

    /// The parameters of a status callback.
    mutating func statusParameters(_ event: CallEvent) -> [Parameter] {
        defer { nextSequenceNumber += 1 }
        let status = event == .initiated ? "initiated" : self.status(after: event).rawValue
        let date =
            switch event {
            case .initiated: started ?? created
            case .ringing: updated
            case .answered: answered ?? updated
            case .completed: ended ?? updated
            }
        var parameters =
            commonParameters + [
                Parameter("CallStatus", status), Parameter("CallbackSource", "call-progress-events"),
                Parameter("SequenceNumber", "\(nextSequenceNumber)"),
                Parameter("Timestamp", VendorTime.rfc2822(date)),
            ]
        switch event {
        case .initiated:
            break
        case .ringing, .answered:
            parameters.append(Parameter("StirStatus", "B"))
        case .completed:
            let seconds = durationSeconds ?? 0
            parameters += [
                Parameter("CallDuration", "\(seconds)"), Parameter("Duration", "\((seconds + 59) / 60)"),
                Parameter("SipResponseCode", "\(sipResponseCode ?? 200)"),
            ]
            if let answeredBy { parameters.append(Parameter("AnsweredBy", answeredBy)) }
        }
        return parameters
    }

    private func status(after event: CallEvent) -> Status {
        switch event {
        case .initiated: .queued
        case .ringing: .ringing
        case .answered: .inProgress
        case .completed: status
        }
    }

    private static func country(of number: String) -> String {
        let countries = [("+1", "US"), ("+44", "GB"), ("+49", "DE"), ("+33", "FR"), ("+61", "AU")]
        return countries.first { number.hasPrefix($0.0) }?.1 ?? ""
    }
}
