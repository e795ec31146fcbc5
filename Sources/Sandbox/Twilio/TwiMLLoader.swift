import HTTPTypes
import OutboundHTTP

/// Gets a TwiML document, with Twilio's rules for answers and its one fallback.
/// <https://www.twilio.com/docs/voice/twiml#twilios-request-to-your-application>
struct TwiMLLoader: Sendable {
    enum Outcome: Sendable {
        case document(TwiMLDocument)
        case interrupted(CallTalk.Interruption)
        /// Neither the document nor the fallback's could be had.
        case nothing
    }

    /// One of the codes 11200 to 12300.
    private struct Failure: Error {
        let code: Int
        let message: String
    }

    let talk: CallTalk
    private var life: CallLife { talk.life }

    init(talk: CallTalk) {
        self.talk = talk
    }

    /// Fetches while it listens to what happens to the call: a hang-up ends the fetch.
    func load(_ source: TwiMLSource) async -> Outcome {
        await withTaskGroup(of: Outcome?.self) { group in
            group.addTask { await fetchOrFallBack(source) }
            group.addTask { await talk.disturbance().map(Outcome.interrupted) }
            var outcome: Outcome?
            for await result in group {
                group.cancelAll()
                switch (result, outcome) {
                case (.interrupted(.over)?, .some): break
                case (.interrupted?, _), (.some, nil): outcome = result
                case (.some, .some), (nil, _): break
                }
            }
            return Task.isCancelled ? .interrupted(.over) : outcome ?? .nothing
        }
    }

    private func fetchOrFallBack(_ source: TwiMLSource) async -> Outcome {
        guard let call = life.call else { return .nothing }
        do throws(Failure) {
            return .document(try await document(source, call))
        } catch {
            guard !Task.isCancelled else { return .nothing }
            life.alert(error.code, error.message)
            guard let fallback = call.order.fallback else { return .nothing }
            let parameters = [
                Parameter("ErrorCode", "\(error.code)"), Parameter("ErrorUrl", source.target?.url.beforeFragment ?? ""),
            ]
            do throws(Failure) {
                return .document(try await fetch(fallback, "fallback", call.voiceParameters + parameters))
            } catch {
                if !Task.isCancelled { life.alert(error.code, error.message) }
                return .nothing
            }
        }
    }

    private func document(_ source: TwiMLSource, _ call: PhoneCall) async throws(Failure) -> TwiMLDocument {
        switch source {
        case .inline(let text): return try parse(Array(text.utf8))
        case .url(let target):
            var parameters = call.voiceParameters
            if call.order.detection?.isAsynchronous == false, let answeredBy = call.answeredBy {
                parameters.append(Parameter("AnsweredBy", answeredBy))
            }
            return try await fetch(target, "voice", parameters)
        case .action(let target): return try await fetch(target, "action", call.voiceParameters)
        }
    }

    private func fetch(
        _ target: WebhookTarget,
        _ kind: String,
        _ parameters: [Parameter]
    ) async throws(Failure) -> TwiMLDocument {
        let webhook = TwilioWebhook(kind: kind, callSid: life.sid, target: target, parameters: parameters)
        switch await life.courier.send(webhook) {
        case .success(let answer): return try read(answer)
        case .failure(let error): throw failure(error)
        }
    }

    private func read(_ answer: OutboundResponse) throws(Failure) -> TwiMLDocument {
        guard (200..<300).contains(answer.status) else {
            throw Failure(code: 11200, message: "Got HTTP \(answer.status) response")
        }
        guard !answer.body.isEmpty else { throw Failure(code: 11770, message: "Empty response body") }
        let type = answer.headers[.contentType]?.prefix { $0 != ";" }.lowercased() ?? ""
        switch type {
        case "text/xml", "application/xml", "text/html":
            return try parse(answer.body)
        case "text/plain":
            // Executed if it is TwiML, else read aloud.
            if let document = try? parse(answer.body) { return document }
            return try parse(Array("<Response><Say>.</Say></Response>".utf8))
        case _ where type.hasPrefix("audio/"):
            return try parse(Array("<Response><Pause length=\"2\"/></Response>".utf8))
        default:
            throw Failure(code: 12300, message: "Invalid Content-Type: \(type.isEmpty ? "none" : type)")
        }
    }

    private func parse(_ bytes: [UInt8]) throws(Failure) -> TwiMLDocument {
        do throws(TwiMLDocument.ParseFailure) {
            return try TwiMLDocument(bytes)
        } catch {
            throw Failure(code: 12100, message: "Document parse failure: \(error.message)")
        }
    }

    private func failure(_ error: TransportError) -> Failure {
        switch (error.cause, error.delivery) {
        case (.nameResolution, _): Failure(code: 11210, message: "HTTP bad host name")
        case (.tls, _): Failure(code: 11220, message: "TLS handshake failed")
        case (.answerTooLarge, _): Failure(code: 11750, message: "The response is larger than 64 kB")
        case (.connect, _), (.forbiddenAddress, _), (.timeout, .notSent), (.invalidRequest, _), (.withdrawn, _),
            (.cancelled, _), (.stopped, _):
            Failure(code: 11205, message: "HTTP connection failure")
        case (.timeout, .maybeSent): Failure(code: 11200, message: "HTTP retrieval failure: no answer in time")
        case (.connectionLost, _): Failure(code: 11200, message: "HTTP retrieval failure: the connection broke")
        }
    }
}

extension TwiMLSource {
    fileprivate var target: WebhookTarget? {
        switch self {
        case .inline: nil
        case .url(let target), .action(let target): target
        }
    }
}

extension String {
    fileprivate var beforeFragment: String { String(prefix { $0 != "#" }) }
}
