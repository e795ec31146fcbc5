import Synchronization

/// A value that may be replaced while others use it, such as a credential that is rotated without a restart.
package final class Rotating<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>

    package init(_ value: Value) { storage = Mutex(value) }

    package var current: Value { storage.withLock { $0 } }

    /// All later reads return `value`.
    package func replace(with value: Value) { storage.withLock { $0 = value } }
}
