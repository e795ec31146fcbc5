import CallDomain
import TestSupport
import Testing

/// What becomes known of a call, and what that is told as.
private struct NewsRow: CustomTestStringConvertible {
    let name: String
    let known: [CallEvent]
    let told: [CallEvent]
    let news: [CallNews]
    var hasEnded = false

    var testDescription: String { name }

    var change: CallChange {
        CallChange(
            before: known.isEmpty ? nil : Sample.history(of: known).folded,
            after: Sample.history(of: known + told).folded
        )
    }
}

private let ordered = [Sample.event(0, .ordered(Sample.order))]
private let dialing = ordered + [Sample.event(0, .dialing)]
private let queued = dialing + [Sample.event(0, .callCreated(TwilioCall(callSid: Sample.sid, status: .queued)))]
private let ringing = queued + [Sample.status(.ringing, 1, at: 1)]
private let answered = ringing + [Sample.status(.inProgress, 2, at: 3)]
private let completed = answered + [Sample.status(.completed, 3, at: 10, duration: 7)]
private let talking = answered + [Sample.conversation(.joined, at: 3)]

private func answeredBy(_ word: String) -> CallEvent {
    Sample.event(4, .machineDetected(MachineDetectionReport(callSid: Sample.sid, answeredBy: word, duration: nil)))
}

private let doubt = Sample.event(
    0,
    .dialUnclear(CallError(source: .twilio, code: "no_answer", message: "the connection broke"))
)

private let rows = [
    NewsRow(name: "an order", known: [], told: ordered, news: [.pending]),
    NewsRow(name: "a request to dial", known: ordered, told: [Sample.event(0, .dialing)], news: []),
    NewsRow(name: "a request to dial whose answer was lost", known: dialing, told: [doubt], news: [.unknown]),
    NewsRow(
        name: "no proof in time",
        known: dialing + [doubt],
        told: [Sample.event(20, .unconfirmed)],
        news: [.unconfirmed]
    ),
    NewsRow(name: "Twilio's answer", known: dialing, told: [queued[2]], news: [.queued]),
    NewsRow(name: "initiated", known: queued, told: [Sample.status(.initiated, 0, at: 0)], news: [.initiated]),
    NewsRow(name: "ringing", known: queued, told: [ringing[3]], news: [.ringing]),
    NewsRow(name: "an answer", known: ringing, told: [answered[4]], news: [.answered]),
    NewsRow(name: "a machine", known: answered, told: [answeredBy("machine_start")], news: [.machineDetected]),
    NewsRow(name: "a fax", known: answered, told: [answeredBy("fax")], news: [.machineDetected]),
    NewsRow(name: "a human", known: answered, told: [answeredBy("human")], news: [.updated]),
    NewsRow(name: "a stream", known: answered, told: [Sample.stream(.started, at: 3)], news: [.streamStarted]),
    NewsRow(
        name: "the end of a stream",
        known: answered + [Sample.stream(.started, at: 3)],
        told: [Sample.stream(.stopped, at: 9)],
        news: [.streamStopped]
    ),
    NewsRow(name: "a broken stream", known: answered, told: [Sample.stream(.error, at: 9)], news: [.streamError]),
    NewsRow(name: "an agent", known: answered, told: [Sample.conversation(.joined, at: 3)], news: [.agentJoined]),
    NewsRow(
        name: "an agent that leaves",
        known: talking,
        told: [Sample.conversation(.ended, at: 9)],
        news: [.agentLeft]
    ),
    NewsRow(
        name: "an agent of whom only the end is told",
        known: answered,
        told: [Sample.conversation(.ended, at: 9)],
        news: [.agentJoined, .agentLeft]
    ),
    NewsRow(
        name: "the bill",
        known: talking + [Sample.conversation(.ended, at: 9)],
        told: [Sample.conversation(.billed, at: 30)],
        news: [.billed]
    ),
    NewsRow(
        name: "a recording that runs",
        known: answered,
        told: [Sample.recording(.inProgress, at: 3)],
        news: [.updated]
    ),
    NewsRow(
        name: "a recording",
        known: answered,
        told: [Sample.recording(.completed, at: 12)],
        news: [.recordingReady]
    ),
    NewsRow(name: "the end", known: answered, told: [completed[5]], news: [.completed]),
    NewsRow(
        name: "much at once: the status comes first, and the end last",
        known: ringing,
        told: [answered[4], Sample.conversation(.joined, at: 3)],
        news: [.answered, .agentJoined]
    ),
    NewsRow(
        name: "all at once",
        known: [],
        told: answered + [Sample.conversation(.ended, at: 9), completed[5]],
        news: [.agentJoined, .agentLeft, .completed]
    ),
    NewsRow(
        name: "another end",
        known: ringing + [Sample.status(.busy, 3, at: 10)],
        told: [Sample.status(.completed, 4, at: 11)],
        news: [.corrected],
        hasEnded: true
    ),
    NewsRow(
        name: "the length of a call that is over",
        known: completed.dropLast() + [Sample.status(.completed, nil, at: 10)],
        told: [completed[5]],
        news: [.updated],
        hasEnded: true
    ),
    NewsRow(name: "the same again", known: completed, told: [completed[5]], news: [], hasEnded: true),
    NewsRow(name: "a wish to hang up", known: answered, told: [Sample.event(5, .hangUpRequested)], news: []),
    NewsRow(
        name: "a request for a conversation",
        known: ringing,
        told: [Sample.event(2, .agentCallRequested(Sample.agentID))],
        news: []
    ),
]

@Suite struct `A change of a call` {
    @Test(arguments: rows)
    fileprivate func `is told as what a reader sees of it`(row: NewsRow) {
        #expect(row.change.news(hasEnded: row.hasEnded) == row.news)
    }

    @Test func `by which it leaves is not told`() {
        #expect(CallChange(before: Sample.history(of: completed).folded, after: nil).news(hasEnded: true) == [])
    }

    @Test(
        arguments: zip(
            [CallStatus.completed, .busy, .noAnswer, .failed, .canceled],
            [CallNews.completed, .busy, .noAnswer, .failed, .canceled]
        )
    )
    func `is an end of its own kind`(status: CallStatus, news: CallNews) {
        let row = NewsRow(name: "", known: ringing, told: [Sample.status(status, 3, at: 10)], news: [news])
        #expect(row.change.news(hasEnded: false) == row.news)
        #expect(CallNews.allCases.filter(\.isTerminal).contains(news))
    }

    @Test func `tells one end of each call, in whatever order its events come`() {
        var generator = SeededGenerator(seed: 41)
        for round in 0..<500 {
            let events = Sample.pool.shuffled(using: &generator).prefix(Int.random(in: 1...20, using: &generator))
            var (history, told, wasOver) = (CallHistory(id: Sample.id), [CallNews](), false)
            for event in events {
                let before = history.events.isEmpty ? nil : history.folded
                history.merge(event)
                let hasEnded = told.contains(where: \.isTerminal)
                told += CallChange(before: before, after: history.folded).news(hasEnded: hasEnded)
                wasOver = wasOver || history.folded.status.isTerminal
            }
            #expect(told.count(where: \.isTerminal) == (wasOver ? 1 : 0), "round \(round)")
        }
    }

    @Test func `has a word of its own, which is read as it is written`() {
        for news in CallNews.allCases { #expect(CallNews(type: news.type) == news) }
        #expect(Set(CallNews.allCases.map(\.type)).count == CallNews.allCases.count)
        #expect(CallNews(type: "call.exploded") == nil)
    }
}
