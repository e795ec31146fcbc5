import CallDomain

extension TwilioClient {
    /// The form that creates a call.
    /// - SeeAlso: https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource
    func parameters(for request: DialRequest) -> [(name: String, value: String)] {
        let (order, id) = (request.order, request.callID)
        var form: [(name: String, value: String)] = [
            ("To", order.phoneNumber.text),
            ("From", order.from.text),
            ("Url", urls.twilio(.voice, callID: id)),
            ("Method", "POST"),
            ("FallbackUrl", urls.twilio(.fallback, callID: id)),
            ("FallbackMethod", "POST"),
            ("StatusCallback", urls.twilio(.status, callID: id)),
            ("StatusCallbackMethod", "POST"),
        ]
        // One value with spaces between the events is refused (21626).
        form += ["initiated", "ringing", "answered", "completed"].map { ("StatusCallbackEvent", $0) }
        form.append(("Timeout", String(max(1, order.ringTimeout.wholeSeconds))))
        form.append(("TimeLimit", String(max(1, request.timeLimit.wholeSeconds))))
        switch order.machineDetection {
        case .off: break
        case .detect, .hangUp:
            form += [
                ("MachineDetection", "Enable"),
                // Without it the callee hears nothing until the verdict.
                ("AsyncAmd", "true"),
                ("AsyncAmdStatusCallback", urls.twilio(.amd, callID: id)),
                ("AsyncAmdStatusCallbackMethod", "POST"),
            ]
        }
        if order.record {
            form += [
                ("Record", "true"),
                ("RecordingStatusCallback", urls.twilio(.recording, callID: id)),
                ("RecordingStatusCallbackMethod", "POST"),
            ]
            form += ["in-progress", "completed", "absent"].map { ("RecordingStatusCallbackEvent", $0) }
        }
        return form
    }
}
