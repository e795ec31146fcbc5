import CallDomain
import CallFlow
import Logging
import Synchronization

/// What is learned of a request on its way, for its line in the access log: who asks, which call it is about, what came
/// of it.
package final class RequestTrace: Sendable {
    private let facts = Mutex<Logger.Metadata>([:])

    init() {}

    var metadata: Logger.Metadata { facts.withLock { $0 } }

    /// Who asks: the name of an API key.
    func note(caller: String) {
        facts.withLock { $0["api.key"] = "\(caller)" }
    }

    /// The request is about that call.
    func note(_ call: Call) {
        facts.withLock { facts in
            facts["call.id"] = "\(call.id)"
            if let sid = call.callSid { facts["call.sid"] = "\(sid)" }
            if let correlationID = call.order?.correlationID { facts["correlation.id"] = "\(correlationID)" }
        }
    }

    /// What came of it: a word of a closed set.
    func note(outcome: String) {
        facts.withLock { $0["outcome"] = "\(outcome)" }
    }

    /// What became of a webhook.
    func note(_ outcome: WebhookOutcome, kind: String) {
        switch outcome {
        case .applied(let call), .alreadyKnown(let call): note(call)
        case .held, .useless: break
        }
        facts.withLock { $0["webhook.kind"] = "\(kind)" }
    }
}
