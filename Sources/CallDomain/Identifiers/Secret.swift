/// A text that is never printed: tokens, keys, webhook secrets.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The secret itself, for signing and for the vendor's header, nothing else.
    package let exposed: String

    package init(_ text: String) { exposed = text }

    package var description: String { "[redacted]" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Whether two texts are the same bytes, in time that depends on their lengths alone.
    ///
    /// `String ==` is canonical equivalence (U+212A equals K), and it stops at the first difference.
    package static func matches(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return difference(Array(left), Array(right)) == 0
    }

    /// Of arrays, which are read at once: to step through any kind of collection takes some hundred times as long.
    private static func difference(_ left: [UInt8], _ right: [UInt8]) -> UInt8 {
        var difference: UInt8 = 0
        for (a, b) in zip(left, right) { difference |= a ^ b }
        return difference
    }
}
