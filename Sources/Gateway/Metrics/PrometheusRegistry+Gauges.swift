import CallDomain
package import CallFlow

extension PrometheusRegistry {
    /// Registers the gauges of calls, the queue, the vendors and the readers of events.
    package func addGauges(of flow: CallFlow, version: String) {
        gauge("switchboard_build_info", "The running version.") { [([("version", version)], 1)] }
        gauge("switchboard_calls", "Calls in memory, by status.") {
            let counts = flow.callCounts
            return CallStatus.allCases.map { ([("status", $0.rawValue)], Double(counts[$0] ?? 0)) }
        }
        gauge("switchboard_calls_active", "Calls that count for MAX_CONCURRENT_CALLS.") {
            [([], Double(flow.activeCalls))]
        }
        gauge("switchboard_queue_depth", "Orders that wait to be dialed.") { [([], Double(flow.queueDepth))] }
        gauge("switchboard_deliveries_pending", "Events that are still to be sent to receivers.") {
            [([], Double(flow.waitingDeliveries))]
        }
        gauge("switchboard_dialing_enabled", "1 if dialing is switched on.") {
            [([], flow.dialing.isEnabled ? 1 : 0)]
        }
        gauge("switchboard_breaker_open", "1 while the circuit breaker of the vendor is open.") {
            flow.vendors.map { ([("vendor", $0.vendor.rawValue)], $0.condition.isBreakerOpen ? 1 : 0) }
        }
        gauge("switchboard_vendor_up", "1 if the vendor answered the last request and accepted our credentials.") {
            flow.vendors.map { ([("vendor", $0.vendor.rawValue)], $0.condition.verdict == .ok ? 1 : 0) }
        }
        gauge("switchboard_event_streams", "Streams of events that are open.") {
            [([], Double(flow.events.readerCount))]
        }
        counter("switchboard_event_streams_dropped_total", "Streams ended because their readers were slow.") {
            [([], Double(flow.events.slowReaderCount))]
        }
    }
}
