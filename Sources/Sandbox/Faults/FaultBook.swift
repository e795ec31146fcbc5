import HTTPTypes

/// A rule that was given to the sandbox.
package struct InjectedFault: Sendable {
    /// From 1, in the order in which they were given.
    package let id: Int
    package let rule: FaultRule
    /// How often it has struck.
    package fileprivate(set) var struck = 0
    fileprivate var generator: SeededGenerator

    fileprivate init(id: Int, rule: FaultRule) {
        self.id = id
        self.rule = rule
        generator = SeededGenerator(seed: rule.chance?.seed ?? 0)
    }

    /// How often it can strike yet; `nil` without end.
    var left: Int? {
        switch rule.times {
        case .times(let count): max(0, count - struck)
        case .every: nil
        }
    }

    /// Draws whether a rule that fits strikes.
    fileprivate mutating func strikes() -> Bool {
        if let chance = rule.chance {
            guard Double.random(in: 0..<1, using: &generator) < chance.probability else { return false }
        }
        struck += 1
        return true
    }
}

/// Every rule of the sandbox. Of several rules that fit, the one that was given first strikes; one that is used up no
/// longer counts.
struct FaultBook: Sendable {
    private(set) var faults: [InjectedFault] = []
    private var nextID = 1
    /// What ``RequestFault/closeOnce(acts:)`` has closed before.
    private var closedOnce: Set<[String]> = []
    /// The seeds of the calls whose callbacks are shuffled.
    private var shuffledCalls: [String: UInt64] = [:]
    /// How many orders for a number with a fault of its own have come.
    private var orders: [String: Int] = [:]

    mutating func add(_ rule: FaultRule) -> InjectedFault {
        let fault = InjectedFault(id: nextID, rule: rule)
        nextID += 1
        faults.append(fault)
        return fault
    }

    mutating func clear() {
        faults = []
        closedOnce = []
        shuffledCalls = [:]
    }

    /// Whether the connection that was just accepted is to be reset.
    mutating func refusesConnection(to vendor: Ledger.Vendor) -> Bool {
        take(at: vendor) { subject, _ in subject == .request(.refuse, on: .any) } != nil
    }

    /// The fault that strikes when a request's head has come.
    mutating func fault(at vendor: Ledger.Vendor, method: String, target: String) -> RequestFault? {
        requestFault(at: vendor) { fault, pattern, _ in
            fault.stage != .request && pattern.matches(method: method, target: target)
        }
    }

    /// The fault that strikes when a request has been read.
    mutating func fault(at vendor: Ledger.Vendor, _ request: VendorRequest, number: String?) -> RequestFault? {
        let method = request.method.rawValue
        let fingerprint = [vendor.rawValue, method, request.target, String(decoding: request.body, as: UTF8.self)]
        let isKnown = closedOnce.contains(fingerprint)
        let fault = requestFault(at: vendor) { fault, pattern, wanted in
            if case .closeOnce = fault, isKnown { return false }
            return fault.stage == .request && (wanted == nil || wanted == number)
                && pattern.matches(method: method, target: request.target)
        }
        if case .closeOnce = fault { closedOnce.insert(fingerprint) }
        return fault ?? scenarioFault(at: vendor, request, number: number)
    }

    /// The fault that strikes a webhook, ``WebhookFault/shuffled(seed:)`` aside.
    mutating func fault(
        at vendor: Ledger.Vendor,
        kind: String,
        number: String?,
        scenario: Scenario?
    ) -> WebhookFault? {
        let taken = take(at: vendor) { subject, wanted in
            guard case .webhook(let fault, let wantedKind) = subject else { return false }
            if case .shuffled = fault { return false }
            return Self.fits(wantedKind, kind) && (wanted == nil || wanted == number)
        }
        if case .webhook(let fault, _) = taken { return fault }
        switch scenario?.webhookFault {
        case .shuffled: return nil
        // Without TwiML there would be no conversation to lose callbacks of.
        case .lost where WebhookFault.twiMLKinds.contains(kind): return nil
        case let fault: return fault
        }
    }

    /// The seed of a call whose callbacks are shuffled; asked once for every callback.
    mutating func shuffleSeed(
        at vendor: Ledger.Vendor,
        callID: String,
        number: String?,
        scenario: Scenario?
    ) -> UInt64? {
        if let seed = shuffledCalls[callID] { return seed }
        let taken = take(at: vendor) { subject, wanted in
            guard case .webhook(.shuffled, _) = subject else { return false }
            return wanted == nil || wanted == number
        }
        if case .webhook(.shuffled(let seed), _) = taken {
            shuffledCalls[callID] = seed
        } else if case .shuffled(let seed) = scenario?.webhookFault {
            shuffledCalls[callID] = seed
        }
        return shuffledCalls[callID]
    }

    private static func fits(_ wanted: String?, _ kind: String) -> Bool {
        switch wanted {
        case nil: true
        case "callbacks": !WebhookFault.twiMLKinds.contains(kind)
        case .some(let wanted): wanted == kind
        }
    }

    private mutating func scenarioFault(
        at vendor: Ledger.Vendor,
        _ request: VendorRequest,
        number: String?
    ) -> RequestFault? {
        guard vendor == .twilio, let number, let fault = Scenario.of(number: number).requestFault,
            RequestPattern.createCall.matches(method: request.method.rawValue, target: request.target)
        else { return nil }
        let earlier = orders[number, default: 0]
        orders[number] = earlier + 1
        return Scenario.of(number: number).spares(orderAfter: earlier) ? nil : fault
    }

    private mutating func requestFault(
        at vendor: Ledger.Vendor,
        where fits: (RequestFault, RequestPattern, String?) -> Bool
    ) -> RequestFault? {
        let taken = take(at: vendor) { subject, number in
            guard case .request(let fault, let pattern) = subject else { return false }
            return fits(fault, pattern, number)
        }
        if case .request(let fault, _) = taken { return fault }
        return nil
    }

    private mutating func take(
        at vendor: Ledger.Vendor,
        where fits: (FaultRule.Subject, String?) -> Bool
    ) -> FaultRule.Subject? {
        for index in faults.indices {
            let rule = faults[index].rule
            guard rule.vendor == vendor, faults[index].left != 0, fits(rule.subject, rule.number) else { continue }
            if faults[index].strikes() { return rule.subject }
        }
        return nil
    }
}
