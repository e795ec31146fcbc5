package import CallDomain
import HTTPTypes
package import OutboundHTTP

/// Sends events as Standard Webhooks.
///
/// - SeeAlso: https://www.standardwebhooks.com
package struct WebhookSender: EventSender {
    /// A receiver that takes longer is to answer first and work then.
    private static let patience = Duration.seconds(15)
    private static let label = RequestLabel(service: "receiver", endpoint: "event")

    private let transport: any HTTPTransport
    private let clock: any TimeSource
    private let body: @Sendable (OutgoingEvent) -> [UInt8]

    /// `body` is what an event is sent as.
    package init(
        transport: any HTTPTransport,
        clock: any TimeSource,
        body: @escaping @Sendable (OutgoingEvent) -> [UInt8]
    ) {
        self.transport = transport
        self.clock = clock
        self.body = body
    }

    package func send(_ event: OutgoingEvent) async -> EventAnswer {
        guard let secret = try? WebhookSecret(event.secret) else {
            return EventAnswer(status: nil, reason: "its secret cannot be used: make a new subscription")
        }
        let body = body(event)
        var headers = secret.headers(id: event.id.text, timestamp: clock.now, body: body)
        headers[.contentType] = "application/json"
        headers[.userAgent] = "switchboard"
        let request = OutboundRequest(
            method: .post,
            url: event.url,
            headers: headers,
            body: body,
            timeout: Self.patience,
            maximumAnswerBytes: 64 << 10,
            label: Self.label
        )
        do throws(TransportError) {
            return answer(try await transport.send(request))
        } catch {
            // A receiver that says more than anybody asked has taken the event all the same.
            if error.cause == .answerTooLarge, let status = error.status {
                return answer(OutboundResponse(status: status))
            }
            // What an internal name leads to is nobody's business.
            let isForbidden = error.cause == .forbiddenAddress
            return EventAnswer(
                status: nil,
                reason: isForbidden ? "its host does not lead to a public address" : error.detail
            )
        }
    }

    private func answer(_ response: OutboundResponse) -> EventAnswer {
        let status = response.status
        guard !(200...299).contains(status) else { return EventAnswer(status: status, reason: nil) }
        let reason =
            (300...399).contains(status)
            ? "the receiver redirects, which is not followed: subscribe with the final URL"
            : "the receiver answered \(status)"
        return EventAnswer(status: status, reason: reason, retryAfter: pause(response))
    }

    /// `Retry-After`: seconds or a date (RFC 9110, section 10.2.3); `nil` where there is none that makes sense.
    private func pause(_ response: OutboundResponse) -> Duration? {
        guard let text = response.headers[.retryAfter] else { return nil }
        if let seconds = Int(text) { return seconds < 0 ? nil : .seconds(seconds) }
        // Compared with the answer's own date, so that our clock does not matter.
        let now = response.headers[.date].flatMap(Timestamp.init(rfc2822:)) ?? clock.now
        return Timestamp(rfc2822: text).map { max(.zero, $0 - now) }
    }
}
