import CallDomain
import Foundation
import HTTPTypes
import OutboundHTTP

/// Sends signed messages to the gateway through `PUBLIC_BASE_URL`, and finds the fault if they are not accepted.
struct PublicProbe: Sendable {
    let settings: Settings
    let transport: any HTTPTransport
    let clock: any TimeSource

    private static let name = "signed probe"

    func finding() async -> Finding {
        guard let base = try? BaseURL(settings.publicBaseURL) else {
            return Finding(Self.name, .skipped, "PUBLIC_BASE_URL is not a URL")
        }
        do {
            return try await run(base)
        } catch {
            let more = await LocalGateway(settings, transport)?.explanation(of: error, base) ?? ""
            return Finding(Self.name, .failed, "\(error)\(more)")
        }
    }

    /// - Returns: success, with a remark if there is one.
    private func run(_ base: BaseURL) async throws(ProbeFault) -> Finding {
        for vendor in [Vendor.twilio, .ultravox] {
            let message = ProbeMessage(vendor, settings: settings, nonce: UUID().uuidString, at: clock.now)
            let answer = try await exchange(message.request(base), base)
            if let refusal = GatewayAnswer(answer) {
                throw ProbeFault(refusal, sentTo: message.path, base)
            }
            if (300..<400).contains(answer.status) { throw ProbeFault(stranger: answer, base) }
            let isTaken = answer.status == 204
            if isTaken, vendor == .twilio { continue }
            let isEchoed = answer.headers[.xRequestID] == message.requestID
            return try await compare(vendor, isTaken: isTaken, isEchoed: isEchoed, answer, base)
        }
        return arrived(base)
    }

    private func arrived(_ base: BaseURL, _ outcome: Finding.Outcome = .ok, _ remark: String = "") -> Finding {
        Finding(Self.name, outcome, "both vendors' messages arrive through \(base.text) unchanged\(remark)")
    }

    /// Asks the gateway what arrives of such a message, and compares.
    private func compare(
        _ vendor: Vendor,
        isTaken: Bool,
        isEchoed: Bool,
        _ answer: OutboundResponse,
        _ base: BaseURL
    ) async throws(ProbeFault) -> Finding {
        let start = clock.now
        let hello = try await exchange(OutboundRequest(method: .get, url: base.text + ProbeMessage.path), base)
        guard let gateway = GatewayAnswer(hello) else {
            guard isTaken, isEchoed, (400..<500).contains(hello.status) else {
                throw ProbeFault(stranger: isTaken ? hello : answer, base)
            }
            return arrived(
                base,
                .ok,
                "; \(ProbeMessage.path) is not passed on, so the gateway's settings were not compared"
            )
        }
        if let time = gateway.time,
            let fault = ProbeFault.otherTime(time, from: start, to: clock.now, settings.ultravoxTimestampTolerance)
        {
            throw fault
        }
        let sent = ProbeMessage(vendor, settings: settings, nonce: UUID().uuidString, at: clock.now, isReported: true)
        let report = try await reported(sent, base)
        if let fault = ProbeFault(sent: sent, until: clock.now, arrived: report, settings: settings) { throw fault }
        guard isTaken else {
            throw ProbeFault(
                .path,
                "the message was refused (status \(answer.status)), although one to \(ProbeMessage.path) arrives "
                    + "unchanged: let the proxy treat all of /webhooks/ alike (the gateway got \(report.forwarding))"
            )
        }
        let forgotten = report.forgotten(settings, sent.proof)
        guard forgotten.isEmpty else {
            return arrived(
                base,
                .warning,
                ", but the running gateway still accepts secrets that this configuration no longer has: "
                    + "\(forgotten.joined(separator: ", ")); send it SIGHUP"
            )
        }
        return arrived(base)
    }

    /// What the gateway reports about a probe. The request contains a proof of an API key, never the key: a mistyped
    /// address may belong to somebody who imitates a gateway.
    private func reported(_ sent: ProbeMessage, _ base: BaseURL) async throws(ProbeFault) -> ProbeReport {
        guard let apiKey = settings.apiKeys.first?.secret else {
            throw ProbeFault(.apiKey, "API_KEYS has none: set one")
        }
        let answer = try await exchange(sent.request(base, provenBy: apiKey), base)
        if let report = ProbeReport(answer, to: sent.proof, by: apiKey) { return report }
        if let refusal = GatewayAnswer(answer) { throw ProbeFault(refusal, sentTo: sent.path, base) }
        guard answer.status == 200 else { throw ProbeFault(stranger: answer, base) }
        throw ProbeFault(
            .host,
            "what answers at \(base.text) cannot prove that it is a gateway with the first key of API_KEYS: correct "
                + "PUBLIC_BASE_URL, or let the proxy pass answers on as they are, X-Switchboard-Probe included"
        )
    }

    private func exchange(_ request: OutboundRequest, _ base: BaseURL) async throws(ProbeFault) -> OutboundResponse {
        do throws(TransportError) {
            return try await transport.send(request)
        } catch {
            throw ProbeFault(error, base)
        }
    }
}
