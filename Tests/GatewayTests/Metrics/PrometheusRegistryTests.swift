import HTTPTypes
import Metrics
import Testing

@testable import Gateway

/// Metrics in Prometheus's text format.
@Suite struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry()

    @Test func `counters, gauges and histograms are written as Prometheus reads them`() {
        Counter(label: "switchboard_orders", dimensions: [("outcome", "created")], factory: registry).increment(by: 2)
        Counter(label: "a", dimensions: [("name", "quote \" slash \\ line\nend")], factory: registry).increment()
        let timer = Timer(label: "t", factory: registry)
        timer.recordNanoseconds(3_000_000)
        timer.recordNanoseconds(4_000_000_000)
        timer.recordNanoseconds(90_000_000_000)
        registry.gauge("g", "A gauge.") { [([("kind", "x")], 1.5), ([("kind", "y")], 3)] }
        let expected = """
            # TYPE a_total counter
            a_total{name="quote \\" slash \\\\ line\\nend"} 1
            # HELP g A gauge.
            # TYPE g gauge
            g{kind="x"} 1.5
            g{kind="y"} 3
            # HELP switchboard_orders_total Orders by outcome: created, the status of a call without CallSid, or a \
            problem's code.
            # TYPE switchboard_orders_total counter
            switchboard_orders_total{outcome="created"} 2
            # TYPE t_seconds histogram
            t_seconds_bucket{le="0.0005"} 0
            t_seconds_bucket{le="0.001"} 0
            t_seconds_bucket{le="0.0025"} 0
            t_seconds_bucket{le="0.005"} 1
            t_seconds_bucket{le="0.01"} 1
            t_seconds_bucket{le="0.025"} 1
            t_seconds_bucket{le="0.05"} 1
            t_seconds_bucket{le="0.1"} 1
            t_seconds_bucket{le="0.25"} 1
            t_seconds_bucket{le="0.5"} 1
            t_seconds_bucket{le="1"} 1
            t_seconds_bucket{le="2.5"} 1
            t_seconds_bucket{le="5"} 2
            t_seconds_bucket{le="10"} 2
            t_seconds_bucket{le="30"} 2
            t_seconds_bucket{le="+Inf"} 3
            t_seconds_sum 94.003
            t_seconds_count 3

            """
        #expect(registry.text == expected)
    }

    @Test func `counts are exact, however many count at once`() async {
        let registry = registry
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    // The same series, asked for by each.
                    let counter = Counter(label: "n", factory: registry)
                    let timer = Timer(label: "d", factory: registry)
                    for _ in 0..<10_000 {
                        counter.increment()
                        timer.recordNanoseconds(1)
                    }
                }
            }
        }
        #expect(registry.text.contains("\nn_total 80000\n"))
        #expect(registry.text.contains("\nd_seconds_count 80000\n"))
    }

    @Test func `no labels make more series than are kept, and the loss is told`() {
        for number in 0..<(PrometheusRegistry.mostSeries + 500) {
            Counter(label: "c", dimensions: [("number", String(number))], factory: registry).increment()
        }
        let lines = registry.text.split(separator: "\n").filter { $0.hasPrefix("c_total{") }
        #expect(lines.count == PrometheusRegistry.mostSeries)
        #expect(registry.text.contains("switchboard_metrics_dropped_total 500"))
    }

    @Test func `methods that nobody knows share one series`() {
        let recorder = RequestMetrics.Recorder(factory: registry)
        for number in 0..<1000 {
            guard let method = HTTPRequest.Method("X\(number)") else { continue }
            recorder.record(route: "none", method: method, status: 404, .milliseconds(1))
        }
        let lines = registry.text.split(separator: "\n").filter { $0.hasPrefix("switchboard_http_requests_total{") }
        #expect(lines == ["switchboard_http_requests_total{route=\"none\",method=\"other\",status=\"404\"} 1000"])
    }
}
