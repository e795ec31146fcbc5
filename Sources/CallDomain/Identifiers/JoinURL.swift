/// The address at which Twilio's media stream joins an agent call: a key to the conversation.
///
/// It appears in the answer that created the call and in TwiML, never in look-ups, lists, logs or errors; hence the
/// redacted description.
/// - SeeAlso: https://docs.ultravox.ai/telephony/telephony-platforms
package struct JoinURL: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    package let text: String

    /// - Returns: `nil` unless `text` is a `wss` URL of printable ASCII that Twilio's `<Stream>` takes as it is: no
    ///   query (Twilio cuts it off), no fragment, no user information, and no character that is markup in XML.
    package init?(_ text: String) {
        let bytes = text.utf8
        let refused = Array("\"'<>&`{}|\\^?#@".utf8)
        guard bytes.count <= 2048, bytes.starts(with: "wss://".utf8),
            bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !refused.contains($0) })
        else { return nil }
        let authority = bytes.dropFirst(6).prefix { $0 != UInt8(ascii: "/") }
        guard let first = authority.first, first != UInt8(ascii: ":") else { return nil }
        self.text = text
    }

    package var description: String { "wss://[redacted]" }
    package var debugDescription: String { description }
}
