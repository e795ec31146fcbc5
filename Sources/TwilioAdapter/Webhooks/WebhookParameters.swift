import CallDomain

/// The parameters of one verified webhook, read under strict grammars.
///
/// Twilio signs names and values without a border between them: whoever holds a genuine message can split it anew and
/// it still verifies. So a name may stand once; identifiers, statuses and numbers must match their grammar; and a name
/// that the signed text holds must be there as a name.
struct WebhookParameters {
    private let values: [String: String]
    private let signed: SignedText

    init(_ parameters: FormParameters) throws(UselessWebhook) {
        var seen: Set<[UInt8]> = []
        var values: [String: String] = [:]
        for pair in parameters.pairs {
            guard seen.insert(Array(pair.name.utf8)).inserted else { throw .repeatedParameter }
            // All names that we know are ASCII; as keys of a dictionary, others could be equivalent to one of them.
            if pair.name.utf8.allSatisfy({ $0 < 0x80 }) { values[pair.name] = pair.value }
        }
        self.values = values
        signed = SignedText(parameters.pairs)
    }

    /// The value of `name`; `nil` if it is absent or empty.
    func value(_ name: String) throws(UselessWebhook) -> String? {
        if let value = values[name] { return value.isEmpty ? nil : value }
        guard !signed.hides(name) else { throw .shiftedParameter }
        return nil
    }

    /// Refuses a message whose URL, which claims no call, may have claimed one.
    func refuseShiftedClaim() throws(UselessWebhook) {
        guard !signed.beginsWithClaim else { throw .shiftedParameter }
    }

    func callSid() throws(UselessWebhook) -> CallSid {
        guard let sid = try value("CallSid").flatMap(CallSid.init(_:)) else { throw .malformedCallSid }
        return sid
    }

    func status() throws(UselessWebhook) -> CallStatus {
        guard let status = try value("CallStatus").flatMap(CallStatus.init(twilio:)) else { throw .unknownStatus }
        return status
    }

    func parties() throws(UselessWebhook) -> CallParties {
        CallParties(
            from: try party("From"),
            to: try party("To"),
            direction: try value("Direction").flatMap(CallDirection.init(twilio:))
        )
    }

    /// A number, or what Twilio gives in its place: a SIP address, a client's name, `anonymous`. `nil` of anything else:
    /// a call is not lost because its caller has a strange name.
    /// - SeeAlso: https://www.twilio.com/docs/voice/twiml#request-parameters
    private func party(_ name: String) throws(UselessWebhook) -> String? {
        guard let text = try value(name) else { return nil }
        if text.utf8.first == UInt8(ascii: "+") {
            guard text.utf8.count <= 32, text.utf8.dropFirst().allSatisfy(\.isDigit) else { throw .malformedParty }
            return text
        }
        if text.utf8.count <= 32, text.utf8.allSatisfy(\.isDigit) { return text }
        if ["anonymous", "restricted", "unavailable", "unknown"].contains(text.lowercased()) { return text }
        guard ["sip:", "sips:", "client:"].contains(where: { text.utf8.starts(with: $0.utf8) }),
            text.utf8.count <= 256, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        // The parameters that follow in the signed text begin with the same name.
        for suffix in ["City", "Country", "State", "Zip"] where text.utf8.contains(name + suffix) {
            throw .shiftedParameter
        }
        return text
    }

    /// A number that does without: `nil` if it is none.
    func number(_ name: String) throws(UselessWebhook) -> Int? { try value(name).flatMap(VendorText.number) }

    /// A text that goes on to the call.
    func text(_ name: String) throws(UselessWebhook) -> String? {
        guard let bounded = try value(name).map({ VendorText.bounded($0, to: 256) }), !bounded.isEmpty else {
            return nil
        }
        return bounded
    }

    /// Twilio's error code; `nil` for `0`, which says that there is no error.
    func errorCode() throws(UselessWebhook) -> String? {
        guard let code = try number("ErrorCode"), code != 0 else { return nil }
        return String(code)
    }

    /// The verdict of answering-machine detection: a word in lower case.
    func answeredBy() throws(UselessWebhook) -> String? {
        guard let word = try value("AnsweredBy") else { return nil }
        guard word.utf8.count <= 64,
            word.utf8.allSatisfy({ UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || $0 == UInt8(ascii: "_") })
        else { throw .malformedAnsweredBy }
        return word
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

extension String.UTF8View {
    fileprivate func contains(_ text: String) -> Bool {
        var rest = self[...]
        while rest.count >= text.utf8.count {
            if rest.starts(with: text.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
