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
/// Every webhook of Twilio leaves here, and here a ``WebhookFault`` strikes.
struct TwilioCourier: Sendable {
    let core: SandboxCore

    /// Sends a call's callbacks one after the other, as they come or, if the call is to be shuffled, at the end.
    func deliver(_ mail: AsyncStream<TwilioWebhook>, of callSid: String) async {
        var held: [TwilioWebhook] = []
        var shuffle: UInt64?
        for await webhook in mail {
            shuffle = core.state.update { state in
                let call = state.phoneCall(callSid)
                return state.faults.shuffleSeed(
                    at: .twilio,
                    callID: callSid,
                    number: call?.order.to,
                    scenario: call?.scenario
                )
            }
            if shuffle == nil { _ = await send(webhook) } else { held.append(webhook) }
        }
        for webhook in held.reordered(seed: shuffle ?? 0) {
            _ = await send(webhook, fault: WebhookFault.shuffled().name)
        }
    }

    /// Sends one webhook with the fault that is due, and repeats it as its URL asks.
    func send(_ webhook: TwilioWebhook) async -> Result<OutboundResponse, TransportError> {
        let fault = core.state.update { state in
            let call = state.phoneCall(webhook.callSid)
            return state.faults.fault(
                at: .twilio,
                kind: webhook.kind,
                number: call?.order.to,
                scenario: call?.scenario
            )
        }
        switch fault {
        case nil, .shuffled:
            return await send(webhook, fault: nil)
        case .lost:
            core.state.update { state in
                _ = state.ledger.append(.callback(entry(webhook, url: webhook.target.url, attempt: 1, fault?.name)))
            }
            return .failure(TransportError(delivery: .notSent, cause: .connect, detail: "lost on purpose"))
        case .late(let time):
            try? await ContinuousClock().sleep(for: time)
            return await send(webhook, fault: fault?.name)
        case .doubled(let copies):
            let token = Identifier.uuid()
            return await withTaskGroup { group in
                for _ in 1..<copies { group.addTask { _ = await send(webhook, fault: fault?.name, token: token) } }
                return await send(webhook, fault: fault?.name, token: token)
            }
        }
    }

    /// Sends until an answer needs no retry, the retries are used up or the total time is over; `token` tells the
    /// receiver that these are one webhook.
    private func send(
        _ webhook: TwilioWebhook,
        fault: String?,
        token: String = Identifier.uuid()
    ) async -> Result<OutboundResponse, TransportError> {
        guard let parts = URLParts(webhook.target.url) else {
            return .failure(TransportError(delivery: .notSent, cause: .invalidRequest, detail: "URL not absolute"))
        }
        let overrides = ConnectionOverrides(fragment: parts.fragment)
        let deadline = ContinuousClock.now + overrides.totalTimeout
        var attempt = 1
        while true {
            let left = deadline - .now
            let read = overrides.connectTimeout + overrides.readTimeout
            var request = request(webhook, parts, token: token)
            request.timeout = min(left, read)
            request.connectTimeout = min(left, overrides.connectTimeout)
            let result = await attemptOnce(request, webhook, attempt, fault)
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
        _ attempt: Int,
        _ fault: String?
    ) async -> Result<OutboundResponse, TransportError> {
        let place = core.state.update { state in
            state.ledger.append(.callback(entry(webhook, url: request.url, attempt: attempt, fault)))
        }
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
        switch result {
        case .success(let answer) where answer.status < 400: break
        case .success(let answer): core.noteUndelivered(webhook.kind, to: request.url, "HTTP \(answer.status)")
        case .failure(let error): core.noteUndelivered(webhook.kind, to: request.url, "\(error.cause)")
        }
        return result
    }

    private func entry(_ webhook: TwilioWebhook, url: String, attempt: Int, _ fault: String?) -> Ledger.Callback {
        Ledger.Callback(
            time: Date(),
            vendor: .twilio,
            kind: webhook.kind,
            callID: webhook.callSid,
            method: webhook.target.method,
            url: url,
            parameters: webhook.parameters,
            body: nil,
            attempt: attempt,
            fault: fault
        )
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
            case (.connect, _), (.forbiddenAddress, _), (.nameResolution, _), (.tls, _), (.timeout, .notSent): .connect
            case (.timeout, .maybeSent), (.connectionLost, _): .read
            case (.invalidRequest, _), (.answerTooLarge, _), (.withdrawn, _), (.cancelled, _), (.stopped, _): nil
            }
        }
    }
}
