/// What Twilio's call object says of a call: the answer to a create, update or fetch.
/// - SeeAlso: https://www.twilio.com/docs/voice/api/call-resource
package struct TwilioCall: Sendable, Equatable {
    package var callSid: CallSid
    package var status: CallStatus
    package var from: String?
    package var to: String?
    package var direction: CallDirection?
    package var duration: Int?
    package var answeredBy: String?
    package var startedAt: Timestamp?
    package var endedAt: Timestamp?

    package init(
        callSid: CallSid,
        status: CallStatus,
        from: String? = nil,
        to: String? = nil,
        direction: CallDirection? = nil,
        duration: Int? = nil,
        answeredBy: String? = nil,
        startedAt: Timestamp? = nil,
        endedAt: Timestamp? = nil
    ) {
        self.callSid = callSid
        self.status = status
        self.from = from
        self.to = to
        self.direction = direction
        self.duration = duration
        self.answeredBy = answeredBy
        self.startedAt = startedAt
        self.endedAt = endedAt
    }
}

/// Who began the call.
package enum CallDirection: String, Sendable, CaseIterable {
    case outbound
    case inbound

    /// Twilio's `Direction`: `inbound`, `outbound-api`, `outbound-dial`, `trunking-…`.
    package init?(twilio text: String) {
        switch text {
        case "inbound", "trunking-originating": self = .inbound
        case "outbound-api", "outbound-dial", "trunking-terminating": self = .outbound
        default: return nil
        }
    }
}

/// The two ends of a call as every webhook names them.
package struct CallParties: Sendable, Equatable {
    package var from: String?
    package var to: String?
    package var direction: CallDirection?

    package init(from: String? = nil, to: String? = nil, direction: CallDirection? = nil) {
        self.from = from
        self.to = to
        self.direction = direction
    }
}

/// A status callback.
/// - SeeAlso: https://www.twilio.com/docs/voice/api/call-resource#statuscallback
package struct StatusReport: Sendable, Equatable {
    package var callSid: CallSid
    package var status: CallStatus
    /// Order of occurrence, from 0.
    package var sequenceNumber: Int?
    package var timestamp: Timestamp?
    package var parties: CallParties
    /// Seconds (`CallDuration`), of final reports.
    package var duration: Int?
    package var sipResponseCode: Int?
    package var answeredBy: String?
    package var errorCode: String?
    package var errorMessage: String?
    /// See ``CallFact/unread``.
    package var unread: [String] = []

    package init(
        callSid: CallSid,
        status: CallStatus,
        sequenceNumber: Int? = nil,
        timestamp: Timestamp? = nil,
        parties: CallParties = CallParties(),
        duration: Int? = nil,
        sipResponseCode: Int? = nil,
        answeredBy: String? = nil,
        errorCode: String? = nil,
        errorMessage: String? = nil
    ) {
        self.callSid = callSid
        self.status = status
        self.sequenceNumber = sequenceNumber
        self.timestamp = timestamp
        self.parties = parties
        self.duration = duration
        self.sipResponseCode = sipResponseCode
        self.answeredBy = answeredBy
        self.errorCode = errorCode
        self.errorMessage = errorMessage
    }
}

/// Twilio asked for TwiML.
package struct VoiceRequest: Sendable, Equatable {
    package var callSid: CallSid
    package var status: CallStatus
    package var parties: CallParties
    /// See ``CallFact/unread``.
    package var unread: [String] = []

    package init(callSid: CallSid, status: CallStatus, parties: CallParties) {
        self.callSid = callSid
        self.status = status
        self.parties = parties
    }
}

/// Twilio could not use our TwiML and asked the fallback URL.
package struct FallbackRequest: Sendable, Equatable {
    package var callSid: CallSid
    package var parties: CallParties
    /// Twilio's error, such as 12100.
    package var errorCode: String?
    /// See ``CallFact/unread``.
    package var unread: [String] = []

    package init(callSid: CallSid, parties: CallParties, errorCode: String?) {
        self.callSid = callSid
        self.parties = parties
        self.errorCode = errorCode
    }
}

/// The verdict of answering-machine detection.
/// - SeeAlso: https://www.twilio.com/docs/voice/answering-machine-detection
package struct MachineDetectionReport: Sendable, Equatable {
    package var callSid: CallSid
    /// Twilio's word: `human`, `machine_start`, `fax`, `unknown`, ….
    package var answeredBy: String
    /// How long the detection took.
    package var duration: Duration?
    /// See ``CallFact/unread``.
    package var unread: [String] = []

    package init(callSid: CallSid, answeredBy: String, duration: Duration?) {
        self.callSid = callSid
        self.answeredBy = answeredBy
        self.duration = duration
    }
}

/// A media stream's state.
/// - SeeAlso: https://www.twilio.com/docs/voice/twiml/stream#statuscallback
package struct StreamReport: Sendable, Equatable {
    package enum Event: String, Sendable, CaseIterable {
        case started = "stream-started"
        case stopped = "stream-stopped"
        case error = "stream-error"
    }

    package var callSid: CallSid
    package var streamSid: StreamSid
    package var event: Event
    package var error: String?
    package var timestamp: Timestamp?
    /// See ``CallFact/unread``.
    package var unread: [String] = []

    package init(callSid: CallSid, streamSid: StreamSid, event: Event, error: String?, timestamp: Timestamp?) {
        self.callSid = callSid
        self.streamSid = streamSid
        self.event = event
        self.error = error
        self.timestamp = timestamp
    }
}

/// A recording's state.
/// - SeeAlso: https://www.twilio.com/docs/voice/api/recording
package struct RecordingReport: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        case inProgress = "in-progress"
        case absent
        case failed
        case completed
    }

    package var callSid: CallSid
    package var recordingSid: RecordingSid
    package var status: Status
    package var url: String?
    /// Seconds.
    package var duration: Int?
    package var startedAt: Timestamp?
    /// See ``CallFact/unread``.
    package var unread: [String] = []

    package init(
        callSid: CallSid,
        recordingSid: RecordingSid,
        status: Status,
        url: String?,
        duration: Int?,
        startedAt: Timestamp?
    ) {
        self.callSid = callSid
        self.recordingSid = recordingSid
        self.status = status
        self.url = url
        self.duration = duration
        self.startedAt = startedAt
    }
}
