import CallDomain
import TestSupport
import Testing

@Suite struct `A call is a fold over the set of its events` {
    @Test func `no telling of an event takes back that somebody joined`() {
        var joined = ConversationReport(ultravoxCallID: Sample.ultravoxCallID, event: .joined, callID: Sample.id)
        joined.joinedAt = Sample.at(3)
        var longer = joined
        longer.joinedAt = nil
        longer.endReason = "hangup"
        longer.summary = "A reminder was given."
        let queued = Sample.event(1, .callCreated(TwilioCall(callSid: Sample.sid, status: .queued)))
        let events = [
            queued, Sample.event(4, .conversationReported(joined)), Sample.event(5, .conversationReported(longer)),
        ]
        for order in permutations(of: events) { #expect(Sample.history(of: order).folded.status == .inProgress) }
    }

    @Test func `every order of a life with every event twice gives one call`() {
        let doubled = permutations(of: Array(Sample.life.indices))
        let expected = Sample.history(of: Sample.life)
        #expect(doubled.count == 120)
        #expect(expected.folded.status == .completed)
        #expect(expected.folded.duration == 7)
        for order in doubled {
            for again in doubled where again[0] == order[4] {
                let history = Sample.history(of: (order + again).map { Sample.life[$0] })
                #expect(history == expected)
                #expect(history.folded == expected.folded)
                #expect(history.timeline == expected.timeline)
            }
        }
    }

    @Test func `random histories merged in random splits and orders agree`() {
        var generator = SeededGenerator(seed: 2026)
        for round in 0..<2000 {
            let count = Int.random(in: 1...20, using: &generator)
            let events = (0..<count).map { _ in Sample.pool.randomElement(using: &generator)! }
            let straight = Sample.history(of: events)
            var replicas = (0..<3).map { _ in CallHistory(id: Sample.id) }
            for event in (events + events.filter { _ in Bool.random(using: &generator) }).shuffled(using: &generator) {
                replicas[Int.random(in: 0..<3, using: &generator)].merge(event)
            }
            replicas.shuffle(using: &generator)
            var joined = replicas[0]
            for replica in replicas.dropFirst() { joined.merge(replica) }
            joined.merge(replicas[1])
            #expect(joined == straight, "round \(round)")
            #expect(joined.folded == straight.folded, "round \(round)")
            #expect(joined.timeline == straight.timeline, "round \(round)")
        }
    }

    @Test func `a status never falls while events arrive, and a terminal one stays terminal`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            var history = CallHistory(id: Sample.id)
            var rank = 0
            for event in Sample.pool.shuffled(using: &generator) {
                history.merge(event)
                let status = history.folded.status
                #expect(status.rank >= rank)
                rank = status.rank
            }
            // By the highest SequenceNumber of its ends, whatever came first.
            #expect(history.folded.status == .canceled)
        }
    }

    @Test func `of two spellings of one text the same one stays whichever came first`() {
        let (composed, decomposed) = (Sample.failure("caf\u{E9}"), Sample.failure("cafe\u{301}"))
        let messages = [[composed, decomposed], [decomposed, composed]].map { events in
            Sample.history(of: events).folded.error.map { Array($0.message.utf8) }
        }
        #expect(messages[0] != nil && messages[0] == messages[1])
    }

    @Test func `an event that was merged before tells nothing`() {
        var history = Sample.history(of: Sample.life)
        for event in Sample.life {
            let toldSomething = history.merge(event)
            #expect(!toldSomething)
        }
        let late = Sample.status(.ringing, 1, at: 1, receivedAt: 900)
        let toldSomething = history.merge(late)
        #expect(!toldSomething)
        #expect(history == Sample.history(of: Sample.life))
    }
}

@Suite struct `The state of a call` {
    private func call(_ events: CallEvent...) -> Call { Sample.history(of: events).folded }

    @Test func `conflicting ends settle by the highest sequence number`() {
        #expect(call(Sample.status(.completed, 3, at: 9), Sample.status(.canceled, 4, at: 9)).status == .canceled)
        #expect(call(Sample.status(.busy, 4, at: 9), Sample.status(.completed, 3, at: 9)).status == .busy)
    }

    @Test func `an end without a sequence number ranks below one that has it`() {
        #expect(call(Sample.status(.completed, nil, at: 9), Sample.status(.noAnswer, 2, at: 9)).status == .noAnswer)
    }

    @Test(arguments: [
        (CallStatus.completed, CallStatus.canceled), (.canceled, .failed), (.failed, .busy), (.busy, .noAnswer),
    ])
    func `ends of one rank settle by a fixed order`(stronger: CallStatus, weaker: CallStatus) {
        #expect(call(Sample.status(stronger, 3, at: 9), Sample.status(weaker, 3, at: 9)).status == stronger)
    }

    @Test func `a late report of an earlier phase changes neither status nor duration`() {
        let ended = call(Sample.status(.completed, 3, at: 10, duration: 7), Sample.status(.inProgress, 2, at: 3))
        #expect(ended.status == .completed)
        #expect(ended.duration == 7)
        #expect(ended.answeredAt == Sample.at(3))
        #expect(ended.endedAt == Sample.at(10))
    }

    @Test func `what happened earliest counts, by the vendor's clock`() {
        let answered = call(
            Sample.event(5, .voiceRequested(VoiceRequest(callSid: Sample.sid, status: .inProgress, parties: .init()))),
            Sample.status(.inProgress, 2, at: 3, receivedAt: 8)
        )
        #expect(answered.answeredAt == Sample.at(3))
    }

    @Test func `an unclear dial is unknown until anything of Twilio's proves the call`() {
        let lost = CallError(source: .twilio, code: "no_answer", message: "the connection broke")
        let unclear = [
            Sample.event(0, .ordered(Sample.order)), Sample.event(1, .dialing), Sample.event(2, .dialUnclear(lost)),
        ]
        #expect(Sample.history(of: unclear).folded.status == .unknown)
        #expect(Sample.history(of: unclear).folded.error == lost)
        let parked = Sample.history(of: unclear + [Sample.event(900, .unconfirmed)]).folded
        #expect(parked.status == .unconfirmed)
        let proven = Sample.history(of: unclear + [Sample.event(900, .unconfirmed), Sample.status(.ringing, 1, at: 4)])
        #expect(proven.folded.status == .ringing)
        #expect(proven.folded.callSid == Sample.sid)
        #expect(proven.folded.error == nil)
    }

    @Test func `a refused order is failed with the vendor's reason`() {
        let refusal = CallError(source: .twilio, code: "21216", message: "not allowed")
        let refused = call(
            Sample.event(0, .ordered(Sample.order)),
            Sample.event(1, .dialing),
            Sample.event(2, .dialRefused(refusal))
        )
        #expect(refused.status == .failed)
        #expect(refused.error == refusal)
        #expect(refused.endedAt == Sample.at(2))
    }

    @Test func `a verdict beats unknown whichever comes first`() {
        func verdict(_ word: String, _ second: Int64) -> CallEvent {
            Sample.event(
                second,
                .machineDetected(MachineDetectionReport(callSid: Sample.sid, answeredBy: word, duration: nil))
            )
        }
        #expect(call(verdict("unknown", 1), verdict("human", 2)).answeredBy == "human")
        #expect(call(verdict("human", 1), verdict("unknown", 2)).answeredBy == "human")
        #expect(call(verdict("machine_start", 1)).isMachine == true)
        #expect(call(verdict("human", 1)).isMachine == false)
        #expect(call(verdict("unknown", 1)).isMachine == nil)
    }

    @Test func `the conversation tells what both sides of it reported`() {
        let ended = call(
            Sample.conversation(.billed, at: 30),
            Sample.conversation(.joined, at: 3),
            Sample.conversation(.ended, at: 9)
        )
        #expect(ended.conversation?.joinedAt == Sample.at(3))
        #expect(ended.conversation?.endReason == "hangup")
        #expect(ended.conversation?.billedDuration == 12)
        #expect(ended.ultravoxCallID == Sample.ultravoxCallID)
    }

    @Test func `a call without an order takes its parties from Twilio`() {
        let adopted = call(Sample.status(.ringing, 1, at: 1))
        #expect(adopted.phoneNumber == "+12125550187")
        #expect(adopted.from == "+12025550143")
        #expect(adopted.to == "+12125550187")
        #expect(adopted.agentID == nil)
        #expect(adopted.createdAt == Sample.at(1))
    }

    @Test func `an inbound call names the caller, the called number, and the caller as the other party`() {
        let parties = CallParties(from: "anonymous", to: "+12025550143", direction: .inbound)
        let request = VoiceRequest(callSid: Sample.sid, status: .ringing, parties: parties)
        let inbound = call(Sample.event(1, .voiceRequested(request)))
        #expect((inbound.from, inbound.to) == ("anonymous", "+12025550143"))
        #expect(inbound.phoneNumber == "anonymous")
    }

    @Test func `an ordered call names its parties before Twilio does`() {
        let ordered = call(Sample.event(0, .ordered(Sample.order)))
        #expect((ordered.from, ordered.to) == ("+12025550143", "+12125550187"))
        #expect(ordered.phoneNumber == "+12125550187")
    }
}

@Suite struct `A timeline` {
    @Test func `is ordered by rank even where Twilio's seconds are coarser than ours`() {
        let created = Sample.event(5, .callCreated(TwilioCall(callSid: Sample.sid, status: .queued)))
        let history = Sample.history(of: [
            Sample.event(4, .ordered(Sample.order)), Sample.event(4, .dialing), created,
            Sample.status(.ringing, 1, at: 3), Sample.status(.inProgress, 2, at: 6),
        ])
        #expect(history.timeline.compactMap(\.status) == [.pending, .unknown, .queued, .ringing, .inProgress])
    }

    @Test func `tells what happened in one instant in the order of a call's life`() {
        let events = [
            Sample.conversation(.joined, at: 3), Sample.stream(.started, at: 3), Sample.recording(.inProgress, at: 3),
            Sample.conversation(.ended, at: 9), Sample.stream(.stopped, at: 9), Sample.status(.inProgress, 2, at: 3),
            Sample.status(.completed, 3, at: 9),
        ]
        let expected = [
            "call.answered", "call.stream_started", "call.agent_joined", "call.recording_started", "call.agent_left",
            "call.stream_stopped", "call.completed",
        ]
        for order in permutations(of: events) {
            #expect(Sample.history(of: order).timeline.map(\.type) == expected)
        }
    }

    @Test func `dates a recording's end by when we heard of it, not by its start`() throws {
        let events = [
            Sample.recording(.completed, at: 12), Sample.recording(.inProgress, at: 4),
            Sample.status(.inProgress, 2, at: 3), Sample.status(.completed, 3, at: 10),
        ]
        let timeline = Sample.history(of: events).timeline
        #expect(
            timeline.map(\.type) == [
                "call.answered", "call.recording_started", "call.completed", "call.recording_ready",
            ]
        )
        #expect(timeline.map(\.at) == [3, 3, 10, 12].map(Sample.at))
    }

    @Test func `puts what proves no status before the first proof that happened later`() {
        let history = Sample.history(of: Sample.life)
        #expect(
            history.timeline.map(\.type) == [
                "call.ringing", "call.answered", "call.agent_joined", "call.agent_left", "call.completed",
            ]
        )
    }
}
