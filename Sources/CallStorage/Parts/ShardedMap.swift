/// A dictionary in many small parts: when one of them grows, it moves a few hundred entries, and whoever waits for the
/// book's lock does not notice.
struct ShardedMap<Key: Hashable, Value> {
    private static var shards: Int { 2048 }

    private var parts = [[Key: Value]](repeating: [:], count: Self.shards)
    private(set) var count = 0
    /// The keys under which something changed.
    private var changes = Changes<Key>()

    var isEmpty: Bool { count == 0 }

    private func part(of key: Key) -> Int {
        Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue) >> 7) % Self.shards
    }

    subscript(key: Key) -> Value? {
        get { parts[part(of: key)][key] }
        _modify {
            let index = part(of: key)
            let before = parts[index].count
            defer {
                count += parts[index].count - before
                changes.note(key)
            }
            yield &parts[index][key]
        }
    }

    /// In no order.
    var pairs: some Sequence<(key: Key, value: Value)> { parts.lazy.joined() }
    var values: some Sequence<Value> { parts.lazy.flatMap(\.values) }

    /// What changed since the last time, and begins anew; see ``Changes``.
    mutating func takeChanges() -> Changes<Key> {
        defer { changes.begin() }
        return changes
    }

    /// What changed so far does not tell any more what differs from the last snapshot.
    mutating func loseChanges() { changes = Changes() }
}

extension ShardedMap: Sendable where Key: Sendable, Value: Sendable {}

/// Equal if they hold the same.
extension ShardedMap: Equatable where Value: Equatable {
    static func == (left: ShardedMap, right: ShardedMap) -> Bool {
        left.count == right.count && left.parts == right.parts
    }
}

/// Which keys changed since the last snapshot. Until there was one, and after more changes than are worth a list, that is
/// all of them, and noting another costs nothing.
struct Changes<Key: Hashable> {
    private static var maximum: Int { 500_000 }

    /// A key may stand there more than once.
    private(set) var keys: Fifo<Key>?
    private var last: Key?

    mutating func note(_ key: Key) {
        guard keys != nil, key != last else { return }
        last = key
        keys?.append(key)
        if keys?.count == Self.maximum { self = Changes() }
    }

    mutating func begin() {
        keys = Fifo()
        last = nil
    }
}

extension Changes: Sendable where Key: Sendable {}

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

/// Nobody changes what another copy shows: what is shared is copied before it is changed.
extension Boxed: @unchecked Sendable where Value: Sendable {}

extension Boxed: Equatable where Value: Equatable {
    static func == (left: Boxed, right: Boxed) -> Bool { left.value == right.value }
}
