/// The text of a message's parameters as Twilio signs it: names and values in the order of the names, without a border
/// between them.
///
/// So a signature does not prove where one parameter ends and the next begins. In a message with other borders, what was a
/// name stands inside of another parameter.
struct SignedText {
    private struct Part {
        let name: [UInt8]
        /// Whether Twilio sends a parameter of that name.
        let isKnown: Bool
        let start: Int
        let end: Int
    }

    private let bytes: [UInt8]
    private let parts: [Part]

    /// `pairs` holds each name once.
    init(_ pairs: [FormParameters.Pair]) {
        let sorted = pairs.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var bytes: [UInt8] = []
        var parts: [Part] = []
        for pair in sorted {
            let start = bytes.count
            bytes += pair.name.utf8
            bytes += pair.value.utf8
            let name = Array(pair.name.utf8)
            parts.append(Part(name: name, isKnown: Self.known.contains(name), start: start, end: bytes.count))
        }
        self.bytes = bytes
        self.parts = parts
    }

    /// Whether the message could be one that had a parameter called `name`, with other borders.
    ///
    /// Names stand in order, so it can only have become a piece of the parameter before its place, or of one that
    /// Twilio does not send. A caller's name that happens to hold `ErrorCode` is neither.
    func hides(_ name: String) -> Bool {
        let sought = Array(name.utf8)
        let before = parts.lastIndex { $0.name.lexicographicallyPrecedes(sought) }
        return parts.indices.contains { index in
            guard index == before || !parts[index].isKnown else { return false }
            return stands(sought, over: parts[index])
        }
    }

    /// Whether the value of `name` could hold a parameter of Twilio's that would stand next, with its name.
    func holdsAnother(than name: String) -> Bool {
        let sought = Array(name.utf8)
        guard let index = parts.firstIndex(where: { $0.name == sought }) else { return false }
        let next = index + 1 < parts.count ? parts[index + 1].name : nil
        return Self.known.contains { other in
            sought.lexicographicallyPrecedes(other) && next.map(other.lexicographicallyPrecedes) ?? true
                && stands(other, over: parts[index])
        }
    }

    /// Whether the query of the signed URL was shifted from there into the parameters. It can only have gone as a whole:
    /// what begins with a small letter does not stand before `AccountSid`.
    var beginsWithClaim: Bool { bytes.starts(with: "?call=".utf8) }

    /// Whether the sought text stands somewhere in the part, with at least one byte.
    private func stands(_ sought: [UInt8], over part: Part) -> Bool {
        let first = max(0, part.start - sought.count + 1)
        let last = min(part.end - 1, bytes.count - sought.count)
        guard first <= last else { return false }
        return (first...last).contains { start in
            bytes[start] == sought[0] && bytes[start..<(start + sought.count)].elementsEqual(sought)
        }
    }

    /// What Twilio sends with a call's webhooks.
    /// - SeeAlso: https://www.twilio.com/docs/voice/twiml#request-parameters,
    ///   https://www.twilio.com/docs/voice/api/call-resource#statuscallback
    private static let known = Set(
        """
        AccountSid AnsweredBy ApiVersion CallDuration CallSid CallStatus CallToken CallbackSource Called CalledCity \
        CalledCountry CalledState CalledVia CalledZip Caller CallerCity CallerCountry CallerName CallerState CallerZip \
        Direction Duration ErrorCode ErrorMessage ErrorUrl ForwardedFrom From FromCity FromCountry FromState FromZip \
        MachineDetectionDuration ParentCallSid RecordingChannels RecordingDuration RecordingSid RecordingSource \
        RecordingStartTime RecordingStatus RecordingTrack RecordingUrl SequenceNumber SipCallId SipResponseCode \
        StirPassportToken StirStatus StirVerstat StreamError StreamEvent StreamName StreamSid Timestamp To ToCity \
        ToCountry ToState ToZip
        """
        .utf8.split(separator: UInt8(ascii: " ")).map(Array.init)
    )
}
