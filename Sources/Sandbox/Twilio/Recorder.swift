import FoundationEssentials
import OrderedCollections

/// `Record=true`: the recording and its callbacks. <https://www.twilio.com/docs/voice/api/recording>
struct Recorder: Sendable {
    let life: CallLife

    /// Begins when the call is answered.
    func begin() {
        report("in-progress")
    }

    /// Ends with the call; the recording is ready a moment later.
    func finish() async {
        guard let call = life.call, call.order.recording?.callback != nil, call.answered != nil else { return }
        try? await ContinuousClock().sleep(for: life.core.pace.scaled(.milliseconds(500)))
        report("completed")
    }

    private func report(_ status: String) {
        guard let call = life.call, let recording = call.order.recording,
            let target = recording.callback, recording.events.contains(status)
        else { return }
        var parameters = [
            Parameter("AccountSid", call.accountSid), Parameter("CallSid", call.sid),
            Parameter("RecordingSid", recording.sid), Parameter("RecordingStatus", status),
            Parameter("RecordingChannels", "\(recording.channels)"), Parameter("RecordingTrack", recording.track),
            Parameter("RecordingSource", "OutboundAPI"), Parameter("ErrorCode", "0"),
            Parameter("RecordingStartTime", VendorTime.rfc2822(call.answered ?? call.updated)),
        ]
        if status == "completed" {
            parameters += [
                Parameter("RecordingUrl", recording.url(call)),
                Parameter("RecordingDuration", "\(call.durationSeconds ?? 0)"),
            ]
        }
        life.post(TwilioWebhook(kind: "recording", callSid: call.sid, target: target, parameters: parameters))
    }
}

extension CallOrder.Recording {
    /// Without extension, as Twilio gives it. There is nothing to fetch there: nobody was recorded.
    func url(_ call: PhoneCall) -> String {
        "https://api.twilio.com/2010-04-01/Accounts/\(call.accountSid)/Recordings/\(sid)"
    }
}
