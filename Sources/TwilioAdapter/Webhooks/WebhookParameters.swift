import CallDomain

/// The parameters of one verified webhook, read under strict grammars.
///
/// Twilio signs names and values without a border between them. So a name may stand once; a value must match its grammar;
/// and a name that the signed text holds must be there as a name.
///
/// Some parameters decide what a message says: without them it says nothing, so what is wrong with one of them makes it
/// useless. All others are read with ``side(_:_:)``: one that cannot be read counts as absent and is named in ``unread``,
/// so that a new word of Twilio's in a field beside never costs the outcome of a call.
struct WebhookParameters {
    private let signed: SignedText
    /// The parameters beside that were there and could not be read, in the order in which they were looked at.
    private(set) var unread: [String] = []

    init(_ parameters: FormParameters) throws(UselessWebhook) {
        guard let signed = SignedText(parameters) else { throw .repeatedParameter }
        self.signed = signed
    }

    /// The value of a parameter that decides; `nil` if it is absent or empty.
    /// - Throws: ``UselessWebhook/shiftedParameter`` if another value may have been signed under that name.
    func deciding(_ name: String) throws(UselessWebhook) -> String? {
        guard let value = signed.value(of: name) else {
            guard !signed.hides(name) else { throw .shiftedParameter }
            return nil
        }
        guard !signed.repeats(name) else { throw .shiftedParameter }
        return value.isEmpty ? nil : value
    }

    /// Refuses a message whose URL, which claims no call, may have claimed one.
    func refuseShiftedClaim() throws(UselessWebhook) {
        guard !signed.beginsWithClaim else { throw .shiftedParameter }
    }

    func callSid() throws(UselessWebhook) -> CallSid {
        guard let sid = try deciding("CallSid").flatMap(CallSid.init(_:)) else { throw .malformedCallSid }
        return sid
    }

    func status() throws(UselessWebhook) -> CallStatus {
        guard let status = try deciding("CallStatus").flatMap(CallStatus.init(twilio:)) else { throw .unknownStatus }
        return status
    }

    /// The value of a parameter beside, as `read` understands it; `nil` if it is absent or empty, or cannot be read.
    mutating func side<Value>(_ name: String, _ read: (String) -> Value?) -> Value? {
        guard let given = signed.value(of: name) else {
            if signed.hides(name) { unread.append(name) }
            return nil
        }
        guard !given.isEmpty else { return nil }
        guard let value = read(given) else {
            unread.append(name)
            return nil
        }
        return value
    }

    /// The same for a text whose grammar lets the names and values of other parameters stand in it.
    private mutating func freeText(_ name: String, _ read: (String) -> String?) -> String? {
        side(name) { [signed] text in
            guard let value = read(text), !signed.holdsAnother(than: name) else { return nil }
            // What follows the beginning of a number is a digit, with which no name begins that stands behind `name`.
            let isNumber = text.utf8.allSatisfy { $0 == UInt8(ascii: "+") || 0x30...0x39 ~= $0 }
            return isNumber || !signed.isCutShort(name) ? value : nil
        }
    }

    mutating func parties() -> CallParties {
        CallParties(
            from: party("From"),
            to: party("To"),
            direction: side("Direction", CallDirection.init(twilio:))
        )
    }

    private mutating func party(_ name: String) -> String? {
        freeText(name) { PartyText.fits($0) ? $0 : nil }
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>) -> Int? {
        side(name) { range.only(VendorText.number($0)) }
    }

    mutating func time(_ name: String, _ read: (String) -> Timestamp?) -> Timestamp? {
        side(name) { TwilioBounds.time.only(read($0)) }
    }

    /// A text that goes on to the call.
    mutating func text(_ name: String) -> String? {
        freeText(name) { given in
            let bounded = VendorText.bounded(given, to: 256)
            return bounded.isEmpty ? nil : bounded
        }
    }

    /// The address of a recording, whose last component begins with the recording's SID: so it was not cut short.
    mutating func recordingURL(_ name: String, of sid: RecordingSid) -> String? {
        side(name) { [signed] text in
            let isAddress =
                text.utf8.count <= 1024 && text.utf8.starts(with: "https://".utf8)
                && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"<".utf8.contains($0) }
            let path = text.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
            let file = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last
            guard isAddress, file?.starts(with: sid.text.utf8) == true else { return nil }
            return signed.holdsAnother(than: name) ? nil : text
        }
    }

    /// Twilio's error code; `nil` for `0`, which says that there is no error.
    mutating func errorCode() -> String? {
        let code = number("ErrorCode", in: 0...TwilioBounds.errorCode.upperBound)
        return TwilioBounds.errorCode.only(code).map(String.init)
    }

    /// The verdict of answering-machine detection, where it is told beside something else.
    mutating func answeredBy() -> String? { side("AnsweredBy") { Self.isVerdict($0) ? $0 : nil } }

    /// The same where it is all that is told.
    func decidingAnsweredBy() throws(UselessWebhook) -> String {
        guard let word = try deciding("AnsweredBy"), Self.isVerdict(word) else { throw .malformedAnsweredBy }
        return word
    }

    /// A word in lower case.
    private static func isVerdict(_ word: String) -> Bool {
        word.utf8.count <= 64
            && word.utf8.allSatisfy { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || $0 == UInt8(ascii: "_") }
    }
}
