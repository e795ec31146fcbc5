import OutboundHTTP
import Synchronization

/// Passes requests on and remembers the cause of the last failure, which a vendor's client reports only in words.
final class LastCause: HTTPTransport, Sendable {
    private let transport: any HTTPTransport
    private let last = Mutex<TransportError.Cause?>(nil)

    init(_ transport: any HTTPTransport) { self.transport = transport }

    /// `nil` if the last request was answered.
    var cause: TransportError.Cause? { last.withLock { $0 } }

    func send(_ request: OutboundRequest) async throws(TransportError) -> OutboundResponse {
        do throws(TransportError) {
            let answer = try await transport.send(request)
            last.withLock { $0 = nil }
            return answer
        } catch {
            last.withLock { $0 = error.cause }
            throw error
        }
    }
}
