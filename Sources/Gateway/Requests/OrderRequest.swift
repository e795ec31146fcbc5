import CallDomain
import CallFlow

/// What an order may hold. Times are in seconds, lengths in characters.
/// Where an order may have its events sent.
struct CallbackRules {
    /// For development: to this machine.
    let allowsLoopback: Bool
}

enum OrderRules {
    static let ringTimeout = 5...600
    static let usualRingTimeout = 30
    static let metadataEntries = 50
    static let metadataName = 64
    static let metadataValue = 500

    /// How long a conversation may last where calls may last `longest`.
    static func durations(upTo longest: Duration) -> ClosedRange<Int> { 10...max(10, longest.wholeSeconds) }
}

extension PlaceCall {
    /// Reads the body of `POST /calls/{agent_id}`.
    /// - Throws: ``Problem`` 422 with every field that does not fit.
    /// `callbacks` says what a `callback_url` may be; `nil` if there may be none, because nothing could be signed.
    init(
        agentID: AgentID,
        request members: JSONObject,
        maxCallDuration: Duration,
        callbacks: CallbackRules?
    ) throws {
        var fields = FieldReader(members)
        let phoneNumber = fields.phoneNumber("phone_number", required: true)
        let context = fields.templateValues("template_context")
        let from = fields.phoneNumber("from")
        let ringTimeout = fields.integer("ring_timeout_seconds", in: OrderRules.ringTimeout)
        let maxDuration = fields.integer("max_duration_seconds", in: OrderRules.durations(upTo: maxCallDuration))
        let machineDetection = fields.choice("machine_detection", default: CallOrder.MachineDetection.off)
        let record = fields.bool("record", default: false)
        let join = fields.choice("join", default: CallOrder.Join.eager)
        let metadata = fields.metadata()
        let callbackURL = fields.callbackURL("callback_url", callbacks)
        let errorsSoFar = fields.errors
        try fields.finish()
        guard let phoneNumber else { throw Problem.validation(errorsSoFar) }
        self.init(
            agentID: agentID,
            phoneNumber: phoneNumber,
            templateContext: context,
            from: from,
            ringTimeout: .seconds(ringTimeout ?? OrderRules.usualRingTimeout),
            maxDuration: maxDuration.map { .seconds($0) },
            machineDetection: machineDetection,
            record: record,
            join: join,
            metadata: metadata,
            callbackURL: callbackURL
        )
    }
}

extension FieldReader {
    fileprivate mutating func phoneNumber(_ name: String, required: Bool = false) -> PhoneNumber? {
        guard let value = value(name) else {
            if required { fail(name, "is required: a number in E.164, such as \"+12025550143\"") }
            return nil
        }
        guard let number = value.stringValue.flatMap({ PhoneNumber($0) }) else {
            fail(name, "must be a number in E.164: + and 2 to 15 digits, no spaces, such as \"+12025550143\"")
            return nil
        }
        return number
    }

    fileprivate mutating func callbackURL(_ name: String, _ rules: CallbackRules?) -> String? {
        if let rules { return deliveryURL(name, allowsLoopback: rules.allowsLoopback) }
        if value(name) != nil {
            fail(name, "needs the setting CALLBACK_SECRET, which signs events; leave it out, or ask the operator")
        }
        return nil
    }

    fileprivate mutating func metadata() -> JSONObject {
        guard let members = object("metadata") else { return [:] }
        if members.count > OrderRules.metadataEntries {
            fail("metadata", "must have at most \(OrderRules.metadataEntries) entries")
        }
        for (name, value) in members {
            let path = "metadata.\(name.printable)"
            if name.isEmpty || name.unicodeScalars.count > OrderRules.metadataName
                || name.hasForbiddenControls(multiline: false)
            {
                fail(path, "must have a name of 1 to \(OrderRules.metadataName) printable characters")
            }
            guard let text = value.stringValue else {
                fail(path, "must be a string")
                continue
            }
            if text.unicodeScalars.count > OrderRules.metadataValue {
                fail(path, "must be at most \(OrderRules.metadataValue) characters long")
            }
            if text.hasForbiddenControls(multiline: true) {
                fail(path, "must not contain control characters other than tab, LF and CR")
            }
        }
        return members
    }
}
