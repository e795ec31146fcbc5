import CallDomain

/// Prints a call's timeline while it grows.
struct LiveTimeline {
    private let terminal: Terminal
    private var printed: Set<String> = []

    init(terminal: Terminal) {
        self.terminal = terminal
        let header = Self.row("TIME (UTC)", "SOURCE", "EVENT", "STATUS", "DETAIL")
        terminal.line(terminal.styled(header, .faint))
    }

    /// Prints those entries of a looked-up call that were not printed yet.
    mutating func show(_ call: JSONValue) {
        for entry in call["timeline"]?.arrayValue ?? [] {
            guard let at = entry["at"]?.stringValue, let type = entry["type"]?.stringValue,
                let source = entry["source"]?.stringValue, printed.insert("\(at) \(type) \(source)").inserted
            else { continue }
            let status = entry["status"]?.stringValue
            let row = Self.row(
                String(at.dropFirst(11).dropLast(1)),
                source,
                type,
                status ?? "",
                entry["detail"]?.stringValue ?? ""
            )
            terminal.line(styled(row, status: status, source: source))
        }
    }

    private func styled(_ row: String, status: String?, source: String) -> String {
        switch status.flatMap(CallStatus.init(rawValue:)) {
        case .completed: terminal.styled(row, .green, .bold)
        case .busy, .noAnswer, .canceled: terminal.styled(row, .yellow, .bold)
        case .failed: terminal.styled(row, .red, .bold)
        case .inProgress: terminal.styled(row, .green)
        case .pending, .unknown, .unconfirmed: terminal.styled(row, .faint)
        case .queued, .initiated, .ringing: row
        case nil: source == "ultravox" ? terminal.styled(row, .magenta) : terminal.styled(row, .cyan)
        }
    }

    private static func row(
        _ time: String,
        _ source: String,
        _ type: String,
        _ status: String,
        _ detail: String
    ) -> String {
        let columns = [
            Terminal.column(time, 14), Terminal.column(source, 10), Terminal.column(type, 24),
            Terminal.column(status, 13),
        ]
        return "     " + (columns.joined() + detail).trimmingTrailingSpaces
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
