package import CallDomain

/// The records of a call's life, made from its number anew each time, as messages come anew from the wire.
package struct Life {
    /// In which a call's records come.
    package enum Step: Int, Sendable, CaseIterable {
        case ordered, dialing, created, queued, initiated, ringing, inProgress, completed, answerKept
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
