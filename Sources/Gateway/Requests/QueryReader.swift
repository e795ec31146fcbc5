import CallDomain
import Hummingbird
import HummingbirdCore

/// Reads a request's query parameter by parameter and collects everything that is wrong with it.
struct QueryReader {
    /// How many entries a page of a list may be asked to have, and how many it has if nobody asks.
    static let limits = 1...200
    static let usualLimit = 50
    /// How many seconds a look-up may wait for the end of its call, and how many it waits if nobody says.
    static let patience = 1...60
    static let usualPatience = 30

    private let pairs: [(name: String, value: String)]
    private var known: Set<String> = []
    private var errors: [Problem.FieldError] = []

    init(_ request: Request) {
        pairs = request.uri.queryParameters.map { (Self.decoded($0.key), String($0.value)) }
    }

    /// Hummingbird decodes values alone, and clients may write the brackets of a name as escapes.
    private static func decoded(_ name: Substring) -> String {
        guard name.utf8.contains(UInt8(ascii: "%")) else { return String(name) }
        return String(URI("/?name=\(name)").queryParameters["name"] ?? name)
    }

    mutating func fail(_ name: String, _ message: String) {
        guard errors.count < FieldReader.mostErrors else { return }
        errors.append(.init(name, message))
    }

    mutating func text(_ name: String, maximum: Int = 200) -> String? {
        let values = values(name)
        guard values.count <= 1 else {
            fail(name, "must be given only once")
            return nil
        }
        guard let value = values.first else { return nil }
        guard !value.isEmpty, value.unicodeScalars.count <= maximum, !value.hasForbiddenControls(multiline: false)
        else {
            fail(name, "must be 1 to \(maximum) printable characters")
            return nil
        }
        return value
    }

    /// All values of a parameter that may be repeated.
    mutating func values(_ name: String) -> [String] {
        known.insert(name)
        return pairs.filter { $0.name == name }.map(\.value)
    }

    /// The words of a parameter that may be repeated, or be several words with commas between.
    mutating func words(_ name: String) -> [String] {
        values(name).flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }

    /// The values of a parameter that is given by member: `name[member]=value`.
    mutating func members(_ name: String) -> [String: String] {
        var members: [String: String] = [:]
        known.insert("\(name)[KEY]")
        for (parameter, value) in pairs where parameter.hasPrefix(name + "[") && parameter.hasSuffix("]") {
            let member = String(parameter.dropFirst(name.count + 1).dropLast())
            known.insert(parameter)
            guard !member.isEmpty else {
                fail(parameter.printable, "must name a member, such as \(name)[order]")
                continue
            }
            guard members.updateValue(value, forKey: member) != nil else { continue }
            fail(parameter.printable, "must be given only once")
        }
        return members
    }

    /// The most entries that the page may have.
    mutating func limit() -> Int {
        let values = values("limit")
        guard values.count <= 1 else {
            fail("limit", "must be given only once")
            return Self.usualLimit
        }
        guard let text = values.first else { return Self.usualLimit }
        guard text.utf8.count <= 3, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let limit = Int(text), Self.limits.contains(limit)
        else {
            fail("limit", "must be a whole number from \(Self.limits.lowerBound) to \(Self.limits.upperBound)")
            return Self.usualLimit
        }
        return limit
    }

    mutating func cursor(_ codec: CursorCodec, list: String) -> String? {
        guard let text = text("cursor", maximum: CursorCodec.longest) else { return nil }
        guard let place = codec.open(text, list: list) else {
            fail("cursor", "must be the next_cursor of an earlier answer of this list")
            return nil
        }
        return place
    }

    mutating func time(_ name: String) -> Timestamp? {
        guard let text = text(name) else { return nil }
        guard let time = Timestamp(iso8601: text) else {
            fail(name, "must be a time such as 2026-11-22T11:46:05Z (write + as %2B)")
            return nil
        }
        return time
    }

    mutating func parsed<Value>(
        _ name: String,
        _ advice: String,
        maximum: Int = 200,
        _ parse: (String) -> Value?
    ) -> Value? {
        guard let text = text(name, maximum: maximum) else { return nil }
        guard let value = parse(text) else {
            fail(name, advice)
            return nil
        }
        return value
    }

    /// - Throws: ``Problem`` with every error found, unknown parameters included.
    mutating func finish() throws {
        for name in Set(pairs.map(\.name)).subtracting(known).sorted() {
            let parameters = known.isEmpty ? "it has none" : "it has \(known.sorted().joined(separator: ", "))"
            fail(name.printable, "is not a parameter of this request; \(parameters)")
        }
        guard errors.isEmpty else { throw Problem.validation(errors) }
    }
}
