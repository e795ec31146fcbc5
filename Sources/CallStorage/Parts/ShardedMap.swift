/// A dictionary in many small parts: when one of them grows, it moves a few hundred entries, and whoever waits for the
/// book's lock does not notice.
struct ShardedMap<Key: Hashable, Value> {
    private static var shards: Int { 2048 }

    private var parts = [[Key: Value]](repeating: [:], count: Self.shards)
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    private func part(of key: Key) -> Int {
        Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue) >> 7) % Self.shards
    }

    subscript(key: Key) -> Value? {
        get { parts[part(of: key)][key] }
        _modify {
            let index = part(of: key)
            let before = parts[index].count
            defer { count += parts[index].count - before }
            yield &parts[index][key]
        }
    }

    /// In no order.
    var pairs: some Sequence<(key: Key, value: Value)> { parts.lazy.joined() }
    var values: some Sequence<Value> { parts.lazy.flatMap(\.values) }
}

extension ShardedMap: Equatable where Value: Equatable {}

/// A value in a place of its own, copied when it is changed while it is shared: a table of such values is moved at little
/// cost.
struct Boxed<Value> {
    private final class Storage {
        var value: Value

        init(_ value: Value) { self.value = value }
    }

    private var storage: Storage

    init(_ value: Value) { storage = Storage(value) }

    var value: Value {
        get { storage.value }
        _modify {
            if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.value) }
            yield &storage.value
        }
    }
}

extension Boxed: Equatable where Value: Equatable {
    static func == (left: Boxed, right: Boxed) -> Bool { left.value == right.value }
}
