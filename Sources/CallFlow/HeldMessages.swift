import CallDomain
import Synchronization

/// Verified messages about calls that are not known yet, kept for a while: what makes a call known may come later.
final class HeldMessages: Sendable {
    struct Message: Sendable {
        let fact: CallFact
        let claimed: CallID?
        let receivedAt: Timestamp

        /// The names by which it can be found: any of them will do.
        var names: [CallName] {
            var names: Set<CallName> = []
            if let claimed { names.insert(.id(claimed)) }
            if let sid = fact.callSid { names.insert(.callSid(sid)) }
            if case .conversationReported(let report) = fact {
                names.insert(.ultravoxCallID(report.ultravoxCallID))
                if let id = report.callID { names.insert(.id(id)) }
            }
            return Array(names)
        }
    }

    static let capacity = 10_000
    static let patience = Duration.seconds(3600)

    private struct Storage {
        /// By their number, counted from 0 in order of arrival.
        var messages: [Int: Message] = [:]
        var byName: [CallName: Set<Int>] = [:]
        /// No message has a smaller number.
        var oldest = 0
        var next = 0

        mutating func remove(_ number: Int) -> Message? {
            guard let message = messages.removeValue(forKey: number) else { return nil }
            for name in message.names {
                byName[name]?.remove(number)
                if byName[name]?.isEmpty == true { byName[name] = nil }
            }
            return message
        }

        mutating func removeOldest(while isLeaving: (Storage, Message) -> Bool) -> [Message] {
            var leaving: [Message] = []
            while oldest < next {
                if let message = messages[oldest] {
                    guard isLeaving(self, message) else { break }
                    _ = remove(oldest)
                    leaving.append(message)
                }
                oldest += 1
            }
            return leaving
        }
    }

    private let storage = Mutex(Storage())

    var count: Int { storage.withLock { $0.messages.count } }

    /// Returns the messages that had to go to make room.
    func hold(_ message: Message) -> [Message] {
        storage.withLock { storage in
            let leaving = storage.removeOldest { storage, _ in storage.messages.count >= Self.capacity }
            storage.messages[storage.next] = message
            for name in message.names { storage.byName[name, default: []].insert(storage.next) }
            storage.next += 1
            return leaving
        }
    }

    /// Removes and returns the messages about a call, in order of arrival.
    func take(_ names: [CallName]) -> [Message] {
        storage.withLock { storage in
            guard !storage.messages.isEmpty else { return [] }
            let numbers = names.reduce(into: Set<Int>()) { $0.formUnion(storage.byName[$1] ?? []) }
            return numbers.sorted().compactMap { storage.remove($0) }
        }
    }

    /// Removes and returns the messages whose call did not become known in time.
    func takeExpired(now: Timestamp) -> [Message] {
        storage.withLock { storage in
            storage.removeOldest { _, message in now - message.receivedAt >= Self.patience }
        }
    }
}
