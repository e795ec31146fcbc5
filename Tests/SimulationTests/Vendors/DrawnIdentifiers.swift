import CallDomain

extension Sid {
    /// A new one.
    static func drawn(_ bits: SeededBits) -> Self {
        guard let sid = Self(prefix + bits.hex(32)) else { preconditionFailure("not a Sid") }
        return sid
    }
}

extension UltravoxID {
    /// A new one.
    static func drawn(_ bits: SeededBits) -> Self {
        var rest = Substring(bits.hex(32))
        var parts: [String] = []
        for length in [8, 4, 4, 4, 12] {
            parts.append(String(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        guard let id = Self(parts.joined(separator: "-")) else { preconditionFailure("not a UUID") }
        return id
    }
}
