import CallDomain
import HTTPTypes
import Logging
import OutboundHTTP

extension UltravoxClient {
    private static let timeout = Duration.seconds(10)
    private static let connectTimeout = Duration.seconds(5)
    static let maximumAnswerBytes = 1 << 20

    /// Sends one request, and notes in the log how it went.
    ///
    /// `path` is made of fixed texts and validated identifiers alone; `endpoint` is the same without identifiers, for
    /// the log.
    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        query: [(name: String, value: String)] = [],
        body: JSONValue? = nil,
        endpoint: String,
        within patience: Duration? = nil
    ) async -> Result<OutboundResponse, TransportError> {
        var headers: HTTPFields = [.ultravoxAPIKey: apiKey.current.exposed, .accept: "application/json"]
        if body != nil { headers[.contentType] = "application/json" }
        let request = OutboundRequest(
            method: method,
            url: baseURL + path + QueryText.encoded(query),
            headers: headers,
            body: body?.encoded,
            timeout: min(patience ?? Self.timeout, Self.timeout),
            connectTimeout: min(patience ?? Self.connectTimeout, Self.connectTimeout),
            maximumAnswerBytes: Self.maximumAnswerBytes,
            label: RequestLabel(service: "ultravox", endpoint: endpoint)
        )
        let startedAt = clock.now
        let outcome: Result<OutboundResponse, TransportError>
        do throws(TransportError) {
            outcome = .success(try await transport.send(request))
        } catch {
            outcome = .failure(error)
        }
        var metadata: Logger.Metadata = [
            "endpoint": "\(endpoint)", "duration.ms": "\((clock.now - startedAt).milliseconds)",
        ]
        switch outcome {
        case .success(let answer):
            metadata["http.status"] = "\(answer.status)"
            logger.debug("Ultravox answered", metadata: metadata)
        case .failure(let error):
            // The caller learns no more than a sentence.
            metadata["cause"] = "\(error.cause)"
            metadata["delivery"] = "\(error.delivery)"
            metadata["detail"] = "\(error.detail)"
            logger.info("no answer from Ultravox", metadata: metadata)
        }
        return outcome
    }

    /// Sends one request and takes a 2xx for an answer.
    ///
    /// `unavailableDoesNothing` is true where 503 with `Retry-After` says that nothing was done, as it is documented of
    /// creating calls.
    func exchange(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: JSONValue? = nil,
        endpoint: String,
        within patience: Duration? = nil,
        unavailableDoesNothing: Bool = false
    ) async throws(VendorFailure) -> OutboundResponse {
        let outcome = await send(method, path, body: body, endpoint: endpoint, within: patience)
        return try success(outcome, unavailableDoesNothing: unavailableDoesNothing)
    }

    /// The answer of a request that Ultravox did.
    /// - Throws: what any other outcome means.
    func success(
        _ outcome: Result<OutboundResponse, TransportError>,
        unavailableDoesNothing: Bool = false
    ) throws(VendorFailure) -> OutboundResponse {
        let answer: OutboundResponse
        switch outcome {
        case .success(let received): answer = received
        case .failure(let error): throw VendorFailure(error)
        }
        let retryAfter = answer.headers[.retryAfter].flatMap { RetryAfter.duration(from: $0, now: clock.now) }
        switch answer.status {
        case 200...299: return answer
        // In other words than Ultravox's they are a proxy's, which may have passed the request on.
        case 429 where UltravoxRefusals.isOwn(answer): throw .throttled(refusal(answer), retryAfter: retryAfter)
        case 503 where unavailableDoesNothing && retryAfter != nil && UltravoxRefusals.isOwn(answer):
            throw .throttled(refusal(answer), retryAfter: retryAfter)
        // A proxy's word for a slow request as much as the vendor's: nobody knows what became of it.
        case 408: throw .unclear(.ultravox, status: 408, reason: "HTTP 408, the request took too long")
        case 400...499:
            guard UltravoxRefusals.isOwn(answer) else {
                let reason = "HTTP \(answer.status), but not in Ultravox's words: a proxy on the way may have answered"
                throw .unclear(.ultravox, status: answer.status, reason: reason)
            }
            let refusal = refusal(answer)
            if refusal.meaning.mistake == .account {
                logger.warning(
                    "Ultravox refuses this gateway: check the API key and the account's balance",
                    metadata: ["http.status": "\(answer.status)", "advice": "\(refusal.meaning.advice)"]
                )
            }
            throw .refused(refusal)
        case 500...599: throw .unclear(.ultravox, status: answer.status, reason: "HTTP \(answer.status)")
        default: throw nonsense(answer, "unexpected status HTTP \(answer.status)")
        }
    }

    /// The JSON object in an answer, which must not be encoded: we never ask for that.
    func object(in answer: OutboundResponse) throws(VendorFailure) -> JSONValue {
        try checkBody(of: answer)
        guard let value = try? JSONParser.parse(answer.body, reading: .lenient), value.objectValue != nil else {
            throw nonsense(answer, "the answer is not a JSON object")
        }
        return value
    }

    /// The same for what is to be sent back with a change: everything else in it must stay as it is.
    func wholeObject(in answer: OutboundResponse) throws(VendorFailure) -> JSONValue {
        try checkBody(of: answer)
        guard let value = try? JSONParser.parseWhole(answer.body), value.objectValue != nil else {
            throw nonsense(
                answer,
                "the answer holds values that could not be sent back as they are: correct them at Ultravox, then repeat "
                    + "the change"
            )
        }
        return value
    }

    private func checkBody(of answer: OutboundResponse) throws(VendorFailure) {
        guard answer.body.count <= Self.maximumAnswerBytes else { throw nonsense(answer, "the answer is too large") }
        guard answer.headers[values: .contentEncoding].allSatisfy({ $0.lowercased() == "identity" }) else {
            throw nonsense(answer, "the answer is encoded")
        }
    }

    func nonsense(_ answer: OutboundResponse, _ reason: String) -> VendorFailure {
        .nonsense(.ultravox, status: answer.status, reason: reason)
    }

    /// What an answer says, in its own words and in ours; the vendor may have quoted our secrets.
    private func refusal(_ answer: OutboundResponse) -> VendorRefusal {
        let message = RefusalText.message(
            from: answer.body,
            status: answer.status,
            withholding: [apiKey.current.exposed, callbackSecret.exposed]
        )
        return VendorRefusal(
            vendor: .ultravox,
            status: answer.status,
            message: message,
            meaning: UltravoxRefusals.meaning(status: answer.status, message: message)
        )
    }
}

extension VendorFailure {
    fileprivate init(_ error: TransportError) {
        let reason =
            switch error.cause {
            case .invalidRequest: "the request could not be sent"
            case .nameResolution: "its name could not be resolved"
            case .connect, .forbiddenAddress: "could not connect"
            case .tls: "the TLS certificate is not trusted"
            case .timeout: "no answer in time"
            case .connectionLost: "the connection was lost before the answer was complete"
            case .answerTooLarge: "the answer was too large"
            case .withdrawn: "the request was withdrawn before it was sent"
            case .cancelled: "the request was cancelled"
            case .stopped: "the gateway is stopping"
            }
        switch error.delivery {
        case .notSent: self = .notSent(.ultravox, reason: reason)
        case .maybeSent: self = .unclear(.ultravox, status: nil, reason: reason)
        }
    }
}
