package import CallDomain

/// The records of a call's life, made from its number anew each time, as messages come anew from the wire.
package struct Life {
    /// In which a call's records come.
    package enum Step: Int, Sendable, CaseIterable {
        case ordered, dialing, created, queued, initiated, ringing, inProgress, completed, answerKept
    }

    /// What the agent's side adds to a call.
    package enum TalkStep: Int, Sendable, CaseIterable {
        case prepared, streamStarted, started, joined, streamStopped, ended, billed
    }

    package let number: Int

    package init(number: Int) { self.number = number }

    /// When the first call is ordered.
    package static let begin = Timestamp(milliseconds: 1_795_000_000_000)
    /// So much later the next one.
    package static let pause = Duration.milliseconds(20)
    /// An order in so many carries an `Idempotency-Key`.
    private static let keyed = 16

    package var at: Timestamp { Self.begin + Self.pause * number }
    package var id: CallID { CallID(at: at, random: (UInt16(truncatingIfNeeded: scrambled), scrambled &* 3)) }
    package var callSid: CallSid {
        let text = "CA" + Self.hex(scrambled) + Self.hex(scrambled &* 0x9E37_79B9_7F4A_7C15)
        guard let sid = CallSid(text) else { preconditionFailure("\(text) is no CallSid") }
        return sid
    }

    /// - Returns: `nil` if a call of this number has no such record.
    package func record(_ step: Step, at time: Timestamp) -> Record? {
        content(step, at: time).map { Record(at: time, $0) }
    }

    package var ultravoxCallID: UltravoxCallID {
        let text = Self.hex(scrambled &* 5) + Self.hex(scrambled &* 7)
        let parts = [text.prefix(8), text.dropFirst(8).prefix(4), text.dropFirst(12).prefix(4)]
        let rest = [text.dropFirst(16).prefix(4), text.dropFirst(20)]
        guard let id = UltravoxCallID((parts + rest).joined(separator: "-")) else {
            preconditionFailure("\(text) is no id of a conversation")
        }
        return id
    }

    /// All records of a call that was answered by somebody and had an agent, a second apart: 15, and one more with a key.
    package var whole: [Record] {
        var records: [Record] = []
        func add(_ content: (Timestamp) -> Record.Content?) {
            let time = at + .seconds(records.count)
            if let content = content(time) { records.append(Record(at: time, content)) }
        }
        add { content(.ordered, at: $0) }
        add { talk(.prepared, at: $0) }
        for step in [Step.dialing, .created, .answerKept, .queued, .initiated, .ringing, .inProgress] {
            add { content(step, at: $0) }
        }
        for step in [TalkStep.streamStarted, .started, .joined, .streamStopped, .ended] { add { talk(step, at: $0) } }
        add { content(.completed, at: $0) }
        add { talk(.billed, at: $0) }
        return records
    }

    private func talk(_ step: TalkStep, at time: Timestamp) -> Record.Content? {
        func told(_ fact: CallFact) -> Record.Content {
            .told(Message(fact: fact, claimed: id, oldest: Timestamp(milliseconds: 0)))
        }
        func stream(_ event: StreamReport.Event) -> Record.Content? {
            StreamSid("MZ" + Self.hex(scrambled) + Self.hex(scrambled &* 9)).map {
                told(
                    .streamReported(
                        StreamReport(callSid: callSid, streamSid: $0, event: event, error: nil, timestamp: time)
                    )
                )
            }
        }
        func conversation(_ event: ConversationReport.Event) -> Record.Content {
            var report = ConversationReport(ultravoxCallID: ultravoxCallID, event: event, callID: id)
            report.callSid = callSid
            report.joinedAt = event == .started ? nil : at + .seconds(10)
            if event == .ended || event == .billed {
                report.endReason = "hangup"
                report.shortSummary = "The caller agreed to the appointment on Thursday."
            }
            return told(.conversationReported(report))
        }
        switch step {
        case .prepared:
            guard let joinURL = JoinURL("wss://voice.ultravox.ai/calls/\(ultravoxCallID)/telephony") else { return nil }
            let call = AgentCall(ultravoxCallID: ultravoxCallID, joinURL: joinURL, joinDeadline: at + .seconds(60))
            return .noted(id, .agentCallCreated(call))
        case .streamStarted: return stream(.started)
        case .started: return conversation(.started)
        case .joined: return conversation(.joined)
        case .streamStopped: return stream(.stopped)
        case .ended: return conversation(.ended)
        case .billed: return conversation(.billed)
        }
    }

    private func content(_ step: Step, at time: Timestamp) -> Record.Content? {
        switch step {
        case .ordered: order.map(Record.Content.ordered)
        case .dialing: .noted(id, .dialing)
        case .created:
            .noted(
                id,
                .callCreated(
                    TwilioCall(callSid: callSid, status: .queued, from: Self.caller, to: to, direction: .outbound)
                )
            )
        case .queued: status(.queued, nil, at: time)
        case .initiated: status(.initiated, 0, at: time)
        case .ringing: status(.ringing, 1, at: time)
        case .inProgress: status(.inProgress, 2, at: time)
        case .completed: status(.completed, 3, at: time)
        case .answerKept:
            key.map { key in
                let body = [UInt8](repeating: UInt8(ascii: "x"), count: 600)
                let answer = KeptAnswer(
                    status: 201,
                    contentType: "application/json",
                    location: "/calls/\(id)",
                    body: body
                )
                return .answerKept(key.name, answer, id)
            }
        }
    }

    private var order: Ordered? {
        guard let agentID = AgentID("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921"), let callee = PhoneNumber(to),
            let caller = PhoneNumber(Self.caller)
        else { return nil }
        let order = CallOrder(
            agentID: agentID,
            phoneNumber: callee,
            from: caller,
            ringTimeout: .seconds(30),
            machineDetection: .detect,
            correlationID: Self.hex(scrambled) + Self.hex(~scrambled)
        )
        return Ordered(id: id, order: order, templateContext: [:], key: key, limits: AdmissionLimits())
    }

    private var key: KeyClaim? {
        guard number % Self.keyed == 0 else { return nil }
        return KeyClaim(
            name: KeyName(caller: "crm", key: Self.hex(scrambled) + Self.hex(~scrambled)),
            digest: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 32)
        )
    }

    private func status(_ status: CallStatus, _ sequence: Int?, at time: Timestamp) -> Record.Content {
        let report = StatusReport(
            callSid: callSid,
            status: status,
            sequenceNumber: sequence,
            timestamp: Timestamp(milliseconds: time.milliseconds / 1000 * 1000),
            parties: CallParties(from: Self.caller, to: to, direction: .outbound),
            duration: status == .completed ? 17 : nil
        )
        let claimed = CallID("\(id)")
        return .told(Message(fact: .statusReported(report), claimed: claimed, oldest: Timestamp(milliseconds: 0)))
    }

    private static let caller = "+12025550143"
    private var to: String { "+1212\(5_000_000 + number % 5_000_000)" }

    /// The same for the same number, and different for different ones (the finalizer of SplitMix64, which is a bijection).
    private var scrambled: UInt64 {
        var value = UInt64(number) &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
