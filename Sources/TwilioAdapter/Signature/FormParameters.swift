import CallDomain

/// The name-value pairs of a form or a query, decoded, in the order of the wire.
///
/// Unknown, repeated and empty names are kept: each takes part in Twilio's signature. A message is decoded once, into one
/// piece of memory, and names and values are places in it: of most of them nobody ever wants a text.
package struct FormParameters: Sendable {
    package struct Pair: Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Where a pair stands: its name, and its value directly behind.
    struct Place: Sendable {
        let start: Int
        let valueStart: Int
        let end: Int

        var name: Range<Int> { start..<valueStart }
        var value: Range<Int> { valueStart..<end }
    }

    /// All names and values, decoded, without anything between them. UTF-8.
    let bytes: [UInt8]
    let places: [Place]

    package init(_ pairs: [Pair]) {
        var bytes: [UInt8] = []
        var places: [Place] = []
        for pair in pairs {
            let start = bytes.count
            bytes.append(contentsOf: pair.name.utf8)
            let valueStart = bytes.count
            bytes.append(contentsOf: pair.value.utf8)
            places.append(Place(start: start, valueStart: valueStart, end: bytes.count))
        }
        self.init(bytes: bytes, places: places)
    }

    /// Reads `application/x-www-form-urlencoded` as Python's `parse_qsl` does with blank values kept, the reading that
    /// Twilio's own validator is used with: `+` is a space, an escape that is none stays as it is, a name without `=`
    /// has an empty value, empty segments do not count, and `;` is no separator.
    /// - Returns: `nil` if the text is not UTF-8, as it stands or decoded.
    package init?(form bytes: [UInt8]) {
        self.init(decoding: bytes)
        // Whatever is not ASCII as it stands is not ASCII decoded.
        if isASCII(self.bytes) { return }
        guard isUTF8(bytes[...]), places.allSatisfy({ isUTF8(self.bytes[$0.name]) && isUTF8(self.bytes[$0.value]) })
        else { return nil }
    }

    /// Reads the query of a request target, raw as received. Text that is not UTF-8 is repaired: a query is signed as it
    /// stands on the wire, so nothing that is verified depends on this reading.
    package init(query: some StringProtocol) {
        let decoded = Self(decoding: Array(query.utf8))
        // To make texts of them repairs them.
        self = isASCII(decoded.bytes) ? decoded : Self(decoded.pairs)
    }

    private init(bytes: [UInt8], places: [Place]) {
        self.bytes = bytes
        self.places = places
    }

    /// Decodes whatever the bytes are.
    private init(decoding text: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var places: [Place] = []
        places.reserveCapacity(32)
        // Of the pair that is being read.
        var start = 0
        var valueStart: Int?
        var isEmpty = true
        func end() {
            if !isEmpty { places.append(Place(start: start, valueStart: valueStart ?? bytes.count, end: bytes.count)) }
            (start, valueStart, isEmpty) = (bytes.count, nil, true)
        }
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "&") {
                end()
                continue
            }
            isEmpty = false
            switch byte {
            case UInt8(ascii: "=") where valueStart == nil: valueStart = bytes.count
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                // What ends a name or a value is no hex digit.
                if index + 1 < text.count, let high = Hex.value(of: text[index]),
                    let low = Hex.value(of: text[index + 1])
                {
                    bytes.append(high << 4 | low)
                    index += 2
                } else {
                    bytes.append(byte)
                }
            default: bytes.append(byte)
            }
        }
        end()
        self.init(bytes: bytes, places: places)
    }

    /// The pairs, in their order.
    package var pairs: [Pair] {
        places.map {
            Pair(String(decoding: bytes[$0.name], as: UTF8.self), String(decoding: bytes[$0.value], as: UTF8.self))
        }
    }

    /// The pairs as a form, in their order.
    package var encoded: String { FormEncoding.encoded(pairs.map { ($0.name, $0.value) }) }

    /// What Twilio appends to the URL before it signs: the names in the order of their bytes, each followed by its
    /// value; the values of a repeated name without doubles, in the order of their bytes, each behind its name.
    var signedText: [UInt8] { inSignedOrder.bytes }

    /// The same pairs in the order in which Twilio signs them, without doubles.
    var inSignedOrder: FormParameters {
        // So Twilio sends them.
        let isInOrder = zip(places, places.dropFirst()).allSatisfy { left, right in
            bytes[left.name].lexicographicallyPrecedes(bytes[right.name])
        }
        if isInOrder { return self }
        let sorted = places.sorted { left, right in
            bytes[left.name].elementsEqual(bytes[right.name])
                ? bytes[left.value].lexicographicallyPrecedes(bytes[right.value])
                : bytes[left.name].lexicographicallyPrecedes(bytes[right.name])
        }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var moved: [Place] = []
        moved.reserveCapacity(sorted.count)
        var previous: Place?
        for place in sorted {
            defer { previous = place }
            if let previous, bytes[previous.name].elementsEqual(bytes[place.name]),
                bytes[previous.value].elementsEqual(bytes[place.value])
            {
                continue
            }
            let start = text.count
            text.append(contentsOf: bytes[place.start..<place.end])
            moved.append(Place(start: start, valueStart: start + place.name.count, end: text.count))
        }
        return FormParameters(bytes: text, places: moved)
    }

    /// The values of a name, in order. Names are compared as bytes: `String ==` is canonical equivalence.
    package func values(of name: String) -> [String] {
        places.filter { holds($0, name) }.map { String(decoding: bytes[$0.value], as: UTF8.self) }
    }

    /// Whether a pair has that name.
    func holds(_ place: Place, _ name: String) -> Bool {
        place.name.count == name.utf8.count && bytes[place.name].elementsEqual(name.utf8)
    }
}

private func isASCII(_ bytes: [UInt8]) -> Bool { bytes.reduce(0, |) < 0x80 }

private func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool { String(validating: bytes, as: UTF8.self) != nil }
