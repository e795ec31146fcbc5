import CallDomain

/// The name-value pairs of a form or a query, decoded, in the order of the wire.
///
/// Unknown, repeated and empty names are kept: each takes part in Twilio's signature.
package struct FormParameters: Sendable {
    package struct Pair: Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package let pairs: [Pair]

    package init(_ pairs: [Pair]) { self.pairs = pairs }

    /// Reads `application/x-www-form-urlencoded` as Python's `parse_qsl` does with blank values kept, the reading that
    /// Twilio's own validator is used with: `+` is a space, an escape that is none stays as it is, a name without `=`
    /// has an empty value, empty segments do not count, and `;` is no separator.
    /// - Returns: `nil` if the text is not UTF-8, as it stands or decoded.
    package init?(form bytes: [UInt8]) {
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var pairs: [Pair] = []
        for (rawName, rawValue) in Self.segments(of: bytes) {
            guard let name = String(validating: Self.decoded(rawName), as: UTF8.self),
                let value = String(validating: Self.decoded(rawValue), as: UTF8.self)
            else { return nil }
            pairs.append(Pair(name, value))
        }
        self.pairs = pairs
    }

    /// Reads the query of a request target, raw as received. Text that is not UTF-8 is repaired: a query is signed as it
    /// stands on the wire, so nothing that is verified depends on this reading.
    package init(query: some StringProtocol) {
        pairs = Self.segments(of: Array(query.utf8)).map {
            Pair(
                String(decoding: Self.decoded($0.name), as: UTF8.self),
                String(decoding: Self.decoded($0.value), as: UTF8.self)
            )
        }
    }

    /// The pairs as a form, in their order.
    package var encoded: String { FormEncoding.encoded(pairs.map { ($0.name, $0.value) }) }

    /// What Twilio appends to the URL before it signs: the names in the order of their bytes, each followed by its
    /// value; the values of a repeated name without doubles, in the order of their bytes, each behind its name.
    var signedText: [UInt8] {
        let sorted = pairs.sorted { left, right in
            Self.equal(left.name, right.name)
                ? left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
                : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
        var text: [UInt8] = []
        var previous: Pair?
        for pair in sorted {
            defer { previous = pair }
            if let previous, Self.equal(previous.name, pair.name), Self.equal(previous.value, pair.value) { continue }
            text.append(contentsOf: pair.name.utf8)
            text.append(contentsOf: pair.value.utf8)
        }
        return text
    }

    /// The values of a name, in order. Names are compared as bytes: `String ==` is canonical equivalence.
    package func values(of name: String) -> [String] {
        pairs.filter { Self.equal($0.name, name) }.map(\.value)
    }

    private static func equal(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
    }

    private static func segments(
        of bytes: [UInt8]
    ) -> [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] {
        bytes.split(separator: UInt8(ascii: "&")).map { segment in
            guard let equals = segment.firstIndex(of: UInt8(ascii: "=")) else { return (segment, []) }
            return (segment[..<equals], segment[(equals + 1)...])
        }
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"), index + 2 < bytes.endIndex, let high = Hex.value(of: bytes[index + 1]),
                let low = Hex.value(of: bytes[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                index += 1
            }
        }
        return decoded
    }
}
