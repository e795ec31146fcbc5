import CallDomain
import Testing

@testable import CallStorage

@Suite struct `An order of which Twilio's answer was lost` {
    private let order = BookRig.id(1)

    /// It may ring, and nothing proves that.
    private var unknown: BookRig {
        var rig = BookRig()
        rig.dial(order)
        rig.write(.noted(order, .dialUnclear(CallError(source: .twilio, code: "no_answer", message: "lost"))))
        return rig
    }

    private static let proofs: [CallFact] = [
        BookRig.status(.queued, of: 1, 0),
        .voiceRequested(VoiceRequest(callSid: BookRig.sid(1), status: .inProgress, parties: CallParties())),
        .fallbackRequested(FallbackRequest(callSid: BookRig.sid(1), parties: CallParties(), errorCode: "12100")),
        BookRig.verdict(of: 1),
        .streamReported(
            StreamReport(
                callSid: BookRig.sid(1),
                streamSid: StreamSid("MZ" + String(repeating: "0a", count: 16))!,
                event: .started,
                error: nil,
                timestamp: nil
            )
        ),
        .recordingReported(
            RecordingReport(
                callSid: BookRig.sid(1),
                recordingSid: RecordingSid("RE" + String(repeating: "0a", count: 16))!,
                status: .inProgress,
                url: nil,
                duration: nil,
                startedAt: nil
            )
        ),
        joined,
    ]

    private static let joined: CallFact = {
        var report = ConversationReport(ultravoxCallID: BookRig.talk(1), event: .joined, callID: BookRig.id(1))
        report.callSid = BookRig.sid(1)
        return .conversationReported(report)
    }()

    @Test(arguments: proofs.indices)
    func `is proven by any signed message that names its phone call`(index: Int) {
        let proof = Self.proofs[index]
        let claimed = proof == Self.joined ? nil : order
        var rig = unknown
        #expect(rig.book.call(order)?.status == .unknown)
        #expect(rig.book.activeCalls == 1)
        let after = rig.tell(proof, claiming: claimed).call
        #expect(after?.callSid == BookRig.sid(1))
        #expect(after?.status.isProven == true)
        #expect(rig.write(.noted(order, .unconfirmed)).verdict == .void)
        #expect(rig.book.call(order) == after)
        // Also where nothing had come for so long that it was parked.
        var parked = unknown
        parked.write(.noted(order, .unconfirmed))
        #expect(parked.book.call(order)?.status == .unconfirmed)
        #expect(parked.book.activeCalls == 0)
        #expect(parked.tell(proof, claiming: claimed).call?.status.isProven == true)
        #expect(parked.book.activeCalls == 1)
    }

    @Test func `is not proven by a conversation that names no phone call`() {
        var rig = unknown
        rig.tell(
            .conversationReported(ConversationReport(ultravoxCallID: BookRig.talk(1), event: .ended, callID: order))
        )
        #expect(rig.book.call(order)?.status == .unknown)
        #expect(rig.write(.noted(order, .unconfirmed)).verdict == .applied)
    }
}

@Suite struct `Messages that say different things` {
    private let order = BookRig.id(1)

    /// What each of two says in the fields in which they differ; none has a time of the vendor's.
    private static let pairs: [[CallFact]] = {
        func voice(_ status: CallStatus, _ direction: CallDirection, _ from: String) -> CallFact {
            let parties = CallParties(from: from, to: "+12125551001", direction: direction)
            return .voiceRequested(VoiceRequest(callSid: BookRig.sid(1), status: status, parties: parties))
        }
        func end(_ status: CallStatus, _ code: String) -> CallFact {
            .statusReported(StatusReport(callSid: BookRig.sid(1), status: status, errorCode: code))
        }
        func fallback(_ code: String, _ direction: CallDirection) -> CallFact {
            let parties = CallParties(direction: direction)
            return .fallbackRequested(FallbackRequest(callSid: BookRig.sid(1), parties: parties, errorCode: code))
        }
        func stream(_ sid: String) -> CallFact {
            .streamReported(
                StreamReport(
                    callSid: BookRig.sid(1),
                    streamSid: StreamSid("MZ" + String(repeating: sid, count: 16))!,
                    event: .started,
                    error: nil,
                    timestamp: nil
                )
            )
        }
        return [
            [
                BookRig.status(.ringing, of: 1, direction: .inbound),
                BookRig.status(.ringing, of: 1, 1, direction: .outbound),
            ],
            [voice(.ringing, .inbound, "+12025550143"), voice(.ringing, .outbound, "+12025550144")],
            [end(.completed, "1"), end(.failed, "2")],
            [end(.failed, "1"), end(.failed, "2")],
            [fallback("12100", .inbound), fallback("12200", .outbound)],
            [stream("0a"), stream("0b")],
            [BookRig.verdict("human", of: 1), BookRig.verdict("machine_start", of: 1)],
        ]
    }()

    @Test(arguments: pairs.indices, [true, false])
    func `settle by what they say, not by which came first`(index: Int, isOurs: Bool) {
        /// All that a call shows but for when we heard of it.
        func shown(_ facts: [CallFact]) -> [String?] {
            var rig = BookRig()
            let claimed = isOurs ? order : nil
            rig.tell(BookRig.status(.queued, of: 1, 0, at: BookRig.start), claiming: claimed)
            for (second, fact) in facts.enumerated() {
                rig.tell(fact, claiming: claimed, at: BookRig.at(Int64(10 + second)))
            }
            let call = rig.book.call(isOurs ? order : CallID(derivedFrom: BookRig.sid(1)))
            return [
                call?.status.rawValue, call?.direction.rawValue, call?.from, call?.phoneNumber, call?.answeredBy,
                call?.error?.code, call?.stream?.streamSid.text,
            ]
        }
        let pair = Self.pairs[index]
        #expect(shown(pair) == shown(pair.reversed()))
        #expect(shown(pair)[0] != nil)
    }
}
