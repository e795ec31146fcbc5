import OrderedCollections

extension FaultRule {
    /// Reads a rule strictly: every member must be known, of its type and in its range.
    init(_ json: JSON) throws(FaultProblem) {
        var form = try FaultForm(json)
        let vendors = [Ledger.Vendor.twilio, .ultravox]
        let name = try form.choice("vendor", vendors.map(\.rawValue))
        guard let vendor = Ledger.Vendor(rawValue: name) else { throw FaultProblem("vendor is missing") }
        let subject = try Self.subject(&form, vendor)
        let number = try form.text("number")
        let times = try form.times()
        let probability = try form.number("probability")
        let seed = try form.seed(unless: subject.hasOwnSeed)
        if probability == nil, seed != nil { throw FaultProblem("seed without probability") }
        let chance = probability.map { Chance($0, seed: seed ?? 0) }
        try form.finish()
        self.init(vendor, subject, number: number, times: times, chance: chance)
        try check()
    }

    private static func subject(_ form: inout FaultForm, _ vendor: Ledger.Vendor) throws(FaultProblem) -> Subject {
        let name = try form.choice("fault", FaultCatalogue.names)
        if let fault = try FaultCatalogue.webhookFault(name, &form) {
            let kind = try form.choice("webhook", ["any"] + WebhookFault.kinds(vendor), otherwise: "any")
            return .webhook(fault, kind: kind == "any" ? nil : kind)
        }
        guard let fault = try FaultCatalogue.requestFault(name, &form) else {
            throw FaultProblem("fault is not known", allowed: FaultCatalogue.names)
        }
        let text = try form.text("on") ?? "any"
        let named = RequestPattern.named(vendor)
        guard let pattern = named.first(where: { $0.text == text }) ?? RequestPattern(text) else {
            throw FaultProblem("on is not a \(vendor.rawValue) request", allowed: named.map(\.text) + ["METHOD /path"])
        }
        return .request(fault, on: pattern)
    }

    /// The rule as it would be given.
    var members: OrderedDictionary<String, JSON> {
        var members: OrderedDictionary<String, JSON> = ["vendor": .string(vendor.rawValue)]
        let options: OrderedDictionary<String, JSON>
        switch subject {
        case .request(let fault, let pattern):
            members["on"] = .string(pattern.text)
            members["fault"] = .string(fault.name)
            options = fault.options
        case .webhook(let fault, let kind):
            members["webhook"] = .string(kind ?? "any")
            members["fault"] = .string(fault.name)
            options = fault.options
        }
        members.merge(options.filter { $0.value != .null }) { own, _ in own }
        if let number { members["number"] = .string(number) }
        switch times {
        case .times(let count): members["times"] = .int(count)
        case .every: members["times"] = "every"
        }
        if let chance {
            members["probability"] = .double(chance.probability)
            members["seed"] = .int(Int(clamping: chance.seed))
        }
        return members
    }
}

extension FaultRule.Subject {
    fileprivate var hasOwnSeed: Bool {
        if case .webhook(.shuffled, _) = self { true } else { false }
    }
}

extension InjectedFault {
    var json: JSON {
        var members = rule.members
        members["id"] = .int(id)
        members["struck"] = .int(struck)
        members["left"] = left.map(JSON.int) ?? .null
        return .object(members)
    }
}
