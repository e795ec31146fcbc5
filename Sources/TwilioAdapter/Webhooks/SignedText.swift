/// The text of a message's parameters as Twilio signs it: names and values in the order of the names, without a border
/// between them.
///
/// Whoever holds a genuine message can set other borders, and it still verifies. What was a name then stands inside of
/// another parameter.
struct SignedText {
    private struct Part {
        let name: [UInt8]
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
            parts.append(Part(name: Array(pair.name.utf8), start: start, end: bytes.count))
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
            guard index == before || !Self.isKnown(parts[index].name) else { return false }
            return stands(sought, over: parts[index])
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

    private static func isKnown(_ name: [UInt8]) -> Bool { known.contains(name) }

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
