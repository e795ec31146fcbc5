import CallDomain

extension VoiceRequest {
    /// - SeeAlso: https://www.twilio.com/docs/voice/twiml#request-parameters
    init(_ parameters: WebhookParameters) throws(UselessWebhook) {
        self.init(
            callSid: try parameters.callSid(),
            status: try parameters.status(),
            parties: try parameters.parties()
        )
    }
}

extension FallbackRequest {
    /// - SeeAlso: https://www.twilio.com/docs/api/errors/11200
    init(_ parameters: WebhookParameters) throws(UselessWebhook) {
        self.init(
            callSid: try parameters.callSid(),
            parties: try parameters.parties(),
            errorCode: try parameters.errorCode()
        )
    }
}

extension StatusReport {
    /// - SeeAlso: https://www.twilio.com/docs/voice/api/call-resource#statuscallback
    init(_ parameters: WebhookParameters) throws(UselessWebhook) {
        let sequence = try parameters.value("SequenceNumber")
        let sequenceNumber = sequence.flatMap(VendorText.number)
        guard sequence == nil || sequenceNumber != nil else { throw .malformedSequenceNumber }
        let status = try parameters.status()
        self.init(
            callSid: try parameters.callSid(),
            status: status,
            sequenceNumber: sequenceNumber,
            timestamp: try parameters.value("Timestamp").flatMap(Timestamp.init(rfc2822:)),
            parties: try parameters.parties(),
            duration: try parameters.number("CallDuration"),
            sipResponseCode: try parameters.number("SipResponseCode"),
            answeredBy: try parameters.answeredBy(),
            errorCode: try parameters.errorCode(),
            errorMessage: try parameters.text("ErrorMessage")
        )
    }
}

extension MachineDetectionReport {
    /// - SeeAlso: https://www.twilio.com/docs/voice/answering-machine-detection
    init(_ parameters: WebhookParameters) throws(UselessWebhook) {
        let callSid = try parameters.callSid()
        guard let answeredBy = try parameters.answeredBy() else { throw .malformedAnsweredBy }
        self.init(
            callSid: callSid,
            answeredBy: answeredBy,
            duration: try parameters.number("MachineDetectionDuration").map { .milliseconds($0) }
        )
    }
}

extension StreamReport {
    /// - SeeAlso: https://www.twilio.com/docs/voice/twiml/stream
    init(_ parameters: WebhookParameters) throws(UselessWebhook) {
        let callSid = try parameters.callSid()
        guard let streamSid = try parameters.value("StreamSid").flatMap(StreamSid.init(_:)) else {
            throw .malformedStreamSid
        }
        guard let event = try parameters.value("StreamEvent").flatMap(Event.init(rawValue:)) else {
            throw .unknownEvent
        }
        self.init(
            callSid: callSid,
            streamSid: streamSid,
            event: event,
            error: event == .error ? try parameters.text("StreamError") : nil,
            timestamp: try parameters.value("Timestamp").flatMap(Timestamp.init(iso8601:))
        )
    }
}

extension RecordingReport {
    /// Twilio names a URL and a duration in every report; they mean something once the recording is complete.
    /// - SeeAlso: https://www.twilio.com/docs/voice/api/recording
    init(_ parameters: WebhookParameters) throws(UselessWebhook) {
        let callSid = try parameters.callSid()
        guard let recordingSid = try parameters.value("RecordingSid").flatMap(RecordingSid.init(_:)) else {
            throw .malformedRecordingSid
        }
        guard let status = try parameters.value("RecordingStatus").flatMap(Status.init(rawValue:)) else {
            throw .unknownStatus
        }
        let url = try parameters.value("RecordingUrl").flatMap { Self.isWebAddress($0) ? $0 : nil }
        let duration = try parameters.number("RecordingDuration")
        self.init(
            callSid: callSid,
            recordingSid: recordingSid,
            status: status,
            url: status == .completed ? url : nil,
            duration: status == .completed ? duration : nil,
            startedAt: try parameters.value("RecordingStartTime").flatMap(Timestamp.init(rfc2822:))
        )
    }

    private static func isWebAddress(_ text: String) -> Bool {
        text.utf8.count <= 1024 && text.utf8.starts(with: "https://".utf8)
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "<") }
    }
}
