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
    }

    /// One field of a request that does not fit.
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
    /// A vendor's own words, where a vendor said no.
    package var upstream: VendorRefusal?
    /// The call that the problem is about.
    package var callID: CallID?
    package var headers: HTTPFields = [:]

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// Fields that do not fit.
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
        case .callNotLive, .numberBusy, .idempotencyInProgress: .conflict
        case .payloadTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .validationFailed, .idempotencyKeyReused, .upstreamRejected: .unprocessableContent
        case .rateLimited, .tooManyCalls, .queueFull: .tooManyRequests
        case .internalError: .internalServerError
        case .upstreamError: .badGateway
        case .upstreamUnavailable, .upstreamBusy, .draining, .dialingDisabled: .serviceUnavailable
        }
    }

    var title: String {
        switch self {
        case .idempotencyKeyInvalid: "The Idempotency-Key is not well-formed"
        case .idempotencyInProgress: "The first request with this Idempotency-Key is not done yet"
        case .idempotencyKeyReused: "This Idempotency-Key belongs to another request"
        case .malformedRequest: "The request is not well-formed"
        case .unauthorized: "A valid API key is needed"
        case .destinationNotAllowed: "This number may not be called"
        case .notFound: "There is no such thing"
        case .methodNotAllowed: "This path does not take that method"
        case .callNotLive: "The call is over"
        case .numberBusy: "A call to this number is under way"
        case .rateLimited: "This API key sends too many requests"
        case .tooManyCalls: "There are as many calls as are allowed"
        case .queueFull: "Too many orders wait to be dialed"
        case .payloadTooLarge: "The request is too large"
        case .unsupportedMediaType: "This media type is not understood"
        case .validationFailed: "Some fields do not fit"
        case .upstreamRejected: "The vendor refused the request"
        case .internalError: "Something went wrong in the gateway"
        case .upstreamError: "The vendor refused the gateway or made no sense"
        case .upstreamUnavailable: "The vendor cannot be reached"
        case .upstreamBusy: "No connection to the vendor is free"
        case .draining: "The gateway is stopping"
        case .dialingDisabled: "Dialing is switched off"
        }
    }
}
