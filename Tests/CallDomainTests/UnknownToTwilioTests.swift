import CallDomain
import Testing

@Suite struct `A call that Twilio no longer knows` {
    private static let lost = Sample.event(12, .unknownToTwilio(Sample.sid, code: 20404))

    @Test func `is completed if it was answered, whatever came first`() {
        let answered = Sample.status(.inProgress, 2, at: 3)
        for events in [[Self.lost, answered], [answered, Self.lost]] {
            let history = Sample.history(of: events)
            #expect(history.folded.status == .completed)
            #expect(history.folded.endedAt == Sample.at(12))
            #expect(history.folded.error?.code == "20404")
            #expect(history.timeline.last?.status == .completed)
            #expect(history.timeline.last?.type == "call.completed")
            #expect(history.timeline.last?.detail?.hasPrefix("20404: ") == true)
        }
    }

    @Test func `is canceled if nobody answered`() {
        let history = Sample.history(of: [Sample.status(.ringing, 1, at: 1), Self.lost])
        #expect(history.folded.status == .canceled)
        #expect(history.timeline.last?.type == "call.canceled")
        #expect(history.timeline.last?.source == .twilio)
    }

    @Test func `was answered if its media stream started, or the agent met somebody`() {
        let stream = StreamReport(
            callSid: Sample.sid,
            streamSid: StreamSid("MZ" + String(repeating: "0c", count: 16))!,
            event: .started,
            error: nil,
            timestamp: nil
        )
        for proof in [Sample.event(4, .streamReported(stream)), Sample.conversation(.joined, at: 3)] {
            #expect(Sample.history(of: [Self.lost, proof]).folded.status == .completed)
        }
    }

    @Test(arguments: [CallStatus.busy, .noAnswer, .failed, .canceled, .completed])
    func `ends as Twilio says, once Twilio says so`(status: CallStatus) {
        for events in [[Self.lost, Sample.status(status, 3, at: 10)], [Sample.status(status, 3, at: 10), Self.lost]] {
            let history = Sample.history(of: [Sample.status(.inProgress, 2, at: 3)] + events)
            #expect(history.folded.status == status)
            #expect(history.folded.endedAt == Sample.at(10))
            #expect(history.folded.error?.code != "20404")
            #expect(history.timeline.contains { $0.type == "hang_up.unknown_call" && $0.status == nil })
        }
    }
}

@Suite struct `A number in a vendor's spelling` {
    private static let number = PhoneNumber("+12125550187")!

    @Test(arguments: [
        "+12125550187", "0012125550187", "12125550187", "+1 212 555 0187", "+1-212-555-0187", "+1 (212) 555-0187",
        "00 1 212.555.0187", "\u{A0}+1\u{A0}212\u{2011}555\u{2013}0187 ", "+1/212/5550187",
    ])
    func `is the same number`(spelling: String) {
        #expect(Self.number.isSpelled(as: spelling))
    }

    @Test(arguments: ["+5215512345678", "005215512345678", "+52 1 55 1234 5678", "+525512345678"])
    func `that its country has given up is the same number`(spelling: String) throws {
        for own in ["+525512345678", "+5215512345678"] {
            #expect(try #require(PhoneNumber(own)).isSpelled(as: spelling))
            #expect(try #require(PhoneNumber(own)).isSpelled(as: spelling.dropLast() + "9") == false)
        }
    }

    @Test(arguments: [
        "", "+", "+12125550188", "0012125550188", "+0012125550187", "0112125550187", "12125550187x", "++12125550187",
        "1+2125550187", "client:12125550187", "+１２１２５５５０１８７", "+121255501870", "2125550187",
    ])
    func `is another one, or none`(spelling: String) {
        #expect(!Self.number.isSpelled(as: spelling))
    }
}
