import CallDomain
import Foundation
import HTTPTypes
import OutboundHTTP

/// Sends signed messages to ourselves through `PUBLIC_BASE_URL`, and finds out what is wrong if they are not taken.
struct PublicProbe: Sendable {
    let settings: Settings
    let transport: any HTTPTransport
    let clock: any WallClock

    private static let name = "signed probe"

    func finding() async -> Finding {
        guard let base = try? BaseURL(settings.publicBaseURL) else {
            return Finding(Self.name, .skipped, "PUBLIC_BASE_URL is not a URL")
        }
        do {
            let remark = try await run(base)
            return Finding(Self.name, .ok, "both vendors' messages arrive through \(base.text) unchanged\(remark)")
        } catch {
            let more = await LocalGateway(settings, transport)?.explanation(of: error, base) ?? ""
            return Finding(Self.name, .failed, "\(error)\(more)")
        }
    }

    /// - Returns: what is to be said although all is well.
    private func run(_ base: BaseURL) async throws(ProbeFault) -> String {
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
        return ""
    }

    /// Asks the gateway what arrives of such a message, and compares.
    private func compare(
        _ vendor: Vendor,
        isTaken: Bool,
        isEchoed: Bool,
        _ answer: OutboundResponse,
        _ base: BaseURL
    ) async throws(ProbeFault) -> String {
        // The API key is shown only to what answers as a gateway does.
        let hello = try await exchange(OutboundRequest(method: .get, url: base.text + ProbeMessage.path), base)
        guard GatewayAnswer(hello) != nil else {
            guard isTaken, isEchoed, (400..<500).contains(hello.status) else {
                throw ProbeFault(stranger: isTaken ? hello : answer, base)
            }
            return "; \(ProbeMessage.path) is not passed on, so the gateway's settings were not compared"
        }
        let sent = ProbeMessage(vendor, settings: settings, nonce: UUID().uuidString, at: clock.now, isReported: true)
        let reported = try await exchange(sent.request(base, apiKey: settings.apiKeys.first?.secret), base)
        let now = clock.now
        guard let report = ProbeReport(reported) else {
            guard let refusal = GatewayAnswer(reported) else {
                throw ProbeFault(stranger: reported, base)
            }
            throw ProbeFault(refusal, sentTo: sent.path, base)
        }
        if let fault = ProbeFault(sent: sent, at: now, arrived: report, settings: settings) {
            throw fault
        }
        if isTaken { return "" }
        throw ProbeFault(
            .path,
            "the message was refused (status \(answer.status)), although one to \(ProbeMessage.path) arrives unchanged: "
                + "let the proxy treat all of /webhooks/ alike (the gateway got \(report.forwarding))"
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
