import CallDomain

extension TwilioCall {
    /// Reads a call object. All but `sid` and `status` may be absent, `null`, or of an unexpected type.
    /// - Returns: `nil` without a well-formed CallSid and a known status, or if it belongs to another account.
    /// - SeeAlso: https://www.twilio.com/docs/voice/api/call-resource#call-properties
    init?(_ json: JSONValue, of account: AccountSid) {
        guard let sid = json["sid"]?.stringValue.flatMap(CallSid.init(_:)),
            let status = json["status"]?.stringValue.flatMap(CallStatus.init(twilio:))
        else { return nil }
        if let owner = json["account_sid"], owner.stringValue.flatMap(AccountSid.init(_:)) != account { return nil }
        self.init(
            callSid: sid,
            status: status,
            from: json.text("from"),
            to: json.text("to"),
            direction: json.text("direction").flatMap(CallDirection.init(twilio:)),
            // Numbers are texts in Twilio's answers.
            duration: TwilioBounds.seconds.only(
                json.text("duration").flatMap(VendorText.number) ?? json["duration"]?.intValue
            ),
            answeredBy: json.text("answered_by"),
            startedAt: TwilioBounds.time.only(json.text("start_time").flatMap(Timestamp.init(rfc2822:))),
            endedAt: TwilioBounds.time.only(json.text("end_time").flatMap(Timestamp.init(rfc2822:)))
        )
    }
}

extension JSONValue {
    fileprivate func text(_ name: String) -> String? {
        guard let text = self[name]?.stringValue.map({ VendorText.bounded($0, to: 256) }), !text.isEmpty else {
            return nil
        }
        return text
    }
}
