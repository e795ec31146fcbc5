import CallDomain

extension Problem.Code {
    /// What the code means and what to do about it, for the description of the API.
    var meaning: String {
        switch self {
        case .malformedRequest:
            "The body is missing, or is not strict JSON (RFC 8259: UTF-8, no name twice in one object). The detail names "
                + "the byte; correct the body."
        case .idempotencyKeyInvalid:
            "Send one `Idempotency-Key` of 1 to \(IdempotencyKey.longest) visible ASCII characters."
        case .unauthorized: "Send exactly one valid API key, as `X-API-Key` or as a bearer token, not both."
        case .destinationNotAllowed:
            "The number may not be called: its country is not in `ALLOWED_COUNTRIES`, or numbers of its kind are never "
                + "called. Nobody was called. Do not repeat the order."
        case .notFound: "There is nothing with this id."
        case .methodNotAllowed: "The path does not support the method. `Allow` names those that it supports."
        case .callNotLive: "The call has already ended."
        case .callIsLive: "The call is not over. End it with `POST /calls/{id}/hangup` first."
        case .numberBusy:
            "A call to the number is in progress (`call_id`). Nobody was called. Wait until it ends, or hang it up."
        case .idempotencyInProgress:
            "The first request with this `Idempotency-Key` is in progress. Repeat this one after `Retry-After`."
        case .payloadTooLarge: "The body is larger than the path accepts. The detail names the limit."
        case .unsupportedMediaType: "Set `Content-Type` to the type that the detail names, in UTF-8."
        case .validationFailed: "Some fields or parameters do not fit. `errors` names all of them; correct them."
        case .idempotencyKeyReused:
            "The `Idempotency-Key` was used before with another path or body. Use a new key for a new order."
        case .upstreamRejected:
            "The vendor refused what the request asks for; `upstream` has its words. Correct the request."
        case .rateLimited:
            "The API key has sent too many requests, or the gateway is working on its maximum number of requests. Nothing "
                + "was done. Repeat the request after `Retry-After`."
        case .tooManyCalls:
            "A limit of calls is reached: calls at a time, calls in a day, the pause between two calls to a number, or one "
                + "of Twilio's. Nobody was called. Repeat the order after `Retry-After`."
        case .queueFull:
            "The order would wait too long for its turn. Nobody was called. Repeat it after `Retry-After`."
        case .internalError: "The gateway failed. Look for the `request_id` in its log and report it."
        case .upstreamError:
            "The vendor refused the gateway (credentials, payment, permission), or its answer makes no sense. The operator "
                + "must act."
        case .upstreamUnavailable:
            "The vendor cannot be reached, asks to slow down, or gave no usable answer. Repeat the request after "
                + "`Retry-After`."
        case .upstreamBusy:
            "No connection to the vendor was free, and nothing was sent. Repeat the request after `Retry-After`."
        case .draining: "The gateway is stopping. Nobody was called. Repeat the order after `Retry-After`."
        case .dialingDisabled:
            "Dialing is switched off. Nobody was called. `PUT /dialing` switches dialing on again."
        case .journalUnavailable:
            "The gateway cannot write its journal, or still reads it after a start. Nothing was done. Repeat the request "
                + "after `Retry-After`."
        }
    }

    /// Whether every answer with the code has `Retry-After`. The others never have it.
    var saysWhenToRetry: Bool {
        switch self {
        case .numberBusy, .idempotencyInProgress, .rateLimited, .tooManyCalls, .queueFull, .upstreamUnavailable,
            .upstreamBusy, .draining, .dialingDisabled, .journalUnavailable:
            true
        case .malformedRequest, .idempotencyKeyInvalid, .unauthorized, .destinationNotAllowed, .notFound,
            .methodNotAllowed, .callNotLive, .callIsLive, .payloadTooLarge, .unsupportedMediaType, .validationFailed,
            .idempotencyKeyReused, .upstreamRejected, .internalError, .upstreamError:
            false
        }
    }

    /// A problem with the code, with all that such problems have.
    var example: Problem {
        let call = CallID(APIDescription.exampleCallID)
        var problem = Problem(self, meaning)
        switch self {
        case .validationFailed:
            let advice = "must be a number in E.164: + and 2 to 15 digits, no spaces, such as \"+12025550143\""
            return .validation([.init("phone_number", advice)])
        case .callNotLive, .callIsLive, .numberBusy: problem.callID = call
        case .upstreamRejected:
            problem.callID = call
            problem.upstream = VendorRefusal(
                vendor: .twilio,
                status: 400,
                code: 21_211,
                message: "The 'To' number +12125550100 is not a valid phone number.",
                moreInfo: "https://www.twilio.com/docs/errors/21211"
            )
        case .upstreamError:
            problem.upstream = VendorRefusal(vendor: .ultravox, status: 401, message: "Invalid API key.")
        case .malformedRequest, .idempotencyKeyInvalid, .unauthorized, .destinationNotAllowed, .notFound,
            .methodNotAllowed, .idempotencyInProgress, .payloadTooLarge, .unsupportedMediaType, .idempotencyKeyReused,
            .rateLimited, .tooManyCalls, .queueFull, .internalError, .upstreamUnavailable, .upstreamBusy, .draining,
            .dialingDisabled, .journalUnavailable:
            break
        }
        return problem
    }
}
