/// Answering-machine detection. <https://www.twilio.com/docs/voice/answering-machine-detection>
struct AnsweringMachine: Sendable {
    let life: CallLife

    /// How long the verdict takes.
    func delay(_ detection: CallOrder.Detection) -> Duration {
        guard life.scenario.isMachine else { return .milliseconds(1100) }
        return detection.waitsForEnd ? .milliseconds(2600) : .milliseconds(1400)
    }

    /// Writes the verdict into the record; false when the call is over.
    @discardableResult
    func record(_ detection: CallOrder.Detection) -> Bool {
        let verdict = verdict(detection)
        return life.change { call in
            call.answeredBy = verdict
            return !call.status.isFinal
        }
    }

    /// The asynchronous kind: the verdict comes while the TwiML runs already.
    func decide(_ detection: CallOrder.Detection) async {
        let delay = delay(detection)
        try? await ContinuousClock().sleep(for: life.core.pace.scaled(delay))
        guard !Task.isCancelled, record(detection), let call = life.call else { return }
        guard let callback = detection.callback else {
            return life.alert(21262, "AsyncAmd without AsyncAmdStatusCallback: the result is in the call only")
        }
        let parameters = [
            Parameter("CallSid", call.sid), Parameter("AccountSid", call.accountSid),
            Parameter("AnsweredBy", verdict(detection)),
            Parameter("MachineDetectionDuration", "\(Int(delay / .milliseconds(1)))"),
        ]
        life.post(TwilioWebhook(kind: "amd", callSid: call.sid, target: callback, parameters: parameters))
    }

    private func verdict(_ detection: CallOrder.Detection) -> String {
        guard life.scenario.isMachine else { return "human" }
        return detection.waitsForEnd ? "machine_end_beep" : "machine_start"
    }
}
