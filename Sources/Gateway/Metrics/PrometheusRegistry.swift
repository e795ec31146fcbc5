package import Metrics
import Synchronization

/// Keeps the values of swift-metrics, and writes them in Prometheus's text format.
///
/// Counters end in `_total`; timers become histograms in seconds. The number of time series is limited whatever labels
/// occur: series above the limit are dropped, and one series counts them.
/// - SeeAlso: https://prometheus.io/docs/instrumenting/exposition_formats/
package final class PrometheusRegistry: MetricsFactory {
    /// Labels and a value, read when somebody asks.
    package typealias Reading = (labels: [(String, String)], value: Double)

    static let mostSeries = 4000

    private struct State {
        var families: [String: MetricFamily] = [:]
        var seriesCount = 0
        var dropped: Int64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Adds a gauge that is read when somebody asks.
    package func gauge(_ name: String, _ help: String, read: @escaping @Sendable () -> [Reading]) {
        state.withLock { $0.families[name] = MetricFamily(kind: .gauge, help: help, read: read) }
    }

    /// Adds a counter that is read when somebody asks; the name ends in `_total`.
    package func counter(_ name: String, _ help: String, read: @escaping @Sendable () -> [Reading]) {
        state.withLock { $0.families[name] = MetricFamily(kind: .counter, help: help, read: read) }
    }

    /// Everything, as text.
    package var text: String {
        var (families, dropped) = state.withLock { ($0.families, $0.dropped) }
        if dropped > 0 {
            let cell = CounterCell()
            cell.increment(by: dropped)
            families["switchboard_metrics_dropped_total"] = MetricFamily(kind: .counter, series: ["": cell])
        }
        return families.sorted { $0.key < $1.key }.map { $1.text(name: $0) }.joined()
    }

    /// The cell of a series, which is made if there is none.
    private func cell<Cell: MetricCell>(
        _ name: String,
        _ kind: MetricFamily.Kind,
        _ labels: [(String, String)],
        make: () -> Cell
    ) -> Cell {
        let key = MetricText.labels(labels)
        return state.withLock { state in
            if let known = state.families[name]?.series[key] as? Cell { return known }
            let new = make()
            guard state.seriesCount < Self.mostSeries, (state.families[name]?.kind ?? kind) == kind else {
                state.dropped += 1
                return new
            }
            state.families[name, default: MetricFamily(kind: kind)].series[key] = new
            state.seriesCount += 1
            return new
        }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        cell(label + "_total", .counter, dimensions) { CounterCell() }
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        cell(label + "_total", .counter, dimensions) { NumberCell() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        cell(label, .gauge, dimensions) { NumberCell() }
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        if aggregate { return cell(label, .histogram, dimensions) { HistogramCell() } }
        return cell(label, .gauge, dimensions) { NumberCell() }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        cell(label + "_seconds", .histogram, dimensions) { HistogramCell() }
    }

    // Series stay: a counter that went away and came back would look like a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}
