import CallDomain

extension VoiceRequest {
    /// - SeeAlso: https://www.twilio.com/docs/voice/twiml#request-parameters
    init(_ parameters: inout WebhookParameters) throws(UselessWebhook) {
        self.init(
            callSid: try parameters.callSid(),
            status: try parameters.status(),
            parties: parameters.parties()
        )
        unread = parameters.unread
    }
}

extension FallbackRequest {
    /// - SeeAlso: https://www.twilio.com/docs/api/errors/11200
    init(_ parameters: inout WebhookParameters) throws(UselessWebhook) {
        self.init(
            callSid: try parameters.callSid(),
            parties: parameters.parties(),
            errorCode: parameters.errorCode()
        )
        unread = parameters.unread
    }
}

extension StatusReport {
    /// - SeeAlso: https://www.twilio.com/docs/voice/api/call-resource#statuscallback
    init(_ parameters: inout WebhookParameters) throws(UselessWebhook) {
        let sequence = try parameters.deciding("SequenceNumber")
        let sequenceNumber = sequence.flatMap(VendorText.number)
        guard sequence == nil || sequenceNumber != nil else { throw .malformedSequenceNumber }
        let status = try parameters.status()
        self.init(
            callSid: try parameters.callSid(),
            status: status,
            sequenceNumber: sequenceNumber,
            timestamp: parameters.time("Timestamp", Timestamp.init(rfc2822:)),
            parties: parameters.parties(),
            duration: parameters.number("CallDuration", in: TwilioBounds.seconds),
            sipResponseCode: parameters.number("SipResponseCode", in: TwilioBounds.sipResponseCode),
            answeredBy: parameters.answeredBy(),
            errorCode: parameters.errorCode(),
            errorMessage: parameters.text("ErrorMessage")
        )
        unread = parameters.unread
    }
}

extension MachineDetectionReport {
    /// - SeeAlso: https://www.twilio.com/docs/voice/answering-machine-detection
    init(_ parameters: inout WebhookParameters) throws(UselessWebhook) {
        let duration = parameters.number("MachineDetectionDuration", in: TwilioBounds.detectionMilliseconds)
        self.init(
            callSid: try parameters.callSid(),
            answeredBy: try parameters.decidingAnsweredBy(),
            duration: duration.map { .milliseconds($0) }
        )
        unread = parameters.unread
    }
}

extension StreamReport {
    /// - SeeAlso: https://www.twilio.com/docs/voice/twiml/stream
    init(_ parameters: inout WebhookParameters) throws(UselessWebhook) {
        let callSid = try parameters.callSid()
        guard let streamSid = try parameters.deciding("StreamSid").flatMap(StreamSid.init(_:)) else {
            throw .malformedStreamSid
        }
        guard let event = try parameters.deciding("StreamEvent").flatMap(Event.init(rawValue:)) else {
            throw .unknownEvent
        }
        self.init(
            callSid: callSid,
            streamSid: streamSid,
            event: event,
            error: event == .error ? parameters.text("StreamError") : nil,
            timestamp: parameters.time("Timestamp", Timestamp.init(iso8601:))
        )
        unread = parameters.unread
    }
}

extension RecordingReport {
    /// Twilio names a URL and a duration in every report; they mean something once the recording is complete.
    /// - SeeAlso: https://www.twilio.com/docs/voice/api/recording
    init(_ parameters: inout WebhookParameters) throws(UselessWebhook) {
        let callSid = try parameters.callSid()
        guard let recordingSid = try parameters.deciding("RecordingSid").flatMap(RecordingSid.init(_:)) else {
            throw .malformedRecordingSid
        }
        guard let status = try parameters.deciding("RecordingStatus").flatMap(Status.init(rawValue:)) else {
            throw .unknownStatus
        }
        let isComplete = status == .completed
        self.init(
            callSid: callSid,
            recordingSid: recordingSid,
            status: status,
            url: isComplete ? parameters.recordingURL("RecordingUrl", of: recordingSid) : nil,
            duration: isComplete ? parameters.number("RecordingDuration", in: TwilioBounds.seconds) : nil,
            startedAt: parameters.time("RecordingStartTime", Timestamp.init(rfc2822:))
        )
        unread = parameters.unread
    }
}
