import CallDomain
import Testing

@testable import CallStorage

@Suite struct `A phone call belongs` {
    private let order = BookRig.id(1)
    private let other = BookRig.id(2)

    /// Two orders that Twilio may have.
    private var dialed: BookRig {
        var rig = BookRig()
        rig.dial(order, to: 1)
        rig.dial(other, to: 2)
        return rig
    }

    private func created(_ sid: Int) -> CallFact {
        .callCreated(TwilioCall(callSid: BookRig.sid(sid), status: .queued))
    }

    private func found(_ sid: Int, _ status: CallStatus = .ringing) -> CallFact {
        .lookedUp(TwilioCall(callSid: BookRig.sid(sid), status: status))
    }

    @Test func `to the call with the stronger claim, then to the smaller id`() {
        let weights: [(Witness, Bool, Int)] = [
            (.lookUp, false, 1), (.signed, true, 2), ([.tied, .lookUp], true, 2), (.answer, false, 3),
            ([.answer, .lookUp], false, 3), (.signed, false, 4), (.tied, false, 4), ([.signed, .tied], false, 4),
            ([.signed, .lookUp], false, 4), ([.answer, .signed], false, 5), (.all, true, 5),
        ]
        for (witness, isDoubtful, weight) in weights {
            #expect(witness.weight(isDoubtful: isDoubtful) == weight)
        }
        for (mine, isDoubtful, weight) in weights {
            for (theirs, isOtherDoubtful, otherWeight) in weights {
                for isFirst in [true, false] {
                    var claims = Claims()
                    let both = [(mine, other), (theirs, order)]
                    var areNew = (isFirst ? both : both.reversed()).map { claims.set($0.0, of: $0.1, to: true) }
                    #expect(claims.setDoubtful(isDoubtful, other) == isDoubtful)
                    #expect(claims.setDoubtful(isOtherDoubtful, order) == isOtherDoubtful)
                    #expect(claims.best == (weight > otherWeight ? other : order))
                    areNew.append(claims.set(mine, of: other, to: true))
                    areNew.append(claims.set(theirs, of: order, to: false))
                    #expect(areNew == [true, true, false, true])
                    #expect(claims.best == other)
                }
            }
        }
    }

    @Test func `to the order that the look-up found for it, until a signed webhook says better`() {
        var rig = dialed
        #expect(rig.write(.noted(order, found(1))).change?.after?.status == .ringing)
        #expect(rig.book.callID(of: BookRig.sid(1)) == order)
        let applied = rig.tell(BookRig.status(.inProgress, of: 1, 2), claiming: other)
        #expect(applied.verdict == .applied)
        #expect(applied.call?.id == other)
        #expect(applied.change?.after?.status == .inProgress)
        #expect(applied.others.map(\.after?.id) == [order])
        #expect(applied.others.map(\.after?.status) == [.unknown])
        #expect(rig.book.callID(of: BookRig.sid(1)) == other)
        #expect(rig.book.call(order)?.callSid == nil)
        // What the look-up said of the phone call stays true of it.
        #expect(rig.book.history(of: other)?.timeline.contains { $0.source == .lookup } == true)
        // The order's own phone call finds it.
        rig.tell(BookRig.status(.completed, of: 2, 3), claiming: order)
        #expect(rig.book.call(order)?.status == .completed)
    }

    @Test
    func `to the order for which Twilio created it, and not to one with another phone call that a signature names`() {
        var rig = dialed
        rig.write(.noted(order, created(1)))
        rig.write(.noted(other, created(2)))
        let before = [rig.book.call(order), rig.book.call(other)]
        let message = BookRig.status(.completed, of: 1, 3)
        for _ in 1...2 {
            let applied = rig.tell(message, claiming: other)
            #expect(applied.verdict == .ignored(.contradiction))
            #expect(applied.change == nil && applied.others.isEmpty)
        }
        #expect([rig.book.call(order), rig.book.call(other)] == before)
        #expect(rig.book.history(of: order)?.timeline.contains { $0.status == .completed } == false)
        // The other order of the two.
        var turned = dialed
        turned.write(.noted(other, created(2)))
        #expect(turned.tell(message, claiming: other).verdict == .ignored(.contradiction))
        turned.write(.noted(order, created(1)))
        #expect([turned.book.call(order), turned.book.call(other)] == before)
    }

    @Test(arguments: [[0, 1], [1, 0]])
    func `to the order that its signed webhooks name, although the answer to another order names it`(steps: [Int]) {
        // Twilio answered 500 to the create that placed it, and named it in the answer to the next create.
        var rig = dialed
        for step in steps {
            if step == 0 {
                rig.tell(BookRig.status(.inProgress, of: 1, 2), claiming: order)
            } else {
                rig.write(.noted(other, created(1)))
            }
        }
        #expect(rig.book.call(order)?.status == .inProgress)
        #expect(rig.book.callID(of: BookRig.sid(1)) == order)
        #expect(rig.book.call(other)?.callSid == nil)
        #expect(rig.book.call(other)?.status == .unknown)
        // The other order's own phone call finds it by its webhooks.
        #expect(rig.tell(BookRig.status(.ringing, of: 2, 1), claiming: other).verdict == .applied)
        #expect(rig.book.callID(of: BookRig.sid(2)) == other)
        #expect(rig.book.call(order)?.callSid == BookRig.sid(1))
    }

    @Test func `to the order that is left when the one with the better claim is retired`() {
        var rig = dialed
        rig.write(.noted(other, created(1)))
        rig.tell(BookRig.status(.ringing, of: 2, 1), claiming: other)
        rig.tell(BookRig.status(.completed, of: 1, 3), claiming: order)
        #expect(rig.book.callID(of: BookRig.sid(1)) == order && rig.book.callID(of: BookRig.sid(2)) == other)
        let retention = Retention(calls: .seconds(60), maximumCalls: .max, numberCooldown: .zero)
        rig.write(.tidied(retention), at: BookRig.at(3000))
        #expect(rig.book.call(order) == nil && rig.book.callID(of: BookRig.sid(1)) == nil)
        #expect(rig.book.call(other)?.callSid == BookRig.sid(2))
        // Nothing of the retired phone call is left, so its signature has its whole weight again.
        #expect(rig.book.entries[other]?.value.legs == [BookRig.sid(2)])
        #expect(rig.book.legs[BookRig.sid(2)]?.value.claims.weight(of: other) == 4)
        #expect(rig.tell(BookRig.status(.completed, of: 1, 3), claiming: other).verdict == .ignored(.gone))
    }

    @Test func `no longer to a call that was retired while another claims its conversation`() {
        var rig = dialed
        let prepared = CallFact.agentCallCreated(
            AgentCall(
                ultravoxCallID: BookRig.talk(1),
                joinURL: JoinURL("wss://voice.ultravox.ai/calls/b1e2c3d4/telephony")!,
                joinDeadline: BookRig.at(60)
            )
        )
        for id in [order, other] { rig.write(.noted(id, prepared)) }
        rig.write(.noted(order, created(1)))
        var report = ConversationReport(ultravoxCallID: BookRig.talk(1), event: .joined, callID: order)
        report.callSid = BookRig.sid(1)
        rig.tell(.conversationReported(report))
        rig.tell(BookRig.status(.completed, of: 1, 3), claiming: order)
        let left = rig.book.call(other)
        let retention = Retention(calls: .seconds(60), maximumCalls: .max, numberCooldown: .zero)
        let applied = rig.write(.tidied(retention), at: BookRig.at(3000))
        #expect(applied.others.map(\.before?.status) == [.completed] && applied.others.map(\.after) == [nil])
        #expect(rig.book.call(order) == nil && rig.book.call(other) == left)
        #expect(rig.book.counts.filter { $0.value != 0 } == [.unknown: 1])
        #expect(rig.book.legs.isEmpty && rig.book.conversations.isEmpty)
        #expect(rig.tell(BookRig.status(.completed, of: 1, 3)).verdict == .ignored(.gone))
    }

    @Test(arguments: [[1, 2], [2, 1]])
    func `to an order of which it is the bytewise smaller of two with equal claims`(sids: [Int]) {
        var rig = dialed
        for sid in sids {
            rig.tell(BookRig.status(.ringing, of: sid, 1), claiming: order)
            rig.tell(BookRig.status(.inProgress, of: sid, 2))
        }
        #expect(rig.book.call(order)?.callSid == BookRig.sid(1))
        #expect(rig.book.callID(of: BookRig.sid(1)) == order)
        // The other one stays a call of its own.
        let derived = CallID(derivedFrom: BookRig.sid(2))
        #expect(rig.book.callID(of: BookRig.sid(2)) == derived)
        #expect(rig.book.call(derived)?.status == .inProgress)
        #expect(rig.tell(BookRig.status(.completed, of: 2, 3), claiming: order).verdict == .ignored(.contradiction))
        #expect(rig.tell(BookRig.status(.completed, of: 2, 3)).call?.id == derived)
        #expect(rig.book.call(order)?.status == .inProgress)
        #expect(rig.page().calls.count == 3)
    }

    @Test func `to nobody else, is known by its CallSid, and turns out to be an order's`() {
        var rig = dialed
        let derived = CallID(derivedFrom: BookRig.sid(1))
        #expect(rig.tell(BookRig.status(.ringing, of: 1, 1)).call?.id == derived)
        rig.write(.noted(derived, .hangUpRequested))
        #expect(rig.page().calls.map(\.id) == [derived, other, order])
        let applied = rig.write(.noted(order, created(1)))
        #expect(applied.change?.after?.status == .ringing)
        #expect(applied.others.map(\.before?.id) == [derived])
        #expect(applied.others.map(\.after) == [nil])
        #expect(rig.page().calls.map(\.id) == [other, order])
        #expect(rig.book.call(derived) == rig.book.call(order))
        #expect(rig.book.history(of: derived) == rig.book.history(of: order))
        #expect(rig.book.callID(of: BookRig.sid(1)) == order)
        #expect(rig.book.counts.values.reduce(0, +) == 2)
        // What was noted of it before counts, and so does what is noted under the old id.
        #expect(rig.book.call(order)?.hangUpRequested == true)
        #expect(rig.write(.noted(derived, found(1, .completed))).change?.after?.id == order)
        #expect(rig.book.call(order)?.status == .completed)
        // A message that has the old id in its URL is about the order, too.
        #expect(rig.tell(BookRig.verdict(of: 1), claiming: derived).call?.id == order)
    }

    @Test func `to an order, and its derived id finds that also where nobody was told of it`() {
        var rig = dialed
        rig.write(.noted(order, created(1)))
        let derived = CallID(derivedFrom: BookRig.sid(1))
        #expect(rig.book.call(derived)?.id == order)
        #expect(rig.book.history(of: derived)?.id == order)
        #expect(rig.book.call(CallID(derivedFrom: BookRig.sid(2))) == nil)
    }

    @Test func `to the order in whose conversation Ultravox names it`() {
        var rig = dialed
        var report = ConversationReport(ultravoxCallID: BookRig.talk(1), event: .joined, callID: order)
        report.callSid = BookRig.sid(1)
        #expect(rig.tell(.conversationReported(report)).verdict == .applied)
        #expect(rig.book.call(order)?.callSid == BookRig.sid(1))
        #expect(rig.book.call(order)?.status == .queued)
        // So a message of Twilio's without our id is about it.
        #expect(rig.tell(BookRig.status(.inProgress, of: 1, 2)).call?.id == order)
        #expect(rig.book.callCount == 2)
    }

    @Test(arguments: [true, false])
    func `not to an order whose conversation is another's`(isToldFirst: Bool) {
        var rig = dialed
        var report = ConversationReport(ultravoxCallID: BookRig.talk(1), event: .joined, callID: order)
        report.callSid = BookRig.sid(1)
        func prepared(_ talk: Int) -> CallFact {
            .agentCallCreated(
                AgentCall(
                    ultravoxCallID: BookRig.talk(talk),
                    joinURL: JoinURL("wss://voice.ultravox.ai/calls/b1e2c3d4/telephony")!,
                    joinDeadline: BookRig.at(60)
                )
            )
        }
        rig.write(.noted(order, prepared(2)))
        let untouched = rig.book.call(order)
        if isToldFirst { rig.tell(.conversationReported(report)) }
        rig.write(.noted(other, prepared(1)))
        if !isToldFirst {
            #expect(rig.tell(.conversationReported(report)).verdict == .ignored(.contradiction))
        }
        #expect(rig.book.call(order) == untouched)
        #expect(rig.book.callID(of: BookRig.sid(1)) == nil)
        #expect(rig.book.call(other)?.ultravoxCallID == BookRig.talk(1))
        #expect(rig.book.call(other)?.conversation == nil)
    }

    @Test func `to the same call after that was asked to end it`() {
        // Two orders claim it with equal strength. What Twilio says to the hang-up of the other one moves nothing.
        var rig = dialed
        rig.tell(BookRig.status(.ringing, of: 1, 1), claiming: other)
        rig.write(.noted(other, found(1)))
        #expect(rig.tell(BookRig.status(.ringing, of: 1, 1), claiming: order).call?.id == order)
        #expect(rig.book.callID(of: BookRig.sid(1)) == order)
        rig.write(.noted(other, found(1, .inProgress)))
        #expect(rig.book.callID(of: BookRig.sid(1)) == order)
    }

    @Test(arguments: [true, false])
    func `to a call whose conversation is its own`(isHolderFirst: Bool) {
        var rig = dialed
        let prepared = CallFact.agentCallCreated(
            AgentCall(
                ultravoxCallID: BookRig.talk(1),
                joinURL: JoinURL("wss://voice.ultravox.ai/calls/b1e2c3d4/telephony")!,
                joinDeadline: BookRig.at(60)
            )
        )
        for id in isHolderFirst ? [order, other] : [other, order] { rig.write(.noted(id, prepared)) }
        #expect(rig.book.call(order)?.agentCall != nil)
        #expect(rig.book.call(other)?.agentCall == nil)
        #expect(rig.book.call(other)?.ultravoxCallID == nil)
    }

    @Test func `to an order that Twilio did not refuse, then`() {
        let error = CallError(source: .twilio, code: "x", message: "x")
        var rig = dialed
        rig.tell(BookRig.status(.ringing, of: 1, 1), claiming: order)
        let before = rig.book.call(order)
        for fact in [
            CallFact.dialRefused(error), .dialNotSent(error), .agentCallFailed(error), .canceled(reason: "x"),
            .unconfirmed,
        ] {
            #expect(rig.write(.noted(order, fact)).verdict == .void)
            #expect(rig.book.call(order) == before)
        }
        #expect(rig.write(.noted(other, .dialRefused(error))).change?.after?.status == .failed)
    }

    @Test func `to no order by a message that claims a call that is not its own`() {
        var rig = dialed
        let wrong = CallID(derivedFrom: BookRig.sid(2))
        #expect(
            rig.tell(BookRig.status(.ringing, of: 1), claiming: wrong).verdict == .ignored(.contradiction)
        )
        #expect(rig.book.callCount == 2)
    }

    @Test func `to an id of ours of which no order is known`() {
        var rig = BookRig()
        #expect(rig.tell(BookRig.status(.ringing, of: 1), claiming: order).call?.id == order)
        // If that turns out to be wrong, nothing is left of the call.
        rig.dial(other, to: 2)
        rig.write(.noted(other, created(1)))
        #expect(rig.book.call(order) == nil)
        #expect(rig.page().calls.map(\.id) == [other])
        #expect(rig.tell(BookRig.status(.completed, of: 1), claiming: order).verdict == .ignored(.contradiction))
    }

    @Test func `to no order that was not dialed`() {
        var rig = BookRig()
        rig.order(order, to: 1)
        rig.order(other, to: 2)
        rig.write(.undialed(other, .canceled(reason: "hung up")))
        for id in [order, other] {
            let before = rig.book.call(id)
            #expect(rig.tell(BookRig.status(.ringing, of: 1, 1), claiming: id).verdict == .ignored(.notDialed))
            #expect(rig.tell(BookRig.verdict(of: 1), claiming: id).verdict == .ignored(.notDialed))
            #expect(rig.book.call(id) == before)
        }
        #expect(rig.book.isUndialed(order))
        #expect(rig.book.legs.isEmpty)
        rig.write(.noted(order, .dialing))
        #expect(rig.tell(BookRig.status(.ringing, of: 1, 1), claiming: order).verdict == .applied)
    }
}

@Suite struct `A message that comes before its call` {
    private let order = BookRig.id(1)
    private let retention = Retention(calls: .seconds(86_400), maximumCalls: .max, numberCooldown: .zero)

    @Test func `waits under its own identity and is found when its call comes`() {
        var rig = BookRig()
        let heard = BookRig.verdict(of: 1)
        #expect(rig.tell(heard).verdict == .waits)
        #expect(rig.tell(heard).verdict == .alreadyKnown)
        let report = ConversationReport(ultravoxCallID: BookRig.talk(1), event: .joined, callID: order)
        #expect(rig.tell(.conversationReported(report)).verdict == .waits)
        #expect(rig.book.callCount == 0 && rig.book.callID(of: BookRig.sid(1)) == nil)
        rig.write(.tidied(retention), at: BookRig.at(3599))
        #expect(rig.tell(BookRig.status(.inProgress, of: 1, 2), claiming: order).call?.answeredBy == "machine_start")
        #expect(rig.book.call(order)?.conversation != nil)
        // By then nobody waits any more.
        #expect(rig.write(.tidied(retention), at: BookRig.at(3600)).buried == [])
        #expect(rig.book.call(order)?.answeredBy == "machine_start")
    }

    @Test func `is buried after an hour`() {
        var rig = BookRig()
        let (heard, claiming) = (BookRig.verdict(of: 1), BookRig.verdict(of: 2))
        rig.tell(heard, at: BookRig.at(1))
        rig.tell(claiming, claiming: order, at: BookRig.at(2))
        let report = ConversationReport(ultravoxCallID: BookRig.talk(1), event: .joined, callID: BookRig.id(2))
        rig.tell(.conversationReported(report), at: BookRig.at(3))
        #expect(rig.write(.tidied(retention), at: BookRig.at(3600)).buried == [])
        #expect(rig.write(.tidied(retention), at: BookRig.at(3601)).buried.map(\.fact) == [heard])
        let buried = rig.write(.tidied(retention), at: BookRig.at(3603)).buried
        #expect(buried.map(\.fact) == [claiming, .conversationReported(report)])
        #expect(buried.map(\.claimed) == [order, BookRig.id(2)])
        #expect(rig.book.legs.isEmpty && rig.book.conversations.isEmpty && rig.book.entries.isEmpty)
        // It is no part of the call that comes later.
        #expect(rig.tell(BookRig.status(.inProgress, of: 1, 2)).call?.answeredBy == nil)
    }

    @Test func `makes room for newer ones, the oldest first`() {
        var rig = BookRig()
        for number in 1...Book.maximumEarly { rig.tell(BookRig.verdict(of: number)) }
        let applied = rig.tell(BookRig.verdict(of: 20_000))
        #expect(applied.verdict == .waits)
        #expect(applied.buried.map(\.fact) == [BookRig.verdict(of: 1)])
        #expect(rig.book.legs.count == Book.maximumEarly)
    }

    @Test func `need not be written if it changes nothing`() {
        var rig = BookRig()
        rig.dial(order)
        rig.order(BookRig.id(2), to: 2)
        func known(_ fact: CallFact, _ id: CallID? = nil) -> Verdict? {
            rig.book.known(Message(fact: fact, claimed: id, oldest: BookRig.at(-9)), at: rig.time)?.verdict
        }
        let (ringing, report) = (BookRig.status(.ringing, of: 1, 1), BookRig.status(.ringing, of: 2, 1))
        var joined = ConversationReport(ultravoxCallID: BookRig.talk(1), event: .joined, callID: order)
        joined.callSid = BookRig.sid(1)
        #expect(known(ringing, order) == nil)
        #expect(known(report, BookRig.id(2)) == .ignored(.notDialed))
        #expect(known(report, CallID(derivedFrom: BookRig.sid(1))) == .ignored(.contradiction))
        #expect(known(report, BookRig.id(3, at: BookRig.at(-10))) == .ignored(.tooOld))
        #expect(
            known(.conversationReported(ConversationReport(ultravoxCallID: BookRig.talk(1), event: .joined)))
                == .ignored(.notOurs)
        )
        rig.tell(ringing, claiming: order)
        #expect(known(ringing, order) == .alreadyKnown)
        // Without the id it is another witness.
        #expect(known(ringing) == nil)
        #expect(known(BookRig.status(.inProgress, of: 1, 2), order) == nil)
        #expect(known(.conversationReported(joined)) == nil)
        rig.tell(.conversationReported(joined))
        #expect(known(.conversationReported(joined)) == .alreadyKnown)
        joined.callSid = BookRig.sid(2)
        #expect(known(.conversationReported(joined)) == nil)
        rig.write(.noted(order, .callCreated(TwilioCall(callSid: BookRig.sid(1), status: .queued))))
        #expect(known(ringing, BookRig.id(4)) == nil)
        #expect(rig.tell(ringing, claiming: BookRig.id(4)).verdict == .ignored(.contradiction))
        #expect(known(ringing, BookRig.id(4)) == .ignored(.contradiction))
    }

    @Test func `is useless if it is older than calls are kept`() {
        var rig = BookRig()
        let oldest = BookRig.at(-100)
        func verdict(_ fact: CallFact, _ id: CallID?) -> Verdict {
            rig.write(.told(Message(fact: fact, claimed: id, oldest: oldest))).verdict
        }
        #expect(verdict(BookRig.verdict(of: 1), BookRig.id(1, at: BookRig.at(-101))) == .ignored(.tooOld))
        #expect(verdict(BookRig.status(.completed, of: 1, at: BookRig.at(-101)), nil) == .ignored(.tooOld))
        #expect(verdict(BookRig.status(.completed, of: 1, at: BookRig.at(-100)), nil) == .applied)
        #expect(verdict(BookRig.status(.ringing, of: 1, at: BookRig.at(-200)), nil) == .applied)
    }

    @Test func `is counted and not kept if it is of a conversation without an id of ours`() {
        var rig = BookRig()
        var report = ConversationReport(ultravoxCallID: BookRig.talk(1), event: .ended)
        report.endReason = "hangup"
        #expect(rig.tell(.conversationReported(report)).verdict == .ignored(.notOurs))
        #expect(rig.tell(.conversationReported(report), claiming: order).verdict == .ignored(.notOurs))
        #expect(rig.book.conversations.isEmpty && rig.book.early.count == 0)
        // It does not matter whether it comes before or after one of the same conversation that has an id of ours.
        rig.tell(BookRig.status(.inProgress, of: 1, 2), claiming: order)
        let joined = ConversationReport(ultravoxCallID: BookRig.talk(1), event: .joined, callID: order)
        #expect(rig.tell(.conversationReported(joined)).verdict == .applied)
        #expect(rig.tell(.conversationReported(report)).verdict == .ignored(.notOurs))
        #expect(rig.book.call(order)?.conversation?.endReason == nil)
    }

    @Test func `makes its call known if it can be read once, however often it comes in another shape`() {
        let derived = CallID(derivedFrom: BookRig.sid(1))
        var unreadable = StatusReport(callSid: BookRig.sid(1), status: .completed, sequenceNumber: 3, duration: 7)
        unreadable.unread = ["Timestamp"]
        var rig = BookRig()
        #expect(rig.tell(.statusReported(unreadable)).verdict == .waits)
        #expect(rig.book.call(derived) == nil)
        #expect(rig.tell(BookRig.status(.completed, of: 1, 3)).call?.status == .completed)
        var turned = BookRig()
        turned.tell(BookRig.status(.completed, of: 1, 3))
        turned.tell(.statusReported(unreadable))
        #expect(turned.book.call(derived) == rig.book.call(derived))
        #expect(turned.book.call(derived)?.duration == 7)
    }
}
