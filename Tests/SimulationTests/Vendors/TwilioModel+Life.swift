import CallDomain
import CallFlow

/// Takes the vendors' webhooks in.
protocol WebhookReceiver: Sendable {
    /// `acknowledged` runs if the gateway takes the message.
    func receive(_ fact: CallFact, claimed: CallID?, acknowledged: @escaping @Sendable () -> Void)
    /// `answer` gets `nil` where the gateway does not answer.
    func receive(_ request: VoiceRequest, claimed: CallID?, answer: @escaping @Sendable (VoiceAnswer?) -> Void)
}

/// The life of a phone call at Twilio.
extension TwilioModel {
    func fate(ringingAtMost ringTimeout: Duration) -> Fate {
        switch bits.below(10) {
        case 0: .busy(after: bits.duration(500...3000))
        case 1: .noAnswer
        case 2: .failed(after: bits.duration(100...2000))
        default:
            .answered(
                after: .milliseconds(Int64(bits.below(Int(ringTimeout.milliseconds)))),
                by: bits.element(["human", "machine_start", "unknown", "fax"]),
                talk: bits.duration(1000...90_000),
                agentEnds: bits.chance(50)
            )
        }
    }

    /// Somebody calls us.
    func callIn(from caller: String, to called: String) {
        let call = PhoneCall(
            sid: CallSid.drawn(bits),
            callID: nil,
            from: caller,
            to: called,
            direction: .inbound,
            machineDetection: .off,
            record: false,
            ringTimeout: .seconds(30),
            timeLimit: .seconds(14_400),
            createdAt: world.time.trueTime
        )
        state.value.calls[call.sid] = call
        state.value.order.append(call.sid)
        chronicle.note("twilio", "\(caller) calls in: \(call.sid.text)")
        state.value.calls[call.sid]?.status = .ringing
        requestVoice(call.sid, talk: bits.duration(1000...60_000), agentEnds: bits.chance(50))
    }

    func begin(_ call: PhoneCall, _ fate: Fate) {
        let sid = call.sid
        state.value.calls[sid] = call
        state.value.order.append(sid)
        chronicle.note("twilio", "placed \(sid.text) for \(call.callID?.text ?? "nobody")")
        let initiated = bits.duration(10...400)
        let ringing = initiated + bits.duration(50...1500)
        world.after(initiated) { [self] in reach(sid, .initiated) }
        if case .failed(let after) = fate {
            world.after(initiated + after) { [self] in finish(sid, .failed, error: "32005") }
            return
        }
        world.after(ringing) { [self] in reach(sid, .ringing) }
        switch fate {
        case .failed: break
        case .busy(let after): world.after(ringing + after) { [self] in finish(sid, .busy) }
        case .noAnswer:
            world.after(ringing + call.ringTimeout + bits.duration(0...5000)) { [self] in finish(sid, .noAnswer) }
        case .answered(let after, let by, let talk, let agentEnds):
            world.after(ringing + after) { [self] in answer(sid, by, talk, agentEnds) }
        }
    }

    private func reach(_ sid: CallSid, _ status: CallStatus) {
        guard let call = state.value.calls[sid], !call.status.isTerminal else { return }
        state.value.calls[sid]?.status = status
        reportStatus(sid)
    }

    private func answer(_ sid: CallSid, _ by: String, _ talk: Duration, _ agentEnds: Bool) {
        guard let call = state.value.calls[sid], !call.status.isTerminal else { return }
        state.value.calls[sid]?.answeredAt = world.time.trueTime
        reach(sid, .inProgress)
        world.after(call.timeLimit) { [self] in finish(sid, .completed) }
        requestVoice(sid, talk: talk, agentEnds: agentEnds)
        if call.machineDetection != .off {
            let taken = bits.duration(1500...5000)
            world.after(taken) { [self] in
                guard state.value.calls[sid]?.status == .inProgress else { return }
                let report = MachineDetectionReport(callSid: sid, answeredBy: by, duration: taken)
                send("amd", sid, .machineDetected(report))
            }
        }
        if call.record {
            let recording = RecordingSid.drawn(bits)
            recordingReport(sid, recording, .inProgress, startedAt: world.time.trueTime)
        }
    }

    private func recordingReport(
        _ sid: CallSid,
        _ recording: RecordingSid,
        _ status: RecordingReport.Status,
        startedAt: Timestamp
    ) {
        let report = RecordingReport(
            callSid: sid,
            recordingSid: recording,
            status: status,
            url: status == .completed ? "https://api.twilio.com/recordings/\(recording.text)" : nil,
            duration: status == .completed ? 5 : nil,
            startedAt: startedAt
        )
        send("recording", sid, .recordingReported(report))
        guard status == .inProgress else { return }
        waitForEnd(sid) { [self] in
            world.after(bits.duration(500...5000)) { [self] in
                recordingReport(sid, recording, bits.chance(80) ? .completed : .failed, startedAt: startedAt)
            }
        }
    }

    private func waitForEnd(_ sid: CallSid, _ then: @escaping @Sendable () -> Void) {
        if state.value.calls[sid]?.status.isTerminal != false { return then() }
        world.after(.seconds(1)) { [self] in waitForEnd(sid, then) }
    }

    /// Asks for TwiML, waits for 15 s, and asks the fallback then.
    private func requestVoice(_ sid: CallSid, talk: Duration, agentEnds: Bool) {
        guard let call = state.value.calls[sid], let gateway = state.value.gateway else { return }
        let request = VoiceRequest(callSid: sid, status: call.status, parties: call.parties)
        courier.send("voice", sid.text) { [self] in
            gateway.receive(request, claimed: call.callID) { [self] answer in
                guard let answer else { return }
                state.value.calls[sid]?.isTold = true
                follow(answer, sid, talk: talk, agentEnds: agentEnds)
            }
        }
        world.after(.seconds(15)) { [self] in
            guard let call = state.value.calls[sid], !call.hasTwiML, !call.status.isTerminal else { return }
            state.value.calls[sid]?.hasTwiML = true
            send(
                "fallback",
                sid,
                .fallbackRequested(FallbackRequest(callSid: sid, parties: call.parties, errorCode: "11200"))
            )
            world.after(bits.duration(100...2000)) { [self] in finish(sid, .completed) }
        }
    }

    private func follow(_ answer: VoiceAnswer, _ sid: CallSid, talk: Duration, agentEnds: Bool) {
        guard let call = state.value.calls[sid], !call.hasTwiML, !call.status.isTerminal else { return }
        state.value.calls[sid]?.hasTwiML = true
        if call.direction == .inbound, answer != .reject {
            state.value.calls[sid]?.answeredAt = world.time.trueTime
            reach(sid, .inProgress)
        }
        chronicle.hit("voice \(answer.word)")
        switch answer {
        case .reject: finish(sid, .busy)
        case .unavailable, .hangUp: world.after(bits.duration(50...3000)) { [self] in finish(sid, .completed) }
        case .connect(let url, let id):
            if let own = call.callID, own != id {
                chronicle.violate(.oneConversation, "\(sid.text) of \(own.text) got a document for \(id.text)")
            }
            world.after(bits.duration(50...700)) { [self] in
                stream(sid, url, for: id, talk: talk, agentEnds: agentEnds)
            }
        }
    }

    private func stream(_ sid: CallSid, _ url: JoinURL, for id: CallID, talk: Duration, agentEnds: Bool) {
        guard let call = state.value.calls[sid], !call.status.isTerminal else { return }
        let streamSid = StreamSid.drawn(bits)
        guard !bits.chance(3), let owner = ultravox.join(url) else {
            chronicle.hit("stream error")
            report(streamSid, of: sid, .error)
            world.after(bits.duration(50...500)) { [self] in finish(sid, .completed) }
            return
        }
        if owner != id {
            chronicle.violate(.oneConversation, "\(sid.text) joined the conversation of \(owner.text), not \(id.text)")
        }
        state.value.calls[sid]?.stream = (streamSid, url)
        chronicle.hit("stream joined")
        report(streamSid, of: sid, .started)
        world.after(talk) { [self] in
            guard state.value.calls[sid]?.status.isTerminal == false else { return }
            if agentEnds { ultravox.leave(url, byAgent: true) }
            finish(sid, .completed)
        }
    }

    private func report(_ streamSid: StreamSid, of sid: CallSid, _ event: StreamReport.Event) {
        let report = StreamReport(
            callSid: sid,
            streamSid: streamSid,
            event: event,
            error: event == .error ? "31920" : nil,
            timestamp: world.time.trueTime
        )
        send("stream", sid, .streamReported(report))
    }

    func finish(_ sid: CallSid, _ status: CallStatus, error: String? = nil) {
        guard let call = state.value.calls[sid], !call.status.isTerminal else { return }
        state.value.calls[sid]?.endedAt = world.time.trueTime
        if let stream = call.stream {
            ultravox.leave(stream.url, byAgent: false)
            report(stream.sid, of: sid, .stopped)
        }
        state.value.calls[sid]?.status = status
        chronicle.note("twilio", "\(sid.text) is \(status.rawValue)")
        reportStatus(sid, error: error)
    }

    private func reportStatus(_ sid: CallSid, error: String? = nil) {
        guard let call = state.value.calls[sid] else { return }
        // Twilio tells whole seconds.
        let second = world.time.trueTime.milliseconds / 1000 * 1000
        let report = StatusReport(
            callSid: sid,
            status: call.status,
            sequenceNumber: call.sequence,
            timestamp: Timestamp(milliseconds: second),
            parties: call.parties,
            duration: call.status.isTerminal ? call.duration : nil,
            sipResponseCode: call.status == .busy ? 486 : nil,
            errorCode: error
        )
        state.value.calls[sid]?.sequence += 1
        send("status", sid, .statusReported(report))
    }

    private func send(_ kind: String, _ sid: CallSid, _ fact: CallFact) {
        guard let call = state.value.calls[sid], let gateway = state.value.gateway else { return }
        courier.send(kind, "\(sid.text) \(fact.status?.rawValue ?? "")") { [self] in
            gateway.receive(fact, claimed: call.callID) { [self] in
                state.value.calls[sid]?.isTold = true
                if fact.status?.isTerminal == true { state.value.calls[sid]?.toldEnd = true }
            }
        }
    }
}

extension VoiceAnswer {
    var word: String {
        switch self {
        case .connect: "connect"
        case .unavailable: "unavailable"
        case .reject: "reject"
        case .hangUp: "hang up"
        }
    }
}
