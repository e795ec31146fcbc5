import Metrics
import Synchronization

/// One time series.
protocol MetricCell: AnyObject, Sendable {
    /// Its lines of text, with the name of the family and its own labels.
    func lines(_ name: String, _ labels: String) -> String
}

/// A count that only grows.
final class CounterCell: MetricCell, CounterHandler {
    private let count = Atomic<Int64>(0)

    func increment(by amount: Int64) { count.add(amount, ordering: .relaxed) }

    func reset() { count.store(0, ordering: .relaxed) }

    func lines(_ name: String, _ labels: String) -> String {
        MetricText.line(name, labels, String(count.load(ordering: .relaxed)))
    }
}

/// A number that goes up and down, or grows by fractions.
final class NumberCell: MetricCell, MeterHandler, RecorderHandler, FloatingPointCounterHandler {
    private let number = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { number.withLock { $0 = value } }
    func increment(by amount: Double) { number.withLock { $0 += amount } }
    func decrement(by amount: Double) { number.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func reset() { set(0.0) }

    func lines(_ name: String, _ labels: String) -> String {
        MetricText.line(name, labels, MetricText.number(number.withLock { $0 }))
    }
}

/// How often values fell into each of some ranges: of a timer, seconds.
final class HistogramCell: MetricCell, RecorderHandler, TimerHandler {
    /// Upper bounds in seconds, from what memory answers to what vendors take at most.
    static let bounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]

    private let state = Mutex((counts: [Int64](repeating: 0, count: bounds.count + 1), sum: 0.0))

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let place = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.counts[place] += 1
            state.sum += value
        }
    }

    func lines(_ name: String, _ labels: String) -> String {
        let (counts, sum) = state.withLock { $0 }
        var text = ""
        var total: Int64 = 0
        for (bound, count) in zip(Self.bounds.map(MetricText.number) + ["+Inf"], counts) {
            total += count
            let bounded = (labels.isEmpty ? "" : labels + ",") + "le=\"\(bound)\""
            text += MetricText.line(name + "_bucket", bounded, String(total))
        }
        return text + MetricText.line(name + "_sum", labels, MetricText.number(sum))
            + MetricText.line(name + "_count", labels, String(total))
    }
}
