import Foundation
import Synchronization

/// Knows whether code runs on the thread that a world runs on, and remembers the first that did not.
///
/// It asks a thread-local value: `pthread_self()` is taken for constant by the optimiser, which an `await` makes wrong.
final class WorldThread: Sendable {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let failure = pthread_key_create(&key, nil)
        precondition(failure == 0, "no thread-local value: \(failure)")
        return key
    }()

    private let escape = Mutex<String?>(nil)

    /// Whether the world runs here.
    var isHere: Bool { pthread_getspecific(Self.key) == name }

    private var name: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    /// What was done on another thread first, and from where.
    var firstEscape: String? { escape.withLock { $0 } }

    /// Lets the world run here for as long as `body` takes.
    func run<Value>(_ body: () -> Value) -> Value {
        let outer = pthread_getspecific(Self.key)
        pthread_setspecific(Self.key, name)
        defer { pthread_setspecific(Self.key, outer) }
        return body()
    }

    /// Takes note if this is another thread.
    func expect(_ what: @autoclosure () -> String) {
        guard !isHere else { return }
        let stack = Thread.callStackSymbols.prefix(25).joined(separator: "\n")
        let text = "\(what()) on another thread:\n\(stack)"
        escape.withLock { $0 = $0 ?? text }
    }
}
