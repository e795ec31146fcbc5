import CallDomain
import HTTPTypes
import OutboundHTTP
import Synchronization

@testable import CommandLineTool

/// Answers each request as a function says, and keeps what was asked.
final class ScriptedAnswers: HTTPTransport, Sendable {
    let answer: @Sendable (OutboundRequest) -> Result<OutboundResponse, TransportError>
    private let sent = Mutex<[OutboundRequest]>([])

    init(_ answer: @escaping @Sendable (OutboundRequest) -> Result<OutboundResponse, TransportError>) {
        self.answer = answer
    }

    var requests: [OutboundRequest] { sent.withLock { $0 } }

    func send(_ request: OutboundRequest) async throws(TransportError) -> OutboundResponse {
        sent.withLock { $0.append(request) }
        return try answer(request).get()
    }
}

/// A clock that stands still.
struct FixedClock: TimeSource {
    var moment: Moment { Moment(elapsed: .milliseconds(now.milliseconds)) }

    var now = Timestamp(milliseconds: 1_795_000_000_000)

    func sleep(for duration: Duration) async throws {}
}

extension TransportError {
    init(_ cause: Cause, _ detail: String = "") { self.init(delivery: .notSent, cause: cause, detail: detail) }
}

extension OutboundResponse {
    static func json(_ status: Int, _ value: JSONValue) -> OutboundResponse {
        OutboundResponse(status: status, headers: [.contentType: "application/json"], body: value.encoded)
    }
}
