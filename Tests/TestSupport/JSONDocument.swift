package import Foundation

/// A JSON value as it stands in the text: repeated names, their order and the spelling of numbers are kept, none of
/// which Foundation's decoder would show.
package indirect enum JSONDocument: Sendable, Equatable {
    case null
    case boolean(Bool)
    /// The number's own spelling.
    case number(String)
    case string(String)
    case array([JSONDocument])
    case object([(name: String, value: JSONDocument)])

    /// Why a text is not strict JSON, and at which byte.
    package struct SyntaxError: Error, Equatable, CustomStringConvertible {
        /// The offset in bytes.
        package let offset: Int
        /// What was expected there.
        package let expected: String

        package var description: String { "byte \(offset): expected \(expected)" }
    }

    /// Reads strict JSON (RFC 8259, UTF-8, nothing before or after).
    /// - Throws: ``SyntaxError``.
    package init(_ data: Data) throws(SyntaxError) {
        var reader = JSONReader(data)
        self = try reader.document()
    }

    package static func == (left: JSONDocument, right: JSONDocument) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.boolean(let left), .boolean(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left.elementsEqual(right, by: { $0 == $1 })
        case (.null, _), (.boolean, _), (.number, _), (.string, _), (.array, _), (.object, _): false
        }
    }

    /// The value of the first member of that name.
    package subscript(name: String) -> JSONDocument? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The value in the words of a message.
    var word: String {
        switch self {
        case .null: "null"
        case .boolean(let value): String(value)
        case .number(let text): text
        case .string(let text): text.quoted
        case .array: "an array"
        case .object: "an object"
        }
    }
}
