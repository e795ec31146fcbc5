import CallDomain
package import CallFlow

extension PrometheusRegistry {
    /// Registers what is known of calls, the queue and the vendors.
    package func addGauges(of flow: CallFlow, version: String) {
        gauge("switchboard_build_info", "Which version runs.") { [([("version", version)], 1)] }
        gauge("switchboard_calls", "Calls that are known, by status.") {
            let counts = flow.callCounts
            return CallStatus.allCases.map { ([("status", $0.rawValue)], Double(counts[$0] ?? 0)) }
        }
        gauge("switchboard_calls_active", "Calls that hold a place under MAX_CONCURRENT_CALLS.") {
            [([], Double(flow.activeCalls))]
        }
        gauge("switchboard_queue_depth", "Orders that wait to be dialed.") { [([], Double(flow.queueDepth))] }
        gauge("switchboard_dialing_enabled", "Whether the operator's switch is on.") {
            [([], flow.dialing.position.isEnabled ? 1 : 0)]
        }
        gauge("switchboard_breaker_open", "Whether nothing is asked of a vendor because it is down.") {
            flow.vendors.map { ([("vendor", $0.vendor.rawValue)], $0.condition.isBreakerOpen ? 1 : 0) }
        }
        gauge("switchboard_vendor_up", "Whether a vendor answered and took our credentials, when last heard of.") {
            flow.vendors.map { ([("vendor", $0.vendor.rawValue)], $0.condition.verdict == .ok ? 1 : 0) }
        }
    }
}
