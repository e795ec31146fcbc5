/// The text of a message's parameters as Twilio signs it: names and values in the order of the names, without a border
/// between them.
///
/// So a signature does not prove where one parameter ends and the next begins. In a message with other borders, what was a
/// name stands inside of another parameter.
struct SignedText {
    private typealias Part = FormParameters.Place

    private let parameters: FormParameters

    private var bytes: [UInt8] { parameters.bytes }
    private var parts: [Part] { parameters.places }

    /// - Returns: `nil` if a name stands there more than once.
    init?(_ parameters: FormParameters) {
        let signed = parameters.inSignedOrder
        self.parameters = signed
        // Of doubles, only one is left.
        guard signed.places.count == parameters.places.count,
            zip(signed.places, signed.places.dropFirst()).allSatisfy({ left, right in
                !signed.bytes[left.name].elementsEqual(signed.bytes[right.name])
            })
        else { return nil }
    }

    /// The value of a parameter; `nil` if the message has none of that name, which is compared as bytes.
    func value(of name: String) -> String? {
        index(of: name).map { String(decoding: bytes[parts[$0].value], as: UTF8.self) }
    }

    private func index(of name: String) -> Int? { parts.firstIndex { parameters.holds($0, name) } }

    /// Whether the message, which has no parameter called `name`, could be one that had it, with other borders: the name
    /// stands somewhere else than within the name of a parameter that Twilio sends, such as `To` within `ToCity`.
    ///
    /// It may have become a piece of any other parameter: what was signed behind it may hold names that stand before it in
    /// order.
    func hides(_ name: String) -> Bool {
        let sought = Array(name.utf8)
        return stands(sought)
            && parts.contains { part in
                stands(sought, in: max(0, part.start - sought.count + 1)..<part.end) { start in
                    !isWithinName(start, sought.count, of: part)
                }
            }
    }

    /// Whether the message, which has a parameter called `name`, could be one in which another value stood under it: the
    /// name stands once more, in the parameter directly before, in one behind, or in one that Twilio does not send.
    ///
    /// Of a genuine message that is true only if somebody on the line wrote the name into a text of theirs.
    func repeats(_ name: String) -> Bool {
        let sought = Array(name.utf8)
        guard let own = index(of: name), stands(sought, besides: parts[own].start) else { return false }
        return parts.indices.contains { index in
            let part = parts[index]
            guard index >= own - 1 || !isKnown(part) else { return false }
            return stands(sought, in: max(0, part.start - sought.count + 1)..<part.end) { start in
                start != parts[own].start && !isWithinName(start, sought.count, of: part)
            }
        }
    }

    /// Whether the value of `name` could hold a parameter of Twilio's that would stand next, with its name.
    func holdsAnother(than name: String) -> Bool {
        guard let index = index(of: name) else { return false }
        let sought = Array(name.utf8)
        let part = parts[index]
        // All names of Twilio's begin with a capital letter.
        guard bytes[part.valueStart..<part.end].contains(where: Self.isCapital) else { return false }
        let next = index + 1 < parts.count ? Array(bytes[parts[index + 1].name]) : nil
        return Self.known.contains { other in
            sought.lexicographicallyPrecedes(other) && next.map(other.lexicographicallyPrecedes) ?? true
                && stands(other, in: part.valueStart..<part.end)
        }
    }

    /// Whether the value of `name` could be the beginning of a longer one, whose end became the parameter that stands
    /// next: Twilio does not send that parameter, or it holds its own name once more, or that of one that is not there.
    func isCutShort(_ name: String) -> Bool {
        guard let index = index(of: name), index + 1 < parts.count else { return false }
        let sought = Array(name.utf8)
        let next = parts[index + 1]
        guard isKnown(next) else { return true }
        let nextName = Array(bytes[next.name])
        guard bytes[next.valueStart..<next.end].contains(where: Self.isCapital) else { return false }
        return Self.known.contains { other in
            sought.lexicographicallyPrecedes(other) && stands(other, in: next.valueStart..<next.end)
                && (other == nextName || !parts.contains { bytes[$0.name].elementsEqual(other) })
        }
    }

    /// Whether the query of the signed URL was shifted from there into the parameters. It can only have gone as a whole:
    /// what begins with a small letter does not stand before `AccountSid`.
    var beginsWithClaim: Bool { bytes.starts(with: "?call=".utf8) }

    /// Whether the sought text begins anywhere, the place `besides` apart. It hardly ever does; then nothing more need be
    /// looked at.
    private func stands(_ sought: [UInt8], besides: Int? = nil) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            let first = sought[0]
            for start in 0..<max(0, bytes.count - sought.count + 1) where bytes[start] == first && start != besides {
                if bytes[start..<(start + sought.count)].elementsEqual(sought) { return true }
            }
            return false
        }
    }

    /// Whether the sought text begins somewhere in `range`, at a place that counts.
    private func stands(_ sought: [UInt8], in range: Range<Int>, where counts: (Int) -> Bool = { _ in true }) -> Bool {
        let end = min(range.upperBound, bytes.count - sought.count + 1)
        guard range.lowerBound < end else { return false }
        return (range.lowerBound..<end).contains { start in
            bytes[start] == sought[0] && bytes[start..<(start + sought.count)].elementsEqual(sought) && counts(start)
        }
    }

    /// Whether a text of `count` bytes lies within the name of a parameter that Twilio sends. Headers of a SIP call
    /// become names, too; PBXs send such as `X-Twilio-CallSid`.
    private func isWithinName(_ start: Int, _ count: Int, of part: Part) -> Bool {
        start >= part.start && start + count <= part.valueStart
            && (isKnown(part) || bytes[part.name].starts(with: "SipHeader_".utf8))
    }

    /// Whether Twilio sends a parameter of that name.
    private func isKnown(_ part: Part) -> Bool {
        part.name.count <= Self.longestKnown && Self.known.contains(Array(bytes[part.name]))
    }

    private static func isCapital(_ byte: UInt8) -> Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte }

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
    private static let longestKnown = known.map(\.count).max() ?? 0
}
