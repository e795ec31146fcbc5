import CallDomain

extension TwilioCall: Stored {
    func write(to out: inout RecordWriter) {
        out.put(callSid)
        out.put(status)
        let fields = out.fields()
        out.field(0, of: fields, from)
        out.field(1, of: fields, to)
        out.field(2, of: fields, direction)
        out.field(3, of: fields, duration)
        out.field(4, of: fields, answeredBy)
        out.field(5, of: fields, startedAt)
        out.field(6, of: fields, endedAt)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(callSid: try reader.get(), status: try reader.get())
        let fields = try reader.fields(7, of: "a call at Twilio")
        from = try reader.field(0, of: fields)
        to = try reader.field(1, of: fields)
        direction = try reader.field(2, of: fields)
        duration = try reader.field(3, of: fields)
        answeredBy = try reader.field(4, of: fields)
        startedAt = try reader.field(5, of: fields)
        endedAt = try reader.field(6, of: fields)
    }
}

extension StatusReport: Stored {
    func write(to out: inout RecordWriter) {
        out.put(callSid)
        out.put(status)
        let fields = out.fields()
        out.parties(parties, of: fields)
        out.field(3, of: fields, unread.unlessEmpty)
        out.field(4, of: fields, sequenceNumber)
        out.field(5, of: fields, timestamp)
        out.field(6, of: fields, duration)
        out.field(7, of: fields, sipResponseCode)
        out.field(8, of: fields, answeredBy)
        out.field(9, of: fields, errorCode)
        out.field(10, of: fields, errorMessage)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(callSid: try reader.get(), status: try reader.get())
        let fields = try reader.fields(11, of: "a status report")
        parties = try reader.parties(of: fields)
        unread = try reader.field(3, of: fields) ?? []
        sequenceNumber = try reader.field(4, of: fields)
        timestamp = try reader.field(5, of: fields)
        duration = try reader.field(6, of: fields)
        sipResponseCode = try reader.field(7, of: fields)
        answeredBy = try reader.field(8, of: fields)
        errorCode = try reader.field(9, of: fields)
        errorMessage = try reader.field(10, of: fields)
    }
}

extension VoiceRequest: Stored {
    func write(to out: inout RecordWriter) {
        out.put(callSid)
        out.put(status)
        let fields = out.fields()
        out.parties(parties, of: fields)
        out.field(3, of: fields, unread.unlessEmpty)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(callSid: try reader.get(), status: try reader.get(), parties: CallParties())
        let fields = try reader.fields(4, of: "a voice request")
        parties = try reader.parties(of: fields)
        unread = try reader.field(3, of: fields) ?? []
    }
}

extension FallbackRequest: Stored {
    func write(to out: inout RecordWriter) {
        out.put(callSid)
        let fields = out.fields()
        out.parties(parties, of: fields)
        out.field(3, of: fields, unread.unlessEmpty)
        out.field(4, of: fields, errorCode)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(callSid: try reader.get(), parties: CallParties(), errorCode: nil)
        let fields = try reader.fields(5, of: "a fallback request")
        parties = try reader.parties(of: fields)
        unread = try reader.field(3, of: fields) ?? []
        errorCode = try reader.field(4, of: fields)
    }
}

extension MachineDetectionReport: Stored {
    func write(to out: inout RecordWriter) {
        out.put(callSid)
        out.put(answeredBy)
        let fields = out.fields()
        out.field(0, of: fields, duration)
        out.field(1, of: fields, unread.unlessEmpty)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(callSid: try reader.get(), answeredBy: try reader.get(), duration: nil)
        let fields = try reader.fields(2, of: "a machine detection")
        duration = try reader.field(0, of: fields)
        unread = try reader.field(1, of: fields) ?? []
    }
}

extension StreamReport: Stored {
    func write(to out: inout RecordWriter) {
        out.put(callSid)
        out.put(streamSid)
        out.put(event)
        let fields = out.fields()
        out.field(0, of: fields, error)
        out.field(1, of: fields, timestamp)
        out.field(2, of: fields, unread.unlessEmpty)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(
            callSid: try reader.get(),
            streamSid: try reader.get(),
            event: try reader.get(),
            error: nil,
            timestamp: nil
        )
        let fields = try reader.fields(3, of: "a stream report")
        error = try reader.field(0, of: fields)
        timestamp = try reader.field(1, of: fields)
        unread = try reader.field(2, of: fields) ?? []
    }
}

extension RecordingReport: Stored {
    func write(to out: inout RecordWriter) {
        out.put(callSid)
        out.put(recordingSid)
        out.put(status)
        let fields = out.fields()
        out.field(0, of: fields, url)
        out.field(1, of: fields, duration)
        out.field(2, of: fields, startedAt)
        out.field(3, of: fields, unread.unlessEmpty)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(
            callSid: try reader.get(),
            recordingSid: try reader.get(),
            status: try reader.get(),
            url: nil,
            duration: nil,
            startedAt: nil
        )
        let fields = try reader.fields(4, of: "a recording report")
        url = try reader.field(0, of: fields)
        duration = try reader.field(1, of: fields)
        startedAt = try reader.field(2, of: fields)
        unread = try reader.field(3, of: fields) ?? []
    }
}

extension ConversationReport: Stored {
    func write(to out: inout RecordWriter) {
        out.put(ultravoxCallID)
        out.put(event)
        let fields = out.fields()
        out.field(0, of: fields, callID)
        out.field(1, of: fields, callSid)
        out.field(2, of: fields, agentID)
        out.field(3, of: fields, unread.unlessEmpty)
        out.field(4, of: fields, createdAt)
        out.field(5, of: fields, joinedAt)
        out.field(6, of: fields, endedAt)
        out.field(7, of: fields, endReason)
        out.field(8, of: fields, shortSummary)
        out.field(9, of: fields, summary)
        out.field(10, of: fields, billedDuration)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(ultravoxCallID: try reader.get(), event: try reader.get())
        let fields = try reader.fields(11, of: "a conversation report")
        callID = try reader.field(0, of: fields)
        callSid = try reader.field(1, of: fields)
        agentID = try reader.field(2, of: fields)
        unread = try reader.field(3, of: fields) ?? []
        createdAt = try reader.field(4, of: fields)
        joinedAt = try reader.field(5, of: fields)
        endedAt = try reader.field(6, of: fields)
        endReason = try reader.field(7, of: fields)
        shortSummary = try reader.field(8, of: fields)
        summary = try reader.field(9, of: fields)
        billedDuration = try reader.field(10, of: fields)
    }
}

// The parties of a call are the first three fields of whatever has them.

extension RecordWriter {
    fileprivate mutating func parties(_ parties: CallParties, of fields: Fields) {
        field(0, of: fields, parties.from)
        field(1, of: fields, parties.to)
        field(2, of: fields, parties.direction)
    }
}

extension RecordReader {
    fileprivate mutating func parties(of fields: Fields) throws(FormatError) -> CallParties {
        CallParties(
            from: try field(0, of: fields),
            to: try field(1, of: fields),
            direction: try field(2, of: fields)
        )
    }
}

extension [String] {
    fileprivate var unlessEmpty: [String]? { isEmpty ? nil : self }
}
