/// Why there is no answer, and whether the vendor can have acted on the request.
package struct TransportError: Error, Sendable, Equatable {
    /// Whether the vendor can have acted on the request.
    package enum Delivery: Sendable, Equatable {
        /// Certainly not: nothing was sent, or the vendor's HTTP/2 said that it was not processed. Repeating the request
        /// cannot do anything twice.
        case notSent
        /// The first byte may have left: the vendor may have acted on it.
        case maybeSent
    }

    package enum Cause: Sendable, Equatable {
        /// The URL, a header or the body is not one that this transport sends.
        case invalidRequest
        case nameResolution
        case connect
        /// Every address of the host is one that requests must not go to; the detail says why.
        case forbiddenAddress
        case tls
        case timeout
        /// The connection broke or spoke nonsense before the answer was complete.
        case connectionLost
        /// The answer went beyond ``OutboundRequest/maximumAnswerBytes``.
        case answerTooLarge
        /// ``OutboundRequest/mayLeave`` returned false.
        case withdrawn
        /// The task that asked was cancelled.
        case cancelled
        /// The transport has stopped.
        case stopped
    }

    package var delivery: Delivery
    package var cause: Cause
    /// For the operator's log: never holds a header, a body or a query.
    package var detail: String
    /// The HTTP status of an answer that was cut off because it was too large, if that much of it was read.
    package var status: Int?

    package init(delivery: Delivery, cause: Cause, detail: String, status: Int? = nil) {
        self.delivery = delivery
        self.cause = cause
        self.detail = detail
        self.status = status
    }
}
