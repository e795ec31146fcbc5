/// A JSON value (RFC 8259) that keeps what it was given: the order of members and the digits of numbers.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    package static func integer(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }

    /// `null` for an absent text.
    package static func optional(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }

    /// `null` for an absent number.
    package static func optional(_ value: Int?) -> JSONValue { value.map(JSONValue.integer) ?? .null }

    /// `null` for an absent time; otherwise RFC 3339 in UTC with milliseconds.
    package static func optional(_ value: Timestamp?) -> JSONValue { value.map { .string($0.rfc3339) } ?? .null }

    package var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var intValue: Int? {
        if case .number(let value) = self { value.int } else { nil }
    }

    package var doubleValue: Double? {
        if case .number(let value) = self { value.double } else { nil }
    }

    package var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    package var isNull: Bool { self == .null }

    /// The member of that name, if this is an object that has it and it is not `null`.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self, let member = members[name], member != .null else { return nil }
        return member
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// A member that occurs twice keeps its last value.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements, uniquingKeysWith: { $1 }))
    }
}

/// A JSON number as it was written, so that nothing is rounded on its way through.
package struct JSONNumber: Sendable, Equatable {
    /// The literal, in the grammar of RFC 8259.
    package let literal: String

    package init(_ value: Int) { literal = String(value) }

    /// - Returns: `nil` for infinities and NaN, which JSON does not have.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        literal = value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }

    init(validLiteral: String) { literal = validLiteral }

    /// The value, if it is a whole number that fits, however it is written: `30`, `30.0` and `3e1` are JSON Schema's
    /// `integer`.
    package var int: Int? {
        let parts = literal.split(maxSplits: 1) { $0 == "e" || $0 == "E" }
        let decimal = parts[0].split(separator: ".", maxSplits: 1)
        var digits = decimal.joined()
        guard var places = parts.count == 2 ? Int(parts[1]) : 0 else { return nil }
        if decimal.count == 2 { places -= decimal[1].utf8.count }
        while places < 0, digits.utf8.last == UInt8(ascii: "0") {
            digits.removeLast()
            places += 1
        }
        // No number with more zeros fits.
        guard 0..<19 ~= places else { return nil }
        return Int(digits + String(repeating: "0", count: places))
    }
    /// The nearest `Double`; `nil` of a number beyond the largest one.
    package var double: Double? { Double(literal).flatMap { $0.isFinite ? $0 : nil } }
}
