import CallDomain
import CallStorage
import Synchronization
import TestSupport
import Testing

@testable import CallFlow

@Suite(.timeKept, .timeLimit(.minutes(1))) struct `Erasing a call` {
    private static let recordingSid = RecordingSid("RE" + String(repeating: "0b", count: 16))!
    private static let otherRecordingSid = RecordingSid("RE" + String(repeating: "0c", count: 16))!

    private static func over(_ status: CallStatus = .completed) -> CallFact {
        .statusReported(StatusReport(callSid: ScriptedTelephony.sid, status: status, sequenceNumber: 3))
    }

    private static func recorded(_ sid: RecordingSid) -> CallFact {
        .recordingReported(
            RecordingReport(
                callSid: ScriptedTelephony.sid,
                recordingSid: sid,
                status: .completed,
                url: nil,
                duration: 3,
                startedAt: nil
            )
        )
    }

    /// A call that is over, with a recording.
    private static func finished(_ stage: Stage, key: KeyClaim? = nil) async throws -> CallID {
        let call = try await stage.flow.place(Stage.order, key: key)
        _ = try await stage.flow.receive(recorded(recordingSid), claimed: call.id)
        _ = try await stage.flow.receive(over(), claimed: call.id)
        return call.id
    }

    private static func isComplete(_ flow: CallFlow, _ id: CallID) -> Bool {
        guard let erasure = flow.erasure(named: .id(id))?.erasure else { return false }
        return erasure.copies.isEmpty && erasure.lastTrace == nil
    }

    @Test func `forgets it at once, and has the vendors delete what they keep`() async throws {
        let stage = Stage()
        try await stage.working {
            let id = try await Self.finished(stage)
            #expect(try await stage.flow.erase(id) == id)
            #expect(stage.flow.call(id) == nil && stage.flow.callID(of: ScriptedTelephony.sid) == nil)
            await eventually { Self.isComplete(stage.flow, id) }
            #expect(stage.telephony.deletedRecordings == [Self.recordingSid])
            #expect(stage.platform.discarded == [ScriptedPlatform.ultravoxCallID])
            let report = try #require(stage.flow.erasure(named: .callSid(ScriptedTelephony.sid)))
            #expect(Set(report.erasure.deletions.map(\.vendor)) == [.twilio, .ultravox])
            #expect(report.attempts.isEmpty && !report.hasJournal)
        }
    }

    @Test func `is refused while it goes on, and where there is none`() async throws {
        let stage = Stage()
        let call = try await stage.flow.place(Stage.order)
        await #expect {
            try await stage.flow.erase(call.id)
        } throws: {
            if case .live(let live)? = $0 as? EraseFailure { live.id == call.id } else { false }
        }
        _ = try await stage.flow.receive(Self.over(), claimed: call.id)
        // By the id of its CallSid, too.
        #expect(try await stage.flow.erase(CallID(derivedFrom: ScriptedTelephony.sid)) == call.id)
        for id in [call.id, CallID(derivedFrom: ScriptedTelephony.sid), CallID(at: stage.clock.now, random: (0, 9))] {
            await #expect {
                try await stage.flow.erase(id)
            } throws: {
                if case .notFound? = $0 as? EraseFailure { true } else { false }
            }
        }
    }

    @Test func `lets its key dial nobody again`() async throws {
        let stage = Stage()
        let claim = KeyClaim(name: KeyName(caller: "app", key: "k"), digest: [1])
        #expect(stage.flow.keys.claim(claim) == .free)
        let id = try await Self.finished(stage, key: claim)
        await stage.flow.keys.keep(
            KeptAnswer(status: 201, contentType: "text/plain", location: nil, body: []),
            as: claim.name
        )
        _ = try await stage.flow.erase(id)
        #expect(stage.flow.keys.claim(claim) == .erased)
        #expect(stage.telephony.dials.count == 1)
    }

    @Test func `asks a vendor again that fails or refuses, and says so`() async throws {
        let refusal = VendorRefusal(vendor: .twilio, status: 400, code: 20009, message: "not yet finished")
        let failures: [VendorFailure] = [
            .unclear(.twilio, status: 503, reason: "unavailable"),
            .throttled(refusal, retryAfter: .seconds(77)),
            .refused(refusal),
        ]
        let reports = Mutex<[ErasureAttempt]>([])
        let flows = Mutex<CallFlow?>(nil)
        let clock = ManualClock(duringPause: {
            let erasure = flows.withLock { $0 }?.erasure(named: .callSid(ScriptedTelephony.sid))
            if let attempt = erasure?.attempts[.recording(Self.recordingSid)] {
                reports.withLock { if $0.last != attempt { $0.append(attempt) } }
            }
        })
        let stage = Stage(clock: clock)
        flows.withLock { $0 = stage.flow }
        stage.telephony.failDeletions(failures)
        try await stage.working {
            let id = try await Self.finished(stage)
            _ = try await stage.flow.erase(id)
            await eventually { Self.isComplete(stage.flow, id) }
        }
        #expect(stage.telephony.deletedRecordings.count == 4)
        let seen = reports.withLock { $0 }
        #expect(seen.map(\.count) == [1, 2, 3])
        #expect(seen.map(\.isRefused) == [false, false, true])
        #expect(seen.map(\.reason) == ["unavailable", "not yet finished", "not yet finished"])
        #expect(clock.pauses.contains(.seconds(1)) && clock.pauses.contains(.seconds(77)))
        #expect(clock.pauses.contains(.seconds(10)))
    }

    @Test func `lets a recording join that becomes known later, and nothing bring it back`() async throws {
        let stage = Stage()
        try await stage.working {
            let id = try await Self.finished(stage)
            _ = try await stage.flow.erase(id)
            await eventually { Self.isComplete(stage.flow, id) }
            for claimed in [id, nil, id] {
                let outcome = try await stage.flow.receive(Self.recorded(Self.otherRecordingSid), claimed: claimed)
                guard case .useless(.gone) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                await eventually { Self.isComplete(stage.flow, id) }
            }
            // One that is deleted already is not asked for again.
            _ = try await stage.flow.receive(Self.recorded(Self.recordingSid), claimed: id)
            _ = try await stage.flow.receive(Self.over(.busy), claimed: id)
            #expect(stage.telephony.deletedRecordings == [Self.recordingSid, Self.otherRecordingSid])
            #expect(stage.flow.call(id) == nil)
        }
    }

    enum Way: String, CaseIterable {
        /// The order was about to be dialed, or Twilio could not be asked, or somebody is on the line.
        case order, vendorDown, inbound
    }

    @Test(arguments: Way.allCases)
    func `deletes the conversation that Ultravox creates for it meanwhile`(way: Way) async throws {
        let flows = Mutex<CallFlow?>(nil)
        let clock = ManualClock()
        let platform = ScriptedPlatform(
            clock: clock,
            during: { request in
                guard let flow = flows.withLock({ $0 }) else { return }
                if way == .inbound {
                    _ = try? await flow.receive(Self.over(), claimed: nil)
                } else {
                    _ = try? await flow.hangUp(request.callID)
                }
                _ = try? await flow.erase(request.callID)
                if way == .vendorDown { await flow.twilioGuard.fail() }
            }
        )
        let stage = Stage(clock: clock, platform: platform, inboundAgentID: ScriptedPlatform.agentID)
        flows.withLock { $0 = stage.flow }
        try await stage.working {
            if way == .inbound {
                let parties = CallParties(from: "+12025550199", to: "+12025550143", direction: .inbound)
                let request = VoiceRequest(callSid: ScriptedTelephony.sid, status: .ringing, parties: parties)
                #expect(try await stage.flow.receive(request, claimed: nil).answer == .hangUp)
            } else {
                _ = try? await stage.flow.place(Stage.order)
            }
            let id = try #require(stage.platform.prepared.first?.callID)
            await eventually { Self.isComplete(stage.flow, id) }
            #expect(stage.flow.erasure(named: .id(id))?.erasure.deletions.map(\.vendor) == [.ultravox])
        }
        #expect(stage.platform.discarded == [ScriptedPlatform.ultravoxCallID])
        #expect(stage.telephony.dials.isEmpty)
    }

    @Test func `has nothing deleted that is another call's by all that is known`() async throws {
        let stage = Stage()
        try await stage.working {
            let id = try await Self.finished(stage)
            _ = try await stage.flow.erase(id)
            await eventually { Self.isComplete(stage.flow, id) }
            let other = try await stage.flow.place(Stage.order(number: 2))
            let (sid, talk) = (try #require(other.callSid), try #require(other.ultravoxCallID))
            let recorded = CallFact.recordingReported(
                RecordingReport(
                    callSid: sid,
                    recordingSid: Self.otherRecordingSid,
                    status: .completed,
                    url: nil,
                    duration: 3,
                    startedAt: nil
                )
            )
            _ = try await stage.flow.receive(recorded, claimed: id)
            let report = ConversationReport(ultravoxCallID: talk, event: .joined, callID: id)
            _ = try await stage.flow.receive(report, claimed: nil)
            await eventually { Self.isComplete(stage.flow, id) }
        }
        #expect(stage.telephony.deletedRecordings == [Self.recordingSid])
        #expect(stage.platform.discarded == [ScriptedPlatform.ultravoxCallID])
    }

    @Test func `takes the vendors' identifiers out of the dead letters that name it`() async throws {
        let stage = Stage()
        let id = try await Self.finished(stage)
        let (sid, talk) = (ScriptedTelephony.sid, ScriptedPlatform.ultravoxCallID)
        let other = try await stage.flow.place(Stage.order(number: 2))
        func list(_ reason: String) {
            stage.flow.listUseless(.twilio, kind: "status", reason: reason, callID: id, callSid: other.callSid)
            stage.flow.listUseless(.twilio, kind: "status", reason: reason, callID: other.id, callSid: sid)
            stage.flow.listUseless(
                .twilio,
                kind: "status",
                reason: reason,
                callID: CallID(derivedFrom: sid),
                callSid: sid
            )
            stage.flow.listUseless(.ultravox, kind: "call.ended", reason: reason, ultravoxCallID: talk)
            stage.flow.listUseless(.twilio, kind: "status", reason: reason, callID: other.id, callSid: other.callSid)
        }
        func letters() -> [DeadLetter] { stage.flow.deadLetters.latest(limit: 99, before: nil).letters.reversed() }
        list("contradiction")
        #expect(letters().map(\.callSid) == [other.callSid, sid, sid, nil, other.callSid])
        _ = try await stage.flow.erase(id)
        list("gone")
        #expect(letters().count == 10)
        for letters in [letters().prefix(5), letters().suffix(5)] {
            #expect(letters.map(\.callSid) == [nil, nil, nil, nil, other.callSid])
            #expect(letters.map(\.ultravoxCallID) == [nil, nil, nil, nil, nil])
            #expect(letters.map(\.callID) == [id, other.id, id, nil, other.id])
        }
    }

    @Test func `goes on after a restart, and leaves nothing of it in the log`() async throws {
        let clock = ManualClock()
        let journal = InMemoryJournal(clock: clock)
        let claim = KeyClaim(name: KeyName(caller: "app", key: "secret-key"), digest: [1])
        let lived = try await Stage(clock: clock, journal: journal).started()
        // Nobody carries out what is due: the process dies before.
        let id = try await Self.finished(lived, key: claim)
        _ = try await lived.flow.receive(Self.over(), claimed: id)
        _ = try await lived.flow.erase(id)
        journal.crash(.complete)

        let stage = try await Stage(clock: clock, journal: journal).started()
        #expect(stage.flow.call(id) == nil)
        #expect(stage.flow.keys.claim(claim) == .erased)
        try await stage.working {
            await eventually { Self.isComplete(stage.flow, id) }
        }
        #expect(stage.telephony.deletedRecordings == [Self.recordingSid])
        #expect(stage.platform.discarded == [ScriptedPlatform.ultravoxCallID])
        for logged in journal.records {
            switch logged.record.content {
            case .erased(let erased): #expect(erased.copies.isEmpty)
            case .erasureNoted(_, .found): Issue.record("an identifier is left")
            case .erasureNoted, .tidied, .dialingSet, .delivering: break
            case .ordered, .told, .noted, .undialed, .answerKept, .keyReleased:
                Issue.record("\(logged.position) is left")
            }
        }
        // The log as it is by now gives the same answers once more.
        journal.crash(.complete)
        let again = try await Stage(clock: clock, journal: journal).started()
        #expect(again.flow.call(id) == nil && Self.isComplete(again.flow, id))
        #expect(again.flow.keys.claim(claim) == .erased)
        let outcome = try await again.flow.receive(Self.over(), claimed: id)
        guard case .useless(.gone) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(again.flow.callCounts.values.reduce(0, +) == 0)
    }

    @Test func `takes no order that was refused while the call held its number`() async throws {
        let clock = ManualClock()
        let journal = InMemoryJournal(clock: clock)
        let stage = try await Stage(clock: clock, journal: journal).started()
        let call = try await stage.flow.place(Stage.order)
        // Two orders that raced: the second one is refused when it is applied.
        let other = CallID(at: clock.now, random: (7, 7))
        let ordered = Ordered(
            id: other,
            order: CallOrder(Stage.order, policy: stage.flow.policy),
            templateContext: [:],
            key: nil,
            limits: AdmissionLimits()
        )
        guard case .refused(.rail) = try await stage.flow.ledger.commit(.ordered(ordered)).verdict else {
            Issue.record("the order was taken")
            return
        }
        _ = try await stage.flow.receive(Self.over(), claimed: call.id)
        try await stage.working {
            _ = try await stage.flow.erase(call.id)
            await eventually { Self.isComplete(stage.flow, call.id) }
        }
        journal.crash(.complete)
        let again = try await Stage(clock: clock, journal: journal).started()
        #expect(again.flow.call(other) == nil)
        #expect(again.flow.queueDepth == 0)
    }
}
