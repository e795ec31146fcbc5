/// The parameters of `POST Calls.json`. <https://www.twilio.com/docs/voice/api/call-resource>
extension CallOrder {
    /// Every parameter that the resource knows.
    static let names: Set<String> = [
        "To", "From", "Url", "Twiml", "ApplicationSid", "Method", "FallbackUrl", "FallbackMethod", "StatusCallback",
        "StatusCallbackMethod", "StatusCallbackEvent", "Timeout", "TimeLimit", "SendDigits", "MachineDetection",
        "MachineDetectionTimeout", "MachineDetectionSpeechThreshold", "MachineDetectionSpeechEndThreshold",
        "MachineDetectionSilenceTimeout", "AsyncAmd", "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod",
        "Record", "RecordingChannels", "RecordingTrack", "RecordingStatusCallback", "RecordingStatusCallbackMethod",
        "RecordingStatusCallbackEvent", "RecordingConfigurationId", "Trim", "CallerId", "CallToken", "CallReason",
        "Byoc", "SipAuthUsername", "SipAuthPassword", "ClientNotificationUrl", "Passports",
    ]

    /// Reads and checks a form; `numbers` are what the account may use as `From`.
    init(creating form: [Parameter], numbers: [String]) throws(TwilioProblem) {
        guard let to = form["To"] else { throw TwilioProblem(21201, "No 'To' number is specified") }
        guard let from = form["From"] else { throw TwilioProblem(21213, "No 'From' number is specified") }
        guard to.isE164 else {
            throw TwilioProblem(21211, "The phone number you are attempting to call, \(to), is not valid.")
        }
        guard from.isE164 else {
            throw TwilioProblem(21212, "The phone number provided as 'From', \(from), is not valid.")
        }
        guard numbers.contains(from) else {
            throw TwilioProblem(
                21210,
                "The source phone number provided, \(from), is not yet verified for your account. You may only make "
                    + "calls from phone numbers that you've verified or purchased from Twilio."
            )
        }
        guard to != from else { throw TwilioProblem(21211, "'To' and 'From' number must not be the same: \(to)") }
        guard let source = try TwiMLSource(form) else {
            throw TwilioProblem(21205, "Url parameter is required.")
        }
        self.init(to: to, from: from, source: source)
        fallback = try form.target("FallbackUrl", "FallbackMethod", code: 21205)
        statusCallback = try form.target("StatusCallback", "StatusCallbackMethod", code: 21609)
        if let url = statusCallback?.url, URLParts(url)?.host.contains("_") == true {
            throw TwilioProblem(21609, "Invalid 'StatusCallback' URL: \(url)")
        }
        try readEvents(form)
        try readTimes(form)
        try readDetection(form)
        try readRecording(form)
        try readDigits(form)
    }

    private mutating func readEvents(_ form: [Parameter]) throws(TwilioProblem) {
        let names = form.all("StatusCallbackEvent")
        guard !names.isEmpty else { return }
        events = []
        for name in names {
            guard let event = CallEvent(rawValue: name) else { throw .badValue("StatusCallbackEvent", name) }
            events.insert(event)
        }
    }

    private mutating func readTimes(_ form: [Parameter]) throws(TwilioProblem) {
        if let text = form["Timeout"] {
            guard let seconds = Int(text), (1...600).contains(seconds) else {
                throw TwilioProblem(21208, "Invalid Timeout value: \(text)")
            }
            timeout = seconds
        }
        timeLimit = try form.timeLimit() ?? timeLimit
    }

    private mutating func readDetection(_ form: [Parameter]) throws(TwilioProblem) {
        let callback = try form.target(
            "AsyncAmdStatusCallback",
            "AsyncAmdStatusCallbackMethod",
            code: 20001
        )
        let ranges = [
            ("MachineDetectionTimeout", 3...59), ("MachineDetectionSpeechThreshold", 1000...6000),
            ("MachineDetectionSpeechEndThreshold", 500...5000), ("MachineDetectionSilenceTimeout", 2000...10000),
        ]
        for (name, range) in ranges {
            guard let text = form[name] else { continue }
            guard let value = Int(text), range.contains(value) else { throw .badValue(name, text) }
        }
        let isAsynchronous = try form.flag("AsyncAmd")
        guard let mode = form["MachineDetection"] else { return }
        guard ["enable", "detectmessageend"].contains(mode.lowercased()) else {
            throw TwilioProblem(21234, "Invalid MachineDetection value: \(mode)")
        }
        // Digits to send switch the detection off.
        guard form["SendDigits"] == nil else { return }
        detection = Detection(
            waitsForEnd: mode.lowercased() == "detectmessageend",
            isAsynchronous: isAsynchronous,
            callback: callback
        )
    }

    private mutating func readRecording(_ form: [Parameter]) throws(TwilioProblem) {
        var recording = Recording()
        recording.callback = try form.target("RecordingStatusCallback", "RecordingStatusCallbackMethod", code: 20001)
        // The manual shows one value with spaces, the SDKs repeat the parameter; Twilio reads both.
        let events = form.all("RecordingStatusCallbackEvent").flatMap { $0.split(separator: " ").map(String.init) }
        for event in events where !["in-progress", "completed", "absent"].contains(event) {
            throw .badValue("RecordingStatusCallbackEvent", event)
        }
        if !events.isEmpty { recording.events = Set(events) }
        if let channels = form["RecordingChannels"] {
            guard ["mono", "dual"].contains(channels) else { throw .badValue("RecordingChannels", channels) }
            recording.channels = channels == "dual" ? 2 : 1
        }
        if let track = form["RecordingTrack"] {
            guard ["inbound", "outbound", "both"].contains(track) else { throw .badValue("RecordingTrack", track) }
            recording.track = track
        }
        if let trim = form["Trim"], !["trim-silence", "do-not-trim"].contains(trim) { throw .badValue("Trim", trim) }
        if try form.flag("Record") { self.recording = recording }
    }

    private func readDigits(_ form: [Parameter]) throws(TwilioProblem) {
        guard let digits = form["SendDigits"] else { return }
        guard digits.utf8.count <= 32, digits.allSatisfy({ "0123456789ABCD#*wW".contains($0) }) else {
            throw TwilioProblem(21206, "Invalid SendDigits value: \(digits)")
        }
    }
}

extension TwiMLSource {
    /// `Url`, else `Twiml`; `nil` when there is neither.
    init?(_ form: [Parameter]) throws(TwilioProblem) {
        if let target = try form.target("Url", "Method", code: 21205) {
            self = .url(target)
        } else if let twiml = form["Twiml"] {
            guard twiml.unicodeScalars.count <= 4000 else {
                throw TwilioProblem(32018, "The Twiml parameter is too long: at most 4000 characters are allowed")
            }
            self = .inline(twiml)
        } else if let application = form["ApplicationSid"] {
            throw TwilioProblem(21218, "Invalid ApplicationSid: \(application)")
        } else {
            return nil
        }
    }
}
