/// Writes one JSON object as compact UTF-8 text, member by member, for what is rendered so often that it is not built as a
/// ``JSONValue`` first. Whoever adds a name twice writes it twice.
package struct JSONObjectWriter {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    /// `capacity` is how many bytes the text will have, as far as one can tell.
    package init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// The text of the whole object. To be asked once, at the end.
    package consuming func finished() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// `null` for an absent text.
    package mutating func add(_ name: StaticString, _ value: String?) {
        begin(name)
        if let value { JSONValue.encode(value, into: &bytes) } else { addNull() }
    }

    /// `null` for an absent number.
    package mutating func add(_ name: StaticString, _ value: Int?) {
        begin(name)
        if let value { append(integer: value) } else { addNull() }
    }

    /// `null` for an absent truth value.
    package mutating func add(_ name: StaticString, _ value: Bool?) {
        begin(name)
        if let value { bytes.append(contentsOf: (value ? "true" : "false").utf8) } else { addNull() }
    }

    /// `null` for an absent time; otherwise RFC 3339 in UTC with milliseconds.
    package mutating func add(_ name: StaticString, _ value: Timestamp?) {
        begin(name)
        guard let value else { return addNull() }
        bytes.append(UInt8(ascii: "\""))
        value.appendRFC3339(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A value that is there as such.
    package mutating func add(_ name: StaticString, value: JSONValue) {
        begin(name)
        value.encode(into: &bytes)
    }

    /// An object whose members `body` adds; `null` for an absent one.
    package mutating func add<Value>(
        _ name: StaticString,
        _ value: Value?,
        _ body: (Value, inout JSONObjectWriter) -> Void
    ) {
        begin(name)
        if let value { append(value, body) } else { addNull() }
    }

    /// An array of objects whose members `body` adds.
    package mutating func add<Value>(
        _ name: StaticString,
        each values: [Value],
        _ body: (Value, inout JSONObjectWriter) -> Void
    ) {
        begin(name)
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(value, body)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func append<Value>(_ value: Value, _ body: (Value, inout JSONObjectWriter) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        body(value, &self)
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func begin(_ name: StaticString) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func addNull() { bytes.append(contentsOf: "null".utf8) }

    private mutating func append(integer value: Int) { bytes.append(contentsOf: String(value).utf8) }
}
