import Crypto
import FoundationEssentials
import HTTPTypes
import OutboundHTTP

/// One webhook to one receiver.
struct UltravoxWebhook: Sendable {
    let event: String
    let callID: String
    let receiver: AccountWebhook
    /// The bytes that are signed and sent, the same in every attempt.
    let body: String
}

/// Sends Ultravox's webhooks. <https://docs.ultravox.ai/webhooks/overview>
///
/// Every webhook of Ultravox leaves here: the place where deliveries can be lost, doubled or delayed.
struct UltravoxCourier: Sendable {
    let core: SandboxCore

    /// Up to 10 retries: the first after 30 s, then the pause doubles each time.
    func repeatUntilAccepted(_ webhook: UltravoxWebhook) async {
        var pause = Duration.seconds(30)
        for attempt in 2...11 {
            try? await ContinuousClock().sleep(for: core.pace.scaled(pause))
            if Task.isCancelled { return }
            if await send(webhook, attempt: attempt) { return }
            pause = pause * 2
        }
    }

    /// One attempt, with a fresh timestamp; true when the receiver answered 2xx.
    func send(_ webhook: UltravoxWebhook, attempt: Int) async -> Bool {
        let entry = Ledger.Callback(
            time: Date(),
            vendor: .ultravox,
            kind: webhook.event,
            callID: webhook.callID,
            method: "POST",
            url: webhook.receiver.url,
            parameters: [],
            body: webhook.body,
            attempt: attempt
        )
        let place = core.state.update { $0.ledger.append(.callback(entry)) }
        do throws(TransportError) {
            let answer = try await core.transport.send(request(webhook))
            core.state.update { $0.ledger.answerCallback(at: place, status: answer.status, error: nil) }
            return (200..<300).contains(answer.status)
        } catch {
            core.state.update { $0.ledger.answerCallback(at: place, status: nil, error: "\(error.cause)") }
            return false
        }
    }

    private func request(_ webhook: UltravoxWebhook) -> OutboundRequest {
        var headers: HTTPFields = [.contentType: "application/json"]
        if !webhook.receiver.secrets.isEmpty {
            let timestamp = VendorTime.iso8601(Date(), zone: "+00:00")
            headers[.known("X-Ultravox-Webhook-Timestamp")] = timestamp
            headers[.known("X-Ultravox-Webhook-Signature")] = webhook.receiver.secrets
                .map { Self.sign(webhook.body, timestamp, secret: $0) }
                .joined(separator: ",")
        }
        return OutboundRequest(
            method: .post,
            url: webhook.receiver.url,
            headers: headers,
            body: Array(webhook.body.utf8)
        )
    }

    /// HMAC-SHA256 over the body and then the timestamp, nothing between them, in lower-case hex.
    /// <https://docs.ultravox.ai/webhooks/securing-webhooks>
    static func sign(_ body: String, _ timestamp: String, secret: String) -> String {
        let key = SymmetricKey(data: Array(secret.utf8))
        return HMAC<SHA256>.authenticationCode(for: Array((body + timestamp).utf8), using: key).hexadecimal
    }
}
