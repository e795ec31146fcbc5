package import CallDomain
package import HTTPTypes

/// An error as a client sees it: `application/problem+json` (RFC 9457) with a stable code.
package struct Problem: Error, Sendable {
    /// Stable words that a program can act on.
    package enum Code: String, Sendable, CaseIterable {
        case malformedRequest = "malformed_request"
        case idempotencyKeyInvalid = "idempotency_key_invalid"
        case unauthorized
        case destinationNotAllowed = "destination_not_allowed"
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case callNotLive = "call_not_live"
        case callIsLive = "call_is_live"
        case numberBusy = "number_busy"
        case idempotencyInProgress = "idempotency_in_progress"
        case payloadTooLarge = "payload_too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case validationFailed = "validation_failed"
        case idempotencyKeyReused = "idempotency_key_reused"
        case upstreamRejected = "upstream_rejected"
        case rateLimited = "rate_limited"
        case tooManyCalls = "too_many_calls"
        case queueFull = "queue_full"
        case internalError = "internal_error"
        case upstreamError = "upstream_error"
        case upstreamUnavailable = "upstream_unavailable"
        case upstreamBusy = "upstream_busy"
        case draining
        case dialingDisabled = "dialing_disabled"
        case journalUnavailable = "journal_unavailable"
    }

    /// One invalid field of a request.
    package struct FieldError: Sendable, Equatable {
        /// The field's path, such as `template_context.name`.
        package let field: String
        package let message: String

        package init(_ field: String, _ message: String) {
            self.field = field
            self.message = message
        }
    }

    package var code: Code
    /// What happened and what to do next.
    package var detail: String
    package var errors: [FieldError] = []
    /// The vendor's own error, if a vendor refused the request.
    package var upstream: VendorRefusal?
    /// The call that the problem is about.
    package var callID: CallID?
    package var headers: HTTPFields = [:]

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// Some fields are invalid.
    package static func validation(_ errors: [FieldError]) -> Problem {
        let fields = errors.map(\.field).joined(separator: ", ")
        var problem = Problem(.validationFailed, "Correct these fields and send the request again: \(fields).")
        problem.errors = errors
        return problem
    }

    package static func notFound(_ what: String) -> Problem { Problem(.notFound, what) }

    package var status: HTTPResponse.Status { code.status }

    func with(callID: CallID?) -> Problem {
        var problem = self
        problem.callID = callID
        return problem
    }

    /// With `Retry-After` in whole seconds, rounded up.
    func retryAfter(_ wait: Duration) -> Problem {
        var problem = self
        problem.headers[.retryAfter] = String(max(1, (wait.milliseconds + 999) / 1000))
        return problem
    }
}

extension Problem.Code {
    var status: HTTPResponse.Status {
        switch self {
        case .malformedRequest, .idempotencyKeyInvalid: .badRequest
        case .unauthorized: .unauthorized
        case .destinationNotAllowed: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .callNotLive, .callIsLive, .numberBusy, .idempotencyInProgress: .conflict
        case .payloadTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .validationFailed, .idempotencyKeyReused, .upstreamRejected: .unprocessableContent
        case .rateLimited, .tooManyCalls, .queueFull: .tooManyRequests
        case .internalError: .internalServerError
        case .upstreamError: .badGateway
        case .upstreamUnavailable, .upstreamBusy, .draining, .dialingDisabled, .journalUnavailable:
            .serviceUnavailable
        }
    }

    var title: String {
        switch self {
        case .idempotencyKeyInvalid: "The Idempotency-Key is not valid"
        case .idempotencyInProgress: "The first request with this Idempotency-Key is in progress"
        case .idempotencyKeyReused: "This Idempotency-Key was used with another request"
        case .malformedRequest: "Malformed request"
        case .unauthorized: "A valid API key is required"
        case .destinationNotAllowed: "This number may not be called"
        case .notFound: "Not found"
        case .methodNotAllowed: "Method not allowed"
        case .callNotLive: "The call has ended"
        case .callIsLive: "The call is not over"
        case .numberBusy: "A call to this number is in progress"
        case .rateLimited: "Too many requests"
        case .tooManyCalls: "The limit of calls is reached"
        case .queueFull: "The queue of orders is full"
        case .payloadTooLarge: "The request is too large"
        case .unsupportedMediaType: "Unsupported media type"
        case .validationFailed: "Some fields are invalid"
        case .upstreamRejected: "The vendor refused the request"
        case .internalError: "Internal error of the gateway"
        case .upstreamError: "The vendor refused the gateway or sent an invalid answer"
        case .upstreamUnavailable: "The vendor is unavailable"
        case .upstreamBusy: "No connection to the vendor is free"
        case .draining: "The gateway is stopping"
        case .dialingDisabled: "Dialing is switched off"
        case .journalUnavailable: "The journal cannot be written"
        }
    }
}
