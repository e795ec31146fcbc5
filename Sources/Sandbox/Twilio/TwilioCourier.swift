import FoundationEssentials
import HTTPTypes
import OutboundHTTP

/// One of Twilio's webhooks.
struct TwilioWebhook: Sendable {
    var kind: String
    var callSid: String
    var target: WebhookTarget
    var parameters: [Parameter]
    /// The answer of a TwiML webhook may have 64 kB.
    var maximumAnswerBytes = 64 * 1024
}

/// Sends Twilio's webhooks: signed, with the retries that the URL's fragment asks for.
///
/// Every webhook of Twilio leaves here: the place where callbacks can be lost, doubled or delayed.
struct TwilioCourier: Sendable {
    let core: SandboxCore

    /// Sends until an answer needs no retry, the retries are used up or the total time is over.
    func send(_ webhook: TwilioWebhook) async -> Result<OutboundResponse, TransportError> {
        guard let parts = URLParts(webhook.target.url) else {
            return .failure(TransportError(delivery: .notSent, cause: .invalidRequest, detail: "URL not absolute"))
        }
        let overrides = ConnectionOverrides(fragment: parts.fragment)
        let token = Identifier.uuid()
        let deadline = ContinuousClock.now + overrides.totalTimeout
        var attempt = 1
        while true {
            let left = deadline - .now
            let read = overrides.connectTimeout + overrides.readTimeout
            var request = request(webhook, parts, token: token)
            request.timeout = min(left, read)
            request.connectTimeout = min(left, overrides.connectTimeout)
            let result = await attemptOnce(request, webhook, attempt)
            guard attempt <= overrides.retries, let reason = Self.reason(for: result),
                overrides.reasons.contains(reason), !Task.isCancelled
            else { return result }
            try? await ContinuousClock().sleep(for: core.pace.scaled(.milliseconds(250)))
            guard ContinuousClock.now < deadline else { return result }
            attempt += 1
        }
    }

    private func attemptOnce(
        _ request: OutboundRequest,
        _ webhook: TwilioWebhook,
        _ attempt: Int
    ) async -> Result<OutboundResponse, TransportError> {
        let entry = Ledger.Callback(
            time: Date(),
            vendor: .twilio,
            kind: webhook.kind,
            callID: webhook.callSid,
            method: request.method.rawValue,
            url: request.url,
            parameters: webhook.parameters,
            body: nil,
            attempt: attempt
        )
        let place = core.state.update { $0.ledger.append(.callback(entry)) }
        let result: Result<OutboundResponse, TransportError>
        do throws(TransportError) {
            result = .success(try await core.transport.send(request))
        } catch {
            result = .failure(error)
        }
        core.state.update { state in
            switch result {
            case .success(let answer): state.ledger.answerCallback(at: place, status: answer.status, error: nil)
            case .failure(let error): state.ledger.answerCallback(at: place, status: nil, error: "\(error.cause)")
            }
        }
        return result
    }

    private func request(_ webhook: TwilioWebhook, _ parts: URLParts, token: String) -> OutboundRequest {
        let isPost = webhook.target.method == "POST"
        let form = Form.encode(webhook.parameters)
        var url = parts.requestURL
        if !isPost { url += (parts.target.contains("?") ? "&" : "?") + form }
        var headers: HTTPFields = [
            .accept: "*/*",
            .userAgent: "TwilioProxy/1.1",
            .known("X-Home-Region"): "us1",
            .known("I-Twilio-Idempotency-Token"): token,
            .known("X-Twilio-Signature"): TwilioSignature.sign(
                url: url,
                form: isPost ? webhook.parameters : [],
                token: core.configuration.authToken
            ),
        ]
        if isPost { headers[.contentType] = "application/x-www-form-urlencoded; charset=UTF-8" }
        return OutboundRequest(
            method: isPost ? .post : .get,
            url: url,
            headers: headers,
            body: isPost ? Array(form.utf8) : nil,
            maximumAnswerBytes: webhook.maximumAnswerBytes
        )
    }

    /// What a result counts as among the reasons to retry; `nil` for success.
    private static func reason(
        for result: Result<OutboundResponse, TransportError>
    ) -> ConnectionOverrides.RetryReason? {
        switch result {
        case .success(let answer):
            switch answer.status {
            case 400..<500: .clientError
            case 500..<600: .serverError
            default: nil
            }
        case .failure(let error):
            switch (error.cause, error.delivery) {
            case (.connect, _), (.nameResolution, _), (.tls, _), (.timeout, .notSent): .connect
            case (.timeout, .maybeSent), (.connectionLost, _): .read
            case (.invalidRequest, _), (.answerTooLarge, _), (.cancelled, _), (.stopped, _): nil
            }
        }
    }
}
