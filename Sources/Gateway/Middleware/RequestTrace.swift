import CallDomain
import CallFlow
import Logging
import Synchronization

/// Collects the facts about a request for its line in the access log: the caller, the call, and the outcome.
package final class RequestTrace: Sendable {
    private let facts = Mutex(Logger.Metadata(minimumCapacity: 12))

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

    /// How the request was answered: `status` after `milliseconds`. `route` is the router's pattern.
    func note(method: String, route: String, status: Int, milliseconds: Double) {
        facts.withLock { facts in
            facts["http.method"] = "\(method)"
            facts["http.route"] = "\(route)"
            facts["http.status"] = "\(status)"
            facts["duration.ms"] = "\(milliseconds)"
        }
    }

    /// The outcome: a word from a closed set.
    func note(outcome: String) {
        facts.withLock { $0["outcome"] = "\(outcome)" }
    }

    /// The verdict on a webhook.
    func note(_ outcome: WebhookOutcome, kind: String) {
        switch outcome {
        case .applied(let call), .alreadyKnown(let call): note(call)
        case .held, .useless: break
        }
        facts.withLock { $0["webhook.kind"] = "\(kind)" }
    }
}
