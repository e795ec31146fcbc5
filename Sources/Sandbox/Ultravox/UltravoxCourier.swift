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
/// Every webhook of Ultravox leaves here, and here a ``WebhookFault`` strikes the first attempt.
struct UltravoxCourier: Sendable {
    let core: SandboxCore

    /// Sends a call's webhooks in order, as they come or, if the call is to be shuffled, at the end; one that is not
    /// accepted is repeated beside the later ones.
    func deliver(_ mail: AsyncStream<UltravoxWebhook>, of callID: String) async {
        await withDiscardingTaskGroup { retries in
            var held: [UltravoxWebhook] = []
            var shuffle: UInt64?
            for await webhook in mail {
                shuffle = core.state.update { state in
                    let phone = state.phone(ofAgentCall: callID)
                    return state.faults.shuffleSeed(
                        at: .ultravox,
                        callID: callID,
                        number: phone?.order.to,
                        scenario: phone?.scenario
                    )
                }
                if shuffle != nil {
                    held.append(webhook)
                } else if await !sendFirst(webhook) {
                    retries.addTask { await repeatUntilAccepted(webhook) }
                }
            }
            for webhook in held.reordered(seed: shuffle ?? 0) {
                if await send(webhook, attempt: 1, fault: WebhookFault.shuffled().name) { continue }
                retries.addTask { await repeatUntilAccepted(webhook) }
            }
        }
    }

    /// The first attempt, with the fault that is due; true when nothing is left to repeat.
    private func sendFirst(_ webhook: UltravoxWebhook) async -> Bool {
        let fault = core.state.update { state in
            let phone = state.phone(ofAgentCall: webhook.callID)
            return state.faults.fault(
                at: .ultravox,
                kind: webhook.event,
                number: phone?.order.to,
                scenario: phone?.scenario
            )
        }
        switch fault {
        case nil, .shuffled:
            return await send(webhook, attempt: 1, fault: nil)
        case .lost:
            core.state.update { _ = $0.ledger.append(.callback(entry(webhook, attempt: 1, fault?.name))) }
            return true
        case .late(let time):
            try? await ContinuousClock().sleep(for: time)
            return await send(webhook, attempt: 1, fault: fault?.name)
        case .doubled(let copies):
            return await withTaskGroup { group in
                for _ in 0..<copies { group.addTask { await send(webhook, attempt: 1, fault: fault?.name) } }
                return await group.allSatisfy { $0 }
            }
        }
    }

    /// Up to 10 retries: the first after 30 s, then the pause doubles each time.
    private func repeatUntilAccepted(_ webhook: UltravoxWebhook) async {
        var pause = Duration.seconds(30)
        for attempt in 2...11 {
            try? await ContinuousClock().sleep(for: core.pace.scaled(pause))
            if Task.isCancelled { return }
            if await send(webhook, attempt: attempt, fault: nil) { return }
            pause = pause * 2
        }
    }

    /// One attempt, with a fresh timestamp; true when the receiver answered 2xx.
    private func send(_ webhook: UltravoxWebhook, attempt: Int, fault: String?) async -> Bool {
        let place = core.state.update { $0.ledger.append(.callback(entry(webhook, attempt: attempt, fault))) }
        do throws(TransportError) {
            let answer = try await core.transport.send(request(webhook))
            core.state.update { $0.ledger.answerCallback(at: place, status: answer.status, error: nil) }
            let isTaken = (200..<300).contains(answer.status)
            if !isTaken { core.noteUndelivered(webhook.event, to: webhook.receiver.url, "HTTP \(answer.status)") }
            return isTaken
        } catch {
            core.state.update { $0.ledger.answerCallback(at: place, status: nil, error: "\(error.cause)") }
            core.noteUndelivered(webhook.event, to: webhook.receiver.url, "\(error.cause)")
            return false
        }
    }

    private func entry(_ webhook: UltravoxWebhook, attempt: Int, _ fault: String?) -> Ledger.Callback {
        Ledger.Callback(
            time: Date(),
            vendor: .ultravox,
            kind: webhook.event,
            callID: webhook.callID,
            method: "POST",
            url: webhook.receiver.url,
            parameters: [],
            body: webhook.body,
            attempt: attempt,
            fault: fault
        )
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
