import CallDomain
import Logging

/// Tells what has changed, once and after it is durable: to the operator's log.
struct Publisher: Sendable {
    let logger: Logger

    func publish(_ applied: Applied) {
        if let change = applied.change { publish(change) }
        for change in applied.others { publish(change) }
    }

    private func publish(_ change: CallChange) {
        guard let after = change.after, change.before?.status != after.status else { return }
        // That the request to dial is on its way is no news; that its outcome is unknown has a line of its own.
        logger.log(
            level: after.status == .unknown ? .debug : .info,
            "call status changed",
            metadata: after.logMetadata(before: change.before)
        )
    }
}
