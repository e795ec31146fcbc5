import CallDomain
import CallFlow
import HTTPTypes
import Hummingbird
import Logging
import Metrics
import NIOCore
import TwilioAdapter

/// `/webhooks/twilio/…`: Twilio's webhooks.
///
/// Nothing happens before the signature is verified. A genuine message that changes nothing is acknowledged and
/// counted, because Twilio could not react to a refusal.
struct TwilioWebhookController: Sendable {
    private let flow: CallFlow
    private let verifier: Rotating<WebhookVerifier>
    private let urls: WebhookURLs
    private let templates: Rotating<TwiMLTemplates>
    private let accountSid: AccountSid
    private let refusals: RefusalNotices
    private let verdicts: WebhookVerdicts

    /// Far more than Twilio sends.
    private static let maximumForm = 64 << 10

    init(
        flow: CallFlow,
        verifier: Rotating<WebhookVerifier>,
        urls: WebhookURLs,
        templates: Rotating<TwiMLTemplates>,
        accountSid: AccountSid,
        refusals: RefusalNotices,
        metrics: any MetricsFactory
    ) {
        verdicts = WebhookVerdicts(
            vendor: .twilio,
            kinds: TwilioWebhook.Kind.allCases.map(\.rawValue),
            factory: metrics
        )
        self.refusals = refusals
        self.flow = flow
        self.verifier = verifier
        self.urls = urls
        self.templates = templates
        self.accountSid = accountSid
    }

    func addRoutes(to router: Router<GatewayContext>) {
        for kind in TwilioWebhook.Kind.allCases {
            router.post(RouterPath(WebhookURLs.path(of: kind))) { request, context in
                try request.requireMediaType("application/x-www-form-urlencoded")
                let body = try await request.bodyBytes(upTo: Self.maximumForm)
                return try await receive(request, form: body, kind: kind, context)
            }
        }
        router.get(RouterPath(WebhookURLs.path(of: .voice))) { request, context in
            try await receive(request, form: nil, kind: .voice, context)
        }
    }

    /// `form` is the body of a POST, `nil` for GET.
    private func receive(
        _ request: Request,
        form: [UInt8]?,
        kind: TwilioWebhook.Kind,
        _ context: GatewayContext
    ) async throws(JournalFailure) -> Response {
        let parameters = form.flatMap { FormParameters(form: $0) }
        guard form == nil || parameters != nil, isSigned(request, parameters) else {
            return refused("not_signed", kind, context)
        }
        let query = request.uri.query
        switch TwilioWebhook.read(kind, query: query, form: parameters, account: accountSid) {
        case .foreignAccount: return refused("foreign_account", kind, context)
        case .useless(let reason):
            if case .id(let id) = ClaimedCall(query: query ?? ""), let call = flow.call(id) { context.trace.note(call) }
            return useless(reason.rawValue, kind, nil, context)
        case .useful(let webhook): return try await take(webhook, kind, context)
        }
    }

    private func isSigned(_ request: Request, _ parameters: FormParameters?) -> Bool {
        let signatures = request.headers[values: .twilioSignature]
        guard signatures.count == 1, let target = request.head.path else { return false }
        return verifier.current.accepts(
            signature: signatures[0],
            url: urls.requested(target: target),
            body: parameters.map(WebhookVerifier.Body.form) ?? .none
        )
    }

    private func take(
        _ webhook: TwilioWebhook,
        _ kind: TwilioWebhook.Kind,
        _ context: GatewayContext
    ) async throws(JournalFailure) -> Response {
        guard case .voiceRequested(let request) = webhook.fact else {
            do {
                let outcome = try await flow.receive(webhook.fact, claimed: webhook.claimed)
                return acknowledge(outcome, webhook, kind, context)
            } catch {
                // Somebody is on the line: the apology is spoken whatever can be written.
                guard kind == .fallback else { throw error }
                return .twiML(templates.current.render(.fallback()))
            }
        }
        let (outcome, answer) = try await flow.receive(request, claimed: webhook.claimed)
        if case .useless(let reason) = outcome { return useless(reason.rawValue, kind, webhook, context) }
        note(outcome, kind, context)
        switch answer {
        case .connect(let joinURL, let id):
            let streamStatusURL = urls.twilio(.stream, callID: id)
            return .twiML(templates.current.render(.connect(joinURL: joinURL, streamStatusURL: streamStatusURL)))
        case .unavailable: return .twiML(templates.current.render(.unavailable()))
        case .reject: return .twiML(templates.current.render(.reject))
        case .hangUp: return .twiML(templates.current.render(.hangUp))
        }
    }

    private func acknowledge(
        _ outcome: WebhookOutcome,
        _ webhook: TwilioWebhook,
        _ kind: TwilioWebhook.Kind,
        _ context: GatewayContext
    ) -> Response {
        if case .useless(let reason) = outcome { return useless(reason.rawValue, kind, webhook, context) }
        note(outcome, kind, context)
        return kind == .fallback ? .twiML(templates.current.render(.fallback())) : Response(status: .noContent)
    }

    private func note(_ outcome: WebhookOutcome, _ kind: TwilioWebhook.Kind, _ context: GatewayContext) {
        verdicts.count(kind.rawValue, WebhookVerdicts.Verdict(outcome))
        context.trace.note(outcome, kind: "twilio.\(kind.rawValue)")
        context.trace.note(outcome: WebhookVerdicts.Verdict(outcome).rawValue)
    }

    private func useless(
        _ reason: String,
        _ kind: TwilioWebhook.Kind,
        _ webhook: TwilioWebhook?,
        _ context: GatewayContext
    ) -> Response {
        verdicts.count(kind.rawValue, .useless)
        context.trace.note(outcome: WebhookVerdicts.Verdict.useless.rawValue)
        if let id = webhook?.claimed, let call = flow.call(id) { context.trace.note(call) }
        flow.listUseless(
            .twilio,
            kind: kind.rawValue,
            reason: reason,
            callID: webhook?.claimed,
            callSid: webhook?.fact.callSid
        )
        context.logger.notice(
            "webhook ignored",
            metadata: context.trace.metadata.merging([
                "webhook.kind": "twilio.\(kind.rawValue)", "reason": "\(reason)",
            ]) { $1 }
        )
        switch kind {
        case .voice, .fallback: return .twiML(templates.current.render(.hangUp))
        case .status, .amd, .stream, .recording: return Response(status: .noContent)
        }
    }

    private func refused(_ reason: String, _ kind: TwilioWebhook.Kind, _ context: GatewayContext) -> Response {
        verdicts.count(kind.rawValue, .refused)
        context.trace.note(outcome: WebhookVerdicts.Verdict.refused.rawValue)
        refusals.note("twilio.\(kind.rawValue)", reason, context.logger)
        return Response(status: .forbidden)
    }
}

extension Response {
    /// A TwiML document.
    fileprivate static func twiML(_ document: String) -> Response {
        let body = ByteBuffer(string: document)
        return Response(
            status: .ok,
            headers: [
                .contentType: TwiMLTemplates.contentType, .contentLength: String(body.readableBytes),
                .cacheControl: "no-store",
            ],
            body: ResponseBody(byteBuffer: body)
        )
    }
}

extension WebhookVerdicts.Verdict {
    init(_ outcome: WebhookOutcome) {
        switch outcome {
        case .applied: self = .applied
        case .alreadyKnown: self = .alreadyKnown
        case .held: self = .held
        case .useless(.notOurs): self = .notOurs
        case .useless: self = .useless
        }
    }
}
