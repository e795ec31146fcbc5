import CallDomain
import HTTPTypes
import OutboundHTTP
import Synchronization

/// Passes requests on and remembers by how much the answers' `Date` differs from our clock.
final class VendorTime: HTTPTransport, Sendable {
    private let transport: any HTTPTransport
    private let clock: any TimeSource
    private let smallest = Mutex<Duration?>(nil)

    /// From here on a clock deserves a look.
    static let noticeable = Duration.seconds(30)

    init(_ transport: any HTTPTransport, clock: any TimeSource) {
        self.transport = transport
        self.clock = clock
    }

    func send(_ request: OutboundRequest) async throws(TransportError) -> OutboundResponse {
        let before = clock.now
        let answer = try await transport.send(request)
        if let date = answer.headers[.date].flatMap({ Timestamp(rfc2822: $0) }) {
            let distance = Self.distance(of: date, from: before, to: clock.now)
            smallest.withLock { $0 = min($0 ?? distance, distance) }
        }
        return answer
    }

    /// The smallest difference between our clock and a vendor's; `nil` if no vendor sent its time.
    var difference: Duration? { smallest.withLock { $0 } }

    /// `date` was written between `before` and `after`, and has whole seconds.
    private static func distance(of date: Timestamp, from before: Timestamp, to after: Timestamp) -> Duration {
        let end = date + .seconds(1)
        if end < before { return before - end }
        return date > after ? date - after : .zero
    }

    /// The judgement on our clock; webhooks of Ultravox may be as old as `tolerance`.
    func finding(tolerance: Duration) -> Finding {
        guard let difference else { return Finding("clock", .skipped, "no vendor sent its time") }
        let text = "this machine's clock and the vendors' are \(difference.wholeSeconds) s apart"
        if difference > tolerance {
            return Finding(
                "clock",
                .failed,
                "\(text), more than ULTRAVOX_TIMESTAMP_TOLERANCE: Ultravox's webhooks are refused; set the clock "
                    + "with NTP"
            )
        }
        if difference >= Self.noticeable {
            return Finding("clock", .warning, "\(text): set the clock with NTP")
        }
        return Finding("clock", .ok, text)
    }
}
