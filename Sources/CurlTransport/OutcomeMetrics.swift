import Metrics
import OutboundHTTP

/// `outbound_request_duration`, a timer by outcome: `answered`, or why there was no answer.
struct OutcomeMetrics: Sendable {
    private let answered = Self.timer("answered")
    private let failed: [TransportError.Cause: Timer] = [
        .invalidRequest: Self.timer("invalid_request"), .nameResolution: Self.timer("name_resolution"),
        .connect: Self.timer("connect"), .tls: Self.timer("tls"), .timeout: Self.timer("timeout"),
        .connectionLost: Self.timer("connection_lost"), .answerTooLarge: Self.timer("answer_too_large"),
        .cancelled: Self.timer("cancelled"), .stopped: Self.timer("stopped"),
    ]

    func record(_ duration: Duration, failure: TransportError.Cause?) {
        (failure.flatMap { failed[$0] } ?? answered).record(duration: duration)
    }

    private static func timer(_ outcome: String) -> Timer {
        Timer(label: "outbound_request_duration", dimensions: [("outcome", outcome)])
    }
}
