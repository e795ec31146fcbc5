import CallDomain
import TestSupport
import Testing

@testable import CallStorage

extension BookRig {
    /// Erases a call with all that the book knows of it.
    @discardableResult
    mutating func erase(_ id: CallID, at time: Timestamp? = nil) -> Verdict {
        guard let erased = book.erasure(of: id, at: time ?? self.time) else { return .void }
        return write(.erased(erased), at: time).verdict
    }

    static func recording(_ number: Int) -> RecordingSid {
        RecordingSid("RE" + String(repeating: "0", count: 31) + String(number)) ?? RecordingSid(digits: sid(1).digits)
    }

    static func recorded(_ number: Int, of sid: Int) -> CallFact {
        .recordingReported(
            RecordingReport(
                callSid: Self.sid(sid),
                recordingSid: recording(number),
                status: .completed,
                url: nil,
                duration: 3,
                startedAt: nil
            )
        )
    }

    /// A call that is over, with a conversation and a recording.
    mutating func live(_ id: CallID, _ number: Int, key: KeyClaim? = nil, until status: CallStatus = .completed) {
        order(id, to: number, key: key)
        write(.noted(id, .dialing))
        let prepared = AgentCall(
            ultravoxCallID: Self.talk(number),
            joinURL: JoinURL("wss://voice.ultravox.ai/calls/b1e2c3d4/telephony")!,
            joinDeadline: Self.at(60)
        )
        write(.noted(id, .agentCallCreated(prepared)))
        tell(Self.status(.ringing, of: number, 1), claiming: id)
        tell(Self.recorded(number, of: number), claiming: id)
        tell(Self.status(status, of: number, 2), claiming: id)
    }
}

@Suite struct `An erased call` {
    private let id = BookRig.id(1)
    private let claim = KeyClaim(name: KeyName(caller: "test", key: "k"), digest: [1])
    private let answer = KeptAnswer(status: 201, contentType: "application/json", location: "/calls/1", body: [1, 2])

    @Test func `leaves with all that belongs to it, and nothing brings it back`() throws {
        var rig = BookRig()
        rig.live(id, 1, key: claim)
        rig.write(.answerKept(claim.name, answer, id))
        #expect(rig.erase(id) == .applied)
        let book = rig.book
        #expect(book.entries.isEmpty && book.legs.isEmpty && book.conversations.isEmpty && book.callCount == 0)
        #expect(book.call(id) == nil && book.callID(of: BookRig.sid(1)) == nil && book.counts[.completed] == nil)
        for claimed in [id, nil, CallID(derivedFrom: BookRig.sid(1)), BookRig.id(9)] {
            #expect(rig.tell(BookRig.status(.completed, of: 1, 3), claiming: claimed).verdict == .ignored(.gone))
        }
        #expect(rig.tell(BookRig.status(.ringing, of: 7), claiming: id).verdict == .ignored(.gone))
        let report = ConversationReport(ultravoxCallID: BookRig.talk(1), event: .ended, callID: id)
        #expect(rig.tell(.conversationReported(report)).verdict == .ignored(.gone))
        #expect(rig.write(.noted(id, .hangUpRequested)).verdict == .ignored(.gone))
        #expect(rig.order(id, to: 1) == .void)
        #expect(rig.book.callCount == 0)
        #expect(rig.erase(id) == .void)
    }

    @Test func `must be over, or unconfirmed`() {
        var rig = BookRig()
        rig.order(id)
        #expect(rig.erase(id) == .void)
        rig.write(.noted(id, .dialing))
        #expect(rig.erase(id) == .void)
        rig.write(.noted(id, .unconfirmed))
        #expect(rig.erase(id) == .applied)
        // The proof comes too late.
        #expect(rig.tell(BookRig.status(.ringing, of: 1), claiming: id).verdict == .ignored(.gone))
        var other = BookRig()
        other.tell(BookRig.status(.inProgress, of: 1), claiming: id)
        #expect(other.erase(id) == .void)
        #expect(other.book.callCount == 1)
    }

    @Test func `takes the answer of its key with it, which dials nobody until it expires`() {
        var rig = BookRig()
        rig.live(id, 1, key: claim)
        rig.write(.answerKept(claim.name, answer, id), at: BookRig.at(5))
        rig.erase(id, at: BookRig.at(50))
        let other = KeyClaim(name: claim.name, digest: [2])
        #expect(rig.book.state(of: claim, at: BookRig.at(60)) == .erased)
        #expect(rig.book.state(of: other, at: BookRig.at(60)) == .otherRequest)
        #expect(rig.order(BookRig.id(2), to: 2, key: claim, at: BookRig.at(60)) == .refused(.key(.erased)))
        #expect(rig.book.unanswered().isEmpty)
        #expect(rig.write(.answerKept(claim.name, answer, id)).verdict == .void)
        let day: Int64 = 86_400
        #expect(rig.book.state(of: claim, at: BookRig.at(4 + day)) == .erased)
        #expect(rig.book.state(of: claim, at: BookRig.at(5 + day)) == .free)
        #expect(rig.order(BookRig.id(2), to: 2, key: other, at: BookRig.at(5 + day)) == .applied)
        let retention = Retention(calls: .seconds(day), maximumCalls: 100, numberCooldown: .zero)
        rig.write(.tidied(retention), at: BookRig.at(6 + day))
        #expect(rig.book.state(of: other, at: BookRig.at(6 + day)) == .inProgress)
    }

    @Test func `whose order has no answer yet gets none`() {
        var rig = BookRig()
        rig.live(id, 1, key: claim)
        #expect(rig.book.unanswered().map(\.id) == [id])
        rig.erase(id)
        #expect(rig.book.unanswered().isEmpty)
        #expect(rig.book.state(of: claim, at: rig.time) == .erased)
    }

    @Test func `leaves to the vendors what they keep, one deletion after the other`() throws {
        var rig = BookRig()
        rig.live(id, 1)
        rig.erase(id)
        let copies: [VendorCopy] = [.recording(BookRig.recording(1)), .conversation(BookRig.talk(1))]
        #expect(rig.book.erasure(named: .id(id))?.copies == copies)
        #expect(rig.book.erasure(named: .callSid(BookRig.sid(1)))?.id == id)
        #expect(rig.book.erasure(named: .id(CallID(derivedFrom: BookRig.sid(1))))?.id == id)
        #expect(rig.book.erasure(named: .id(BookRig.id(2))) == nil)
        #expect(rig.book.unfinishedErasures().map(\.id) == [id])
        rig.write(.erasureNoted(id, .journalCleaned(rig.book.position)))
        for copy in copies {
            let news = ErasureNews.deleted(copy.vendor, NameDigest(of: copy))
            #expect(rig.write(.erasureNoted(id, news)).verdict == .applied)
            #expect(rig.write(.erasureNoted(id, news)).verdict == .alreadyKnown)
        }
        #expect(rig.book.erasure(named: .id(id))?.copies == [])
        // The identifiers go from the journal, too.
        #expect(rig.book.erasuresWithTraces(limit: 9).map(\.id) == [id])
        rig.write(.erasureNoted(id, .journalCleaned(rig.book.position)))
        #expect(rig.book.unfinishedErasures().isEmpty)
        // A recording that becomes known later joins, once.
        let late = ErasureNews.found(.recording(BookRig.recording(2)))
        #expect(rig.write(.erasureNoted(id, late)).verdict == .applied)
        #expect(rig.write(.erasureNoted(id, late)).verdict == .alreadyKnown)
        #expect(rig.write(.erasureNoted(id, .found(copies[0]))).verdict == .alreadyKnown)
        #expect(rig.book.unfinishedErasures().map(\.copies) == [[.recording(BookRig.recording(2))]])
        #expect(rig.write(.erasureNoted(BookRig.id(2), late)).verdict == .void)
    }

    @Test func `is not erased by a record that knows less of it`() throws {
        var rig = BookRig()
        rig.live(id, 1)
        let early = try #require(rig.book.erasure(of: id, at: rig.time))
        rig.tell(BookRig.recorded(2, of: 1), claiming: id)
        #expect(rig.write(.erased(early)).verdict == .void)
        #expect(rig.book.call(id) != nil)
        #expect(rig.erase(id) == .applied)
        #expect(rig.book.erasure(named: .id(id))?.copies.count == 3)
    }

    @Test func `leaves a trace in the log by whatever comes too late`() {
        var rig = BookRig()
        rig.live(id, 1, key: claim)
        rig.erase(id)
        rig.write(.erasureNoted(id, .journalCleaned(rig.book.position)))
        #expect(rig.book.erasuresWithTraces(limit: 9).map(\.id) == [])
        let late = rig.tell(BookRig.status(.completed, of: 1, 9), claiming: nil)
        #expect(late.erasure == id)
        #expect(rig.book.erasuresWithTraces(limit: 9).map(\.id) == [id])
        // Cleaned up to an earlier record is not cleaned.
        rig.write(.erasureNoted(id, .journalCleaned(Position(low: 1))))
        #expect(rig.book.erasuresWithTraces(limit: 9).map(\.id) == [id])
        rig.write(.erasureNoted(id, .journalCleaned(rig.book.position)))
        #expect(rig.book.erasuresWithTraces(limit: 9).map(\.id) == [])
        #expect(rig.write(.answerKept(claim.name, answer, id)).erasure == id)
        #expect(rig.write(.keyReleased(claim.name, BookRig.id(5))).erasure == nil)
    }

    @Test func `counts for its day, and its number is left alone as long as before`() {
        var rig = BookRig()
        var limits = AdmissionLimits(callsPerDay: 2)
        rig.live(id, 1)
        rig.live(BookRig.id(2), 2)
        rig.erase(id)
        guard case .tooManyCallsToday = rig.book.refusal(of: BookRig.number(3), within: limits, at: rig.time) else {
            Issue.record("the erased call does not count")
            return
        }
        limits = AdmissionLimits(numberCooldown: .seconds(3600))
        let number = BookRig.number(1)
        #expect(rig.book.refusal(of: number, within: limits, at: rig.time) == .coolingDown(.seconds(3600)))
        #expect(rig.book.refusal(of: number, within: limits, at: BookRig.at(3600)) == nil)
    }

    @Test func `of which nothing but its erasure is left is the same after a replay`() throws {
        var rig = BookRig()
        rig.live(id, 1, key: claim)
        rig.write(.answerKept(claim.name, answer, id))
        let erased = try #require(rig.book.erasure(of: id, at: rig.time))
        let position = rig.book.position.next
        rig.write(.erased(erased))
        var replayed = Book()
        _ = replayed.apply(Record(at: rig.time, .erased(erased)), at: position)
        #expect(replayed.erasure(named: .id(id)) == rig.book.erasure(named: .id(id)))
        #expect(replayed.tombstones == rig.book.tombstones)
        let limits = AdmissionLimits(callsPerDay: 1)
        let number = BookRig.number(3)
        let refusal = replayed.refusal(of: number, within: limits, at: rig.time)
        #expect(refusal != nil && refusal == rig.book.refusal(of: number, within: limits, at: rig.time))
        #expect(replayed.state(of: claim, at: rig.time) == .erased)
        #expect(replayed.callCount == 0)
    }

    @Test(arguments: [false, true])
    func `leaves the snapshot, and its erasure is there`(afterRestart: Bool) async throws {
        var rig = BookRig()
        var parts: [Snapshot.Name: Snapshot.Part] = [:]
        func keep() {
            let changes = rig.book.takeChanges()
            let snapshot = rig.book.snapshot(changes)
            if snapshot.isWhole { parts = [:] }
            for name in snapshot.names { parts[name] = snapshot.part(name) }
        }
        let other = KeyClaim(name: KeyName(caller: "test", key: "other"), digest: [2])
        rig.live(BookRig.id(2), 2, key: other)
        rig.write(.answerKept(other.name, answer, BookRig.id(2)))
        rig.live(id, 1, key: claim)
        rig.write(.answerKept(claim.name, answer, id))
        keep()
        if afterRestart {
            rig.book = try await Book(Snapshot(position: rig.book.position, parts: Array(parts.values)))
        }
        #expect(parts[.key(claim.name)] != nil && parts[.leg(BookRig.sid(1))] != nil)
        rig.erase(id)
        keep()
        for name in [
            Snapshot.Name.call(id), .leg(BookRig.sid(1)), .conversation(BookRig.talk(1)), .key(claim.name),
            .call(CallID(derivedFrom: BookRig.sid(1))),
        ] { #expect(parts[name] == nil, "\(name)") }
        let text = "\(parts)"
        for personal in [BookRig.number(1).text, BookRig.sid(1).text, "key: \"k\""] {
            #expect(!text.contains(personal))
        }
        let restored = try await Book(Snapshot(position: rig.book.position, parts: Array(parts.values)))
        #expect(restored == rig.book)
        #expect(restored.state(of: claim, at: rig.time) == .erased)
        #expect(restored.state(of: other, at: rig.time) == .replay(answer))
        #expect(restored.unfinishedErasures().map(\.id) == [id])
    }

    @Test func `leaves no trace of messages that waited for it`() async throws {
        var rig = BookRig()
        let derived = CallID(derivedFrom: BookRig.sid(1))
        // Of the phone call, of the conversation of one that is not known yet, and of a phone call that only claims to be it.
        rig.tell(BookRig.verdict(of: 1))
        let report = ConversationReport(ultravoxCallID: BookRig.talk(9), event: .joined, callID: derived)
        rig.tell(.conversationReported(report))
        rig.tell(BookRig.verdict(of: 3))
        rig.live(id, 1)
        rig.tell(BookRig.status(.ringing, of: 2), claiming: id)
        #expect(rig.book.early.count == 4)
        _ = rig.book.takeChanges()
        #expect(rig.erase(id) == .applied)
        #expect(rig.book.early.elements.compactMap(\.what) == [.leg(BookRig.sid(3))])
        let changes = rig.book.takeChanges()
        #expect(rig.book.snapshot(changes).names.contains(.early(piece: 0)))
        rig.book.loseChanges()
        let all = rig.book.takeChanges()
        let snapshot = rig.book.snapshot(all)
        let parts = snapshot.names.compactMap { snapshot.part($0) }
        for name in [BookRig.sid(1).text, BookRig.sid(2).text, BookRig.talk(9).text] {
            #expect(!"\(parts.filter { if case .early = $0 { true } else { false } })".contains(name))
        }
        #expect(try await Book(Snapshot(position: rig.book.position, parts: parts)) == rig.book)
        // What is left of them ends like the others.
        let retention = Retention(calls: .seconds(86_400), maximumCalls: 100, numberCooldown: .zero)
        let tidied = rig.write(.tidied(retention), at: BookRig.at(3600))
        #expect(tidied.buried.map(\.fact.callSid) == [BookRig.sid(3)])
        #expect(rig.book.early.count == 0)
    }

    @Test func `is void where the call turned out to be an order's in the meantime`() throws {
        var rig = BookRig()
        rig.tell(BookRig.status(.ringing, of: 1, 1, direction: .inbound))
        rig.tell(BookRig.status(.completed, of: 1, 2))
        let derived = CallID(derivedFrom: BookRig.sid(1))
        let erased = try #require(rig.book.erasure(of: derived, at: rig.time))
        rig.dial(id)
        rig.tell(BookRig.status(.ringing, of: 1, 1), claiming: id)
        #expect(rig.book.call(derived)?.id == id)
        #expect(rig.write(.erased(erased)).verdict == .void)
        #expect(rig.book.call(id)?.callSid == BookRig.sid(1))
        #expect(rig.book.erasures.isEmpty && rig.book.tombstones == Tombstones())
        #expect(rig.erase(derived) == .applied)
        #expect(rig.book.erasure(named: .id(derived))?.id == id)
    }

    @Test func `is void where its phone call turned out to be another order's in the meantime`() throws {
        var rig = BookRig()
        let (id, other) = (BookRig.id(2), BookRig.id(1))
        rig.dial(id)
        rig.write(.noted(id, .unconfirmed))
        rig.tell(BookRig.status(.completed, of: 1, 2), claiming: id)
        let erased = try #require(rig.book.erasure(of: id, at: rig.time))
        rig.dial(other, to: 2)
        rig.tell(BookRig.status(.completed, of: 1, 2), claiming: other)
        #expect(rig.book.callID(of: BookRig.sid(1)) == other)
        #expect(rig.book.call(id)?.status == .unconfirmed)
        #expect(rig.write(.erased(erased)).verdict == .void)
        #expect(rig.erase(id) == .applied)
        #expect(rig.book.erasure(named: .callSid(BookRig.sid(1))) == nil)
        #expect(rig.book.call(other)?.callSid == BookRig.sid(1))
    }

    @Test func `that left in the meantime is erased, and counts once for its day`() throws {
        var (rig, log) = (BookRig(), [LoggedRecord]())
        rig.live(id, 1)
        let erased = try #require(rig.book.erasure(of: id, at: rig.time))
        for content in [
            Record.Content.tidied(Retention(calls: .zero, maximumCalls: 0, numberCooldown: .zero)), .erased(erased),
        ] {
            rig.write(content)
            log.append(LoggedRecord(position: rig.book.position, record: Record(at: rig.time, content)))
        }
        #expect(rig.book.call(id) == nil)
        // All that is left of the log once it is clean.
        var replayed = Book()
        for logged in log { _ = replayed.apply(logged.record, at: logged.position) }
        for book in [rig.book, replayed] {
            #expect(book.erasure(named: .id(id))?.copies.count == 2)
            for (limit, isOpen) in [(1, false), (2, true)] {
                let limits = AdmissionLimits(callsPerDay: limit)
                #expect((book.refusal(of: BookRig.number(3), within: limits, at: rig.time) == nil) == isOpen)
            }
        }
    }

    @Test func `has the recordings deleted of each phone call that was made for it`() {
        var rig = BookRig()
        rig.live(id, 1)
        rig.write(.noted(id, .callCreated(TwilioCall(callSid: BookRig.sid(1), status: .completed))))
        // Its id is signed, and Twilio answered with another phone call.
        rig.tell(BookRig.recorded(2, of: 2), claiming: id)
        rig.tell(BookRig.recorded(3, of: 2))
        // Of its own phone call, whoever it is said to be of.
        rig.tell(BookRig.recorded(4, of: 1), claiming: BookRig.id(8))
        // Of a phone call that is a call of its own what names this one, and no more.
        rig.tell(BookRig.recorded(5, of: 3), claiming: id)
        rig.tell(BookRig.recorded(6, of: 3))
        rig.tell(BookRig.status(.completed, of: 3, direction: .inbound))
        #expect(rig.book.call(id)?.callSid == BookRig.sid(1))
        #expect(rig.book.callID(of: BookRig.sid(3)) == CallID(derivedFrom: BookRig.sid(3)))
        #expect(rig.erase(id) == .applied)
        let recordings = [1, 2, 3, 4, 5].map { VendorCopy.recording(BookRig.recording($0)) }
        #expect(rig.book.erasure(named: .id(id))?.copies == recordings + [.conversation(BookRig.talk(1))])
    }

    @Test func `keeps of its request what nobody can try without its key, and only for as long as the key counts`()
        async throws
    {
        let day: Int64 = 86_400
        let retention = Retention(calls: .seconds(day), maximumCalls: 100, numberCooldown: .zero)
        var (rig, digests) = (BookRig(), Set<[UInt8]>())
        let claims = ["a", "b"].map { KeyClaim(name: KeyName(caller: "test", key: $0), digest: [7, 7, 7]) }
        for (number, claim) in zip(1..., claims) {
            rig.live(BookRig.id(number), number, key: claim)
            rig.erase(BookRig.id(number), at: BookRig.at(Int64(number)))
            digests.insert(try #require(rig.book.erasure(named: .id(BookRig.id(number)))?.key?.digest))
            #expect(rig.book.state(of: claim, at: rig.time) == .erased)
        }
        #expect(digests.count == 2 && !digests.contains([7, 7, 7]))
        rig.write(.tidied(retention), at: BookRig.at(day + 1))
        #expect(rig.book.erasure(named: .id(BookRig.id(1)))?.key == nil)
        #expect(rig.book.erasure(named: .id(BookRig.id(2)))?.key != nil)
        #expect(claims.map { rig.book.state(of: $0, at: BookRig.at(day + 1)) } == [.free, .erased])
        let changes = rig.book.takeChanges()
        let snapshot = rig.book.snapshot(changes)
        let parts = snapshot.names.compactMap { snapshot.part($0) }
        var restored = try await Book(Snapshot(position: rig.book.position, parts: parts))
        #expect(restored == rig.book)
        let record = Record(at: BookRig.at(day + 2), .tidied(retention))
        let (applied, again) = (rig.write(record.content, at: record.at), restored.apply(record, at: rig.book.position))
        #expect(applied == again && restored == rig.book)
        #expect(restored.erasure(named: .id(BookRig.id(2)))?.key == nil)
    }

    @Test func `is not spoken of by a phone call that is another's`() {
        var rig = BookRig()
        rig.live(id, 1)
        rig.dial(BookRig.id(2), to: 2)
        rig.tell(BookRig.status(.ringing, of: 2, 1), claiming: BookRig.id(2))
        rig.erase(id)
        let before = rig.book
        for fact in [BookRig.status(.completed, of: 2, 3), BookRig.recorded(2, of: 2)] {
            #expect(rig.tell(fact, claiming: id).verdict == .ignored(.gone))
        }
        let report = ConversationReport(ultravoxCallID: BookRig.talk(2), event: .joined, callID: BookRig.id(2))
        rig.tell(.conversationReported(report))
        let contradictory = ConversationReport(ultravoxCallID: BookRig.talk(2), event: .ended, callID: id)
        #expect(rig.tell(.conversationReported(contradictory)).verdict == .ignored(.gone))
        #expect(rig.book.legs[BookRig.sid(2)] == before.legs[BookRig.sid(2)])
        #expect(rig.book.entries[id] == nil)
        #expect(rig.book.call(BookRig.id(2))?.status == .ringing)
    }

    @Test func `is forgotten after 400 days`() {
        var rig = BookRig()
        rig.live(id, 1)
        rig.erase(id)
        let retention = Retention(calls: .seconds(3600), maximumCalls: 100, numberCooldown: .zero)
        rig.write(.tidied(retention), at: BookRig.at(400 * 86_400))
        #expect(rig.book.erasure(named: .id(id)) != nil)
        rig.write(.tidied(retention), at: BookRig.at(402 * 86_400))
        #expect(rig.book.erasure(named: .id(id)) == nil)
        #expect(rig.book.erasures == Erasures() && rig.book.tombstones == Tombstones())
    }
}

@Suite struct `A log without the erased calls` {
    /// Calls of which some have the same number, so that the limits refuse some; the evidence comes in any order, and some
    /// of it after the erasure.
    @Test(arguments: 0..<60 as Range<UInt64>)
    func `gives the other calls as they are, and no order that was refused`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var (rig, log) = (BookRig(), [LoggedRecord]())
        func write(_ content: Record.Content) {
            rig.write(content)
            log.append(LoggedRecord(position: rig.book.position, record: Record(at: rig.time, content)))
        }
        let ids = (1...8).map { BookRig.id($0) }
        for (index, id) in ids.enumerated() {
            let number = Int.random(in: 1...5, using: &generator)
            let key = "k\(Int.random(in: 1...6, using: &generator))"
            let claim = KeyClaim(name: KeyName(caller: "test", key: key), digest: [1])
            let limits = AdmissionLimits(concurrentCalls: 5)
            write(
                .ordered(
                    Ordered(id: id, order: BookRig.order(to: number), templateContext: [:], key: claim, limits: limits)
                )
            )
            guard rig.book.isUndialed(id) else { continue }
            write(.noted(id, .dialing))
            var evidence: [CallFact] = [
                BookRig.status(.ringing, of: index + 1, 1), BookRig.status(.completed, of: index + 1, 2),
                BookRig.recorded(index + 1, of: index + 1),
                .conversationReported(
                    ConversationReport(ultravoxCallID: BookRig.talk(index + 1), event: .joined, callID: id)
                ),
            ]
            evidence.shuffle(using: &generator)
            for fact in evidence {
                write(.told(Message(fact: fact, claimed: id, oldest: Timestamp(milliseconds: 0))))
                if Int.random(in: 0...4, using: &generator) == 0, let erased = rig.book.erasure(of: id, at: rig.time) {
                    write(.erased(erased))
                }
            }
        }
        let erased = ids.filter { rig.book.erasure(named: .id($0)) != nil }
        let edit = LogEdit(forErasing: erased.compactMap { rig.book.erasure(named: .id($0)) })
        let left = log.filter { logged in
            if case .ordered(let ordered) = logged.record.content, !rig.book.knowsOrder(ordered.id) { return false }
            return edit(logged.record) != .remove
        }
        var replayed = Book()
        for logged in left { _ = replayed.apply(logged.record, at: logged.position) }
        for (index, id) in ids.enumerated() {
            #expect(replayed.call(id) == rig.book.call(id), "\(id)")
            #expect(replayed.callID(of: BookRig.sid(index + 1)) == rig.book.callID(of: BookRig.sid(index + 1)))
            #expect(replayed.erasure(named: .id(id))?.copies.count == rig.book.erasure(named: .id(id))?.copies.count)
            let claim = KeyClaim(name: KeyName(caller: "test", key: "k\(index)"), digest: [1])
            #expect(replayed.state(of: claim, at: rig.time) == rig.book.state(of: claim, at: rig.time))
        }
        #expect(replayed.counts.filter { $0.value != 0 } == rig.book.counts.filter { $0.value != 0 })
        #expect(replayed.activeCalls == rig.book.activeCalls)
        // Nothing of them is left in what is left.
        for logged in left { #expect(edit(logged.record) != .remove) }
    }
}
