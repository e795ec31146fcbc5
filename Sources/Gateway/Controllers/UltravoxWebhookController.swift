import CallDomain
import CallFlow
import HTTPTypes
import Hummingbird
import Logging
import Metrics
import TwilioAdapter
import UltravoxAdapter

/// `/webhooks/ultravox`: Ultravox's webhooks.
///
/// Ultravox signs the body and the time, not the URL: the call is the one in the body. Ultravox repeats a webhook until
/// it is acknowledged, so a genuine message that changes nothing is acknowledged.
struct UltravoxWebhookController: Sendable {
    private let flow: CallFlow
    private let verifier: Rotating<UltravoxWebhookVerifier>
    private let clock: any TimeSource
    private let refusals: RefusalNotices
    private let verdicts: WebhookVerdicts

    /// A message carries prompt and summary of its call.
    private static let maximumBody = 1 << 20
    private static let kinds = ConversationReport.Event.allCases.map(\.rawValue) + [Self.unread]
    /// The kind of a message whose content could not be read.
    static let unread = "unread"

    init(
        flow: CallFlow,
        verifier: Rotating<UltravoxWebhookVerifier>,
        clock: any TimeSource,
        refusals: RefusalNotices,
        metrics: any MetricsFactory
    ) {
        verdicts = WebhookVerdicts(vendor: .ultravox, kinds: Self.kinds, factory: metrics)
        self.refusals = refusals
        self.flow = flow
        self.verifier = verifier
        self.clock = clock
    }

    func addRoutes(to router: Router<GatewayContext>) {
        router.post(RouterPath(WebhookURLs.ultravoxPath)) { request, context in
            let body = try await request.bodyBytes(upTo: Self.maximumBody)
            return try await receive(request, body, context)
        }
    }

    private func receive(
        _ request: Request,
        _ body: [UInt8],
        _ context: GatewayContext
    ) async throws(JournalFailure) -> Response {
        let verdict = verifier.current.verdict(body: body, headers: request.headers, now: clock.now)
        guard verdict == .ok else {
            verdicts.count(Self.unread, .refused)
            context.trace.note(outcome: WebhookVerdicts.Verdict.refused.rawValue)
            refusals.note("ultravox", verdict.rawValue, context.logger)
            return Response(status: .forbidden)
        }
        let report: ConversationReport
        do throws(UltravoxWebhook.Useless) {
            report = try UltravoxWebhook.read(body)
        } catch {
            return useless(error.rawValue, Self.unread, nil, nil, context)
        }
        return try await take(report, ClaimedCall(query: request.uri.query ?? ""), context)
    }

    private func take(
        _ report: ConversationReport,
        _ claimed: ClaimedCall,
        _ context: GatewayContext
    ) async throws(JournalFailure) -> Response {
        let kind = report.event.rawValue
        let id: CallID?
        switch claimed {
        case .malformed: return useless("malformed_call_id", kind, nil, report, context)
        case .none: id = nil
        case .id(let claimed): id = claimed
        }
        let outcome = try await flow.receive(report, claimed: id)
        if case .useless(let reason) = outcome, reason != .notOurs {
            return useless(reason.rawValue, kind, id, report, context)
        }
        verdicts.count(kind, WebhookVerdicts.Verdict(outcome))
        context.trace.note(outcome, kind: "ultravox.\(kind)")
        context.trace.note(outcome: WebhookVerdicts.Verdict(outcome).rawValue)
        return Response(status: .noContent)
    }

    private func useless(
        _ reason: String,
        _ kind: String,
        _ claimed: CallID?,
        _ report: ConversationReport?,
        _ context: GatewayContext
    ) -> Response {
        verdicts.count(kind, .useless)
        context.trace.note(outcome: WebhookVerdicts.Verdict.useless.rawValue)
        flow.listUseless(
            .ultravox,
            kind: kind,
            reason: reason,
            callID: report?.callID ?? claimed,
            ultravoxCallID: report?.ultravoxCallID
        )
        context.logger.notice(
            "webhook ignored",
            metadata: ["webhook.kind": "ultravox.\(kind)", "reason": "\(reason)"]
        )
        return Response(status: .noContent)
    }
}
