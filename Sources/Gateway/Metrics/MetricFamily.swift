/// All series of one name.
struct MetricFamily: Sendable {
    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    let kind: Kind
    var help: String?
    /// By their labels as they are written.
    var series: [String: any MetricCell] = [:]
    /// Of a gauge or a counter that is read when somebody asks.
    var read: (@Sendable () -> [PrometheusRegistry.Reading])?

    init(
        kind: Kind,
        help: String? = nil,
        series: [String: any MetricCell] = [:],
        read: (@Sendable () -> [PrometheusRegistry.Reading])? = nil
    ) {
        self.kind = kind
        self.help = help
        self.series = series
        self.read = read
    }

    func text(name: String) -> String {
        var text = ""
        if let help = help ?? MetricText.help[name] { text += "# HELP \(name) \(help)\n" }
        text += "# TYPE \(name) \(kind.rawValue)\n"
        for (labels, cell) in series.sorted(by: { $0.key < $1.key }) { text += cell.lines(name, labels) }
        for reading in read?() ?? [] {
            text += MetricText.line(name, MetricText.labels(reading.labels), MetricText.number(reading.value))
        }
        return text
    }
}

/// How names, labels and numbers are written.
enum MetricText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// What the counters and timers mean; gauges bring their own words.
    static let help: [String: String] = [
        "switchboard_http_requests_total": "Requests answered, by route, method and status.",
        "switchboard_http_request_duration_seconds": "Time from a request to its answer, by route.",
        "switchboard_messages_refused_total": "Requests refused because of their HTTP, by reason.",
        "switchboard_metrics_dropped_total": "Time series dropped because there were too many.",
        "switchboard_orders_total":
            "Orders by outcome: created, the status of a call without CallSid, or a problem's code.",
        "switchboard_upstream_request_duration_seconds": "Time from a request to a vendor to its answer, by endpoint.",
        "switchboard_upstream_requests_total": "Requests to vendors, by endpoint and outcome.",
        "switchboard_webhooks_total": "Webhooks by vendor, kind and verdict.",
    ]

    /// `name="value",…` in the order given.
    static func labels(_ labels: [(String, String)]) -> String {
        labels.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(name)=\"\(escaped)\""
        }.joined(separator: ",")
    }

    static func line(_ name: String, _ labels: String, _ value: String) -> String {
        labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    /// Whole numbers without a point.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
