/// One way in which a stand-in is told to misbehave.
package struct FaultRule: Sendable, Equatable {
    /// What goes wrong, and where.
    package enum Subject: Sendable, Equatable {
        case request(RequestFault, on: RequestPattern)
        /// Of one kind as the ledger names it, of all `callbacks` of Twilio that do not ask for TwiML, or of every kind.
        case webhook(WebhookFault, kind: String?)
    }

    package enum Times: Sendable, Equatable {
        case times(Int)
        case every

        package static let once = Times.times(1)
    }

    /// How likely the fault is each time that the rest of the rule fits.
    package struct Chance: Sendable, Equatable {
        /// Above 0, at most 1.
        package var probability: Double
        /// The same seed gives the same sequence of yes and no.
        package var seed: UInt64

        package init(_ probability: Double, seed: UInt64) {
            self.probability = probability
            self.seed = seed
        }
    }

    package var vendor: Ledger.Vendor
    package var subject: Subject
    /// The called number in E.164, as far as it is known: from the order or the call that a request to Twilio names; of
    /// a webhook, from the call. Ultravox knows it as soon as the phone has joined.
    package var number: String?
    /// How often it strikes. ``WebhookFault/shuffled(seed:)`` counts calls.
    package var times: Times
    package var chance: Chance?

    package init(
        _ vendor: Ledger.Vendor,
        _ fault: RequestFault,
        on pattern: RequestPattern = .any,
        number: String? = nil,
        times: Times = .once,
        chance: Chance? = nil
    ) {
        self.init(vendor, .request(fault, on: pattern), number: number, times: times, chance: chance)
    }

    package init(
        _ vendor: Ledger.Vendor,
        _ fault: WebhookFault,
        kind: String? = nil,
        number: String? = nil,
        times: Times = .once,
        chance: Chance? = nil
    ) {
        self.init(vendor, .webhook(fault, kind: kind), number: number, times: times, chance: chance)
    }

    init(_ vendor: Ledger.Vendor, _ subject: Subject, number: String?, times: Times, chance: Chance?) {
        self.vendor = vendor
        self.subject = subject
        self.number = number
        self.times = times
        self.chance = chance
    }
}

/// Why a rule is invalid.
package struct FaultProblem: Error, Equatable {
    package let message: String
    /// The allowed values.
    package let allowed: [String]

    init(_ message: String, allowed: [String] = []) {
        self.message = message
        self.allowed = allowed
    }
}

extension FaultRule {
    /// Refuses a rule that could never strike or that means nothing.
    func check() throws(FaultProblem) {
        if case .times(let count) = times { try Self.check("times", count, 1...1_000_000) }
        if let chance, !(chance.probability > 0 && chance.probability <= 1) {
            throw FaultProblem("probability must be above 0 and at most 1")
        }
        if let number, !number.isE164 { throw FaultProblem("number is not in E.164: +12125550100") }
        switch subject {
        case .request(let fault, let pattern): try check(fault, pattern)
        case .webhook(let fault, let kind): try check(fault, kind)
        }
    }

    private func check(_ fault: RequestFault, _ pattern: RequestPattern) throws(FaultProblem) {
        let names = RequestPattern.named(vendor).map(\.text)
        guard pattern.text.contains(" ") || names.contains(pattern.text) else {
            throw FaultProblem("on is not a \(vendor.rawValue) request", allowed: names + ["METHOD /path"])
        }
        if number != nil {
            guard vendor == .twilio else { throw FaultProblem("number: requests to Ultravox name no called number") }
            guard fault.stage == .request else {
                throw FaultProblem("number: \(fault.name) strikes before the number is read")
            }
        }
        switch fault {
        case .refuse:
            guard pattern == .any else {
                throw FaultProblem("on: refuse strikes before a request is read", allowed: ["any"])
            }
        case .delay(let time), .lateAnswer(let time): try Self.check(time)
        case .failure(let status, let acts, let retryAfter):
            try Self.check("status", status, 400...599)
            if acts, status < 500 { throw FaultProblem("acts: a vendor that answers \(status) has not acted") }
            if let retryAfter { try Self.check("retry_after", retryAfter, 0...86400) }
        case .joinURL:
            guard vendor == .ultravox else { throw FaultProblem("vendor: only Ultravox answers with a joinUrl") }
        case .html(let status, _): try Self.check("status", status, 200...599)
        case .answer(let status, _, _, let retryAfter):
            try Self.check("status", status, 200...599)
            if let retryAfter { try Self.check("retry_after", retryAfter, 0...86400) }
        case .redirect(let location, _):
            guard !location.isEmpty, location.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw FaultProblem("location must be a URL")
            }
        case .endless(let bytes, let pause, _):
            try Self.check("bytes", bytes, 1...1 << 20)
            try Self.check(pause)
        case .gzipBomb(let bytes, _): try Self.check("bytes", bytes, 1 << 10...1 << 32)
        case .callbacksFirst(let count, let longest):
            try Self.check("count", count, 1...100)
            try Self.check(longest)
        case .closeBeforeReading, .closeWhileReading, .closeAfterReading, .reset, .oneByte, .closeOnce, .truncated,
            .sid:
            break
        }
    }

    private func check(_ fault: WebhookFault, _ kind: String?) throws(FaultProblem) {
        if let kind, !WebhookFault.kinds(vendor).contains(kind) {
            throw FaultProblem("unknown webhook of \(vendor.rawValue)", allowed: ["any"] + WebhookFault.kinds(vendor))
        }
        switch fault {
        case .lost: break
        case .doubled(let copies): try Self.check("copies", copies, 2...64)
        case .shuffled:
            guard kind == nil else { throw FaultProblem("webhook: shuffled is about all of a call", allowed: ["any"]) }
        case .late(let time): try Self.check(time)
        }
    }

    private static func check(_ time: Duration) throws(FaultProblem) {
        try check("ms", Int((time / .milliseconds(1)).rounded()), 1...600_000)
    }

    private static func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(FaultProblem) {
        guard range.contains(value) else {
            throw FaultProblem("\(name) must be from \(range.lowerBound) to \(range.upperBound)")
        }
    }
}
