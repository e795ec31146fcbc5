/// A UUID by which Ultravox names a resource, in the usual 8-4-4-4-12 form.
package protocol UltravoxID: Sendable, Hashable, CustomStringConvertible {
    /// Lower case, so that two spellings of one UUID are one identifier.
    var text: String { get }
    init(validText: String)
}

extension UltravoxID {
    /// - Returns: `nil` unless `text` is a UUID.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        for (index, byte) in bytes.enumerated() {
            switch index {
            case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return nil }
            default: guard Hex.value(of: byte) != nil else { return nil }
            }
        }
        self.init(validText: text.lowercased())
    }

    package var description: String { text }
}

/// An agent at Ultravox.
package struct AgentID: UltravoxID {
    package let text: String
    package init(validText: String) { text = validText }
}

/// A conversation of an agent at Ultravox (`callId`).
package struct UltravoxCallID: UltravoxID {
    package let text: String
    package init(validText: String) { text = validText }
}
