import CallDomain
import TestSupport
import Testing

@Suite struct `The story of a call` {
    private func at(_ seconds: Double) -> Timestamp {
        Timestamp(milliseconds: Sample.at(0).milliseconds + Int64(seconds * 1000))
    }

    private func event(_ seconds: Double, _ fact: CallFact) -> CallEvent {
        CallEvent(callID: Sample.id, receivedAt: at(seconds), fact: fact)
    }

    private func status(_ status: CallStatus, _ sequence: Int, at second: Int64, receivedAt: Double) -> CallEvent {
        event(receivedAt, Sample.status(status, sequence, at: second).fact)
    }

    /// The timeline, which must be the same in whatever order the events come.
    private func timeline(_ events: [CallEvent]) -> [TimelineEntry] {
        let timeline = Sample.history(of: events).timeline
        #expect(Sample.history(of: events.reversed()).timeline == timeline)
        return timeline
    }

    /// Accepted at 5.3 s, in the same second in which Twilio lets it ring.
    private var begun: [CallEvent] {
        [
            event(5.3, .ordered(Sample.order)), event(5.31, .dialing),
            event(5.6, .callCreated(TwilioCall(callSid: Sample.sid, status: .queued))),
            status(.initiated, 0, at: 5, receivedAt: 5.8), status(.ringing, 1, at: 5, receivedAt: 5.9),
        ]
    }

    @Test func `has no time before the call was created, where Twilio's seconds are coarser than ours`() {
        let history = Sample.history(of: begun)
        #expect(history.folded.createdAt == at(5.3))
        #expect(history.folded.ringingAt == at(5.6))
        #expect(timeline(begun).map(\.at) == [5.3, 5.31, 5.6, 5.6, 5.6].map(at))
        // Without Twilio's answer, which came after the ringing.
        let thin = begun.filter { $0.fact.callSid == nil || $0.fact.status == .ringing }
        #expect(Sample.history(of: thin).folded.ringingAt == at(5.31))
    }

    @Test func `has no time before the call was created, where a vendor's clock is behind ours`() {
        for behind in [1, 3, 60] as [Int64] {
            let call = Sample.history(of: [
                Sample.event(100, .ordered(Sample.order)), Sample.status(.ringing, 1, at: 100 - behind),
                Sample.status(.inProgress, 2, at: 100 - behind), Sample.status(.completed, 3, at: 100 - behind),
            ]).folded
            #expect(call.createdAt == Sample.at(100))
            #expect(Set([call.ringingAt, call.answeredAt, call.endedAt]) == [call.createdAt])
        }
    }

    @Test func `is in one order of times and of statuses`() {
        let whole =
            begun + [
                status(.inProgress, 2, at: 9, receivedAt: 9.4),
                event(
                    9.2,
                    .voiceRequested(VoiceRequest(callSid: Sample.sid, status: .inProgress, parties: CallParties()))
                ),
                event(20.5, .hangUpRequested), event(20.7, .lookedUp(ended(at: 20))),
                status(.completed, 3, at: 20, receivedAt: 21),
            ]
        let told = timeline(whole)
        #expect(
            told.map(\.type) == [
                "call.pending", "call.unknown", "call.queued", "call.initiated", "call.ringing", "call.answered",
                "twiml.requested", "hang_up.requested", "call.completed",
            ]
        )
        #expect(told.map(\.at) == told.map(\.at).sorted())
        let call = Sample.history(of: whole).folded
        let statuses = [CallStatus.ringing, .inProgress, .completed]
        let times = statuses.map { status in told.first { $0.status == status }?.at }
        #expect([call.ringingAt, call.answeredAt, call.endedAt] == times)
    }

    private func ended(at second: Int64) -> TwilioCall {
        TwilioCall(callSid: Sample.sid, status: .completed, endedAt: Sample.at(second))
    }

    @Test func `tells an end once that Twilio's answer to a hang-up and its callback both prove`() {
        let answer = event(20.7, .lookedUp(ended(at: 20)))
        let callback = status(.completed, 3, at: 20, receivedAt: 21)
        #expect(timeline([answer]).map(\.source) == [.lookup])
        #expect(timeline([answer, callback]).map(\.source) == [.twilio])
        #expect(timeline([answer, callback, Sample.status(.completed, nil, at: 22)]).count == 1)
        // Ends that contradict each other are both told.
        #expect(Set(timeline([answer, Sample.status(.busy, 3, at: 20)]).map(\.status)) == [.busy, .completed])
    }

    @Test func `dates a status by the first proof of it, whichever of them is told`() {
        let seen = event(4.2, .lookedUp(TwilioCall(callSid: Sample.sid, status: .ringing)))
        let reported = status(.ringing, 1, at: 3, receivedAt: 6)
        for events in [[seen, reported], [reported, seen]] {
            let told = timeline(events)
            #expect(told.map(\.source) == [.twilio])
            #expect(told.map(\.at) == [Sample.at(3)])
            #expect(Sample.history(of: events).folded.ringingAt == Sample.at(3))
        }
    }

    @Test func `is the same for random sets of events in any order, and agrees with the call`() {
        var generator = SeededGenerator(seed: 22)
        for round in 0..<500 {
            let count = Int.random(in: 1...20, using: &generator)
            let events = (0..<count).map { _ in Sample.pool.randomElement(using: &generator)! }
            let history = Sample.history(of: events)
            let (call, told) = (history.folded, history.timeline)
            #expect(Sample.history(of: events.shuffled(using: &generator)).timeline == told, "round \(round)")
            let ranks = told.compactMap(\.status?.rank)
            #expect(ranks == ranks.sorted(), "round \(round)")
            for (index, entry) in told.enumerated() where entry.status == nil {
                #expect(told[..<index].allSatisfy { $0.status == nil || $0.at <= entry.at }, "round \(round)")
            }
            for time in [call.ringingAt, call.answeredAt, call.endedAt] {
                #expect(time.map { $0 >= call.createdAt } ?? true, "round \(round)")
                #expect(time.map { time in told.contains { $0.at == time } } ?? true, "round \(round)")
            }
        }
    }
}
