import CallDomain
import Logging
import Synchronization

/// Reports refused webhooks to the operator without letting a forger fill the disk: the first of a kind at once, then
/// at most one line a minute with the number of refusals since the previous line.
final class RefusalNotices: Sendable {
    private static let interval = Duration.seconds(60)

    private let clock: any TimeSource
    private let noted = Mutex<[String: (at: Moment, count: Int)]>([:])

    init(clock: any TimeSource) { self.clock = clock }

    /// `kind` and `reason` are from closed sets, and contain nothing of the message.
    func note(_ kind: String, _ reason: String, _ logger: Logger) {
        let now = clock.moment
        let count: Int? = noted.withLock { noted in
            let key = "\(kind) \(reason)"
            guard let last = noted[key] else {
                noted[key] = (now, 0)
                return 1
            }
            guard now - last.at >= Self.interval else {
                noted[key] = (last.at, last.count + 1)
                return nil
            }
            noted[key] = (now, 0)
            return last.count + 1
        }
        guard let count else { return }
        logger.notice(
            "webhooks refused",
            metadata: ["webhook.kind": "\(kind)", "reason": "\(reason)", "count": "\(count)"]
        )
    }
}
