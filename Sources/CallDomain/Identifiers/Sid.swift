/// A Twilio string identifier: two capital letters and 32 hexadecimal digits.
/// - SeeAlso: https://www.twilio.com/docs/glossary/what-is-a-sid
package protocol Sid: Sendable, Hashable, CustomStringConvertible {
    /// The two letters that identify the kind of resource.
    static var prefix: String { get }
    var text: String { get }
    init(validText: String)
}

extension Sid {
    /// - Returns: `nil` unless `text` is the prefix followed by exactly 32 ASCII hex digits.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard bytes.count == 34, bytes.starts(with: Self.prefix.utf8),
            bytes.dropFirst(2).allSatisfy({ Hex.value(of: $0) != nil })
        else { return nil }
        self.init(validText: text)
    }

    package var description: String { text }
}

/// A phone call at Twilio.
package struct CallSid: Sid {
    package static let prefix = "CA"
    package let text: String
    package init(validText: String) { text = validText }
}

/// A Twilio account.
package struct AccountSid: Sid {
    package static let prefix = "AC"
    package let text: String
    package init(validText: String) { text = validText }
}

/// A media stream of a call.
package struct StreamSid: Sid {
    package static let prefix = "MZ"
    package let text: String
    package init(validText: String) { text = validText }
}

/// A recording of a call.
package struct RecordingSid: Sid {
    package static let prefix = "RE"
    package let text: String
    package init(validText: String) { text = validText }
}
