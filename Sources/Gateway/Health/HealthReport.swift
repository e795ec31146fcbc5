import CallDomain
import CallFlow

/// A setting that counts, as it may be shown: no secret, telephone numbers masked.
package struct ShownSetting: Sendable {
    package let name: String
    /// As it counts; `nil` where nothing does.
    package let value: String?

    package init(name: String, value: String?) {
        self.name = name
        self.value = value
    }
}

/// The state of the gateway and its work.
struct HealthReport: Sendable {
    let readiness: Readiness
    let flow: CallFlow
    let version: String
    let settings: Rotating<[ShownSetting]>
    let startedAt: Timestamp
    let clock: any TimeSource

    /// `ok`; `degraded` while a vendor is down or refuses this gateway, which does not make it unready; `failed` where the
    /// journal cannot be written; `starting` or `draining`.
    var status: String {
        switch readiness.state {
        case .starting: return "starting"
        case .draining: return "draining"
        case .ready: break
        }
        guard flow.journalFailure == nil else { return "failed" }
        let isWell = flow.vendors.map(\.condition).allSatisfy { condition in
            !condition.isBreakerOpen && (condition.verdict == .ok || condition.verdict == .unknown)
        }
        return isWell ? "ok" : "degraded"
    }

    var detail: JSONValue {
        let now = clock.now
        let counts = flow.callCounts
        let byStatus = CallStatus.allCases.map { status in
            (status.rawValue, JSONValue.integer(counts[status, default: 0]))
        }
        return [
            "status": .string(status),
            "version": .string(version),
            "uptime_seconds": .integer(max(0, (now - startedAt).wholeSeconds)),
            "vendors": .object(
                JSONObject(flow.vendors.map { ($0.vendor.rawValue, $0.condition.json(now: now)) }) { $1 }
            ),
            "journal": [
                "status": .string(flow.journalFailure == nil ? "ok" : "failed"),
                "keeps": .string(flow.outlivesProcess ? "durable" : "nothing"),
                "records_read": .integer(readiness.recordsRead),
                "reason": .optional(flow.journalFailure?.reason),
            ],
            "dialing": flow.dialing.json,
            "queue": ["waiting": .integer(flow.queueDepth)],
            "calls": [
                "in_progress": .integer(flow.callsInProgress),
                "by_status": .object(JSONObject(byStatus) { $1 }),
            ],
            "configuration": .object(JSONObject(settings.current.map { ($0.name, .optional($0.value)) }) { $1 }),
        ]
    }
}

extension VendorGuard.Condition {
    fileprivate func json(now: Timestamp) -> JSONValue {
        [
            "status": .string(isBreakerOpen ? "unreachable" : verdict.rawValue),
            "breaker": .string(isBreakerOpen ? "open" : "closed"),
            "checked_at": .optional(seenAt),
            "age_seconds": .optional(seenAt.map { max(0, (now - $0).wholeSeconds) }),
            "reason": .optional(reason),
        ]
    }
}
