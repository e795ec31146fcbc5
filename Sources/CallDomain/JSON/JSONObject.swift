import OrderedCollections

/// The members of a JSON object in their order.
///
/// Names are compared scalar by scalar, as RFC 8259 has it. `String ==` is canonical equivalence: it would take an `é` of
/// one scalar and one of two for the same name.
package struct JSONObject: Sendable, Equatable {
    /// A name, equal only to the same bytes of UTF-8.
    fileprivate struct Name: Sendable, Hashable {
        let text: String

        static func == (left: Name, right: Name) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

        /// Over the bytes, too: with the hash of `String`, a client could make any number of names collide.
        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    private var members: OrderedDictionary<Name, JSONValue> = [:]

    package init() {}

    /// `combine` chooses between the first and a later value of one name.
    package init(
        _ members: some Sequence<(String, JSONValue)>,
        uniquingKeysWith combine: (JSONValue, JSONValue) -> JSONValue
    ) {
        self.members = OrderedDictionary(members.lazy.map { (Name(text: $0), $1) }, uniquingKeysWith: combine)
    }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    package var keys: [String] { members.keys.map(\.text) }
    package var values: [JSONValue] { Array(members.values) }

    /// A new name goes to the end; `nil` takes a member out.
    package subscript(name: String) -> JSONValue? {
        get { members[Name(text: name)] }
        set { members[Name(text: name)] = newValue }
    }

    package func filter(_ isIncluded: (_ name: String, _ value: JSONValue) -> Bool) -> JSONObject {
        var object = self
        object.members.removeAll { !isIncluded($0.key.text, $0.value) }
        return object
    }

    package func mapValues(_ transform: (JSONValue) -> JSONValue) -> JSONObject {
        var object = self
        object.members = members.mapValues(transform)
        return object
    }

    package mutating func merge(_ other: JSONObject, uniquingKeysWith combine: (JSONValue, JSONValue) -> JSONValue) {
        members.merge(other.members.lazy.map { ($0.key, $0.value) }, uniquingKeysWith: combine)
    }
}

extension JSONObject: Sequence {
    package struct Iterator: IteratorProtocol {
        fileprivate var members: OrderedDictionary<Name, JSONValue>.Iterator

        package mutating func next() -> (key: String, value: JSONValue)? {
            members.next().map { ($0.key.text, $0.value) }
        }
    }

    package func makeIterator() -> Iterator { Iterator(members: members.makeIterator()) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// A member that stands twice keeps its last value.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements, uniquingKeysWith: { $1 })
    }
}
