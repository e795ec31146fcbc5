package import CallDomain
import HTTPTypes

extension UltravoxClient {
    /// Ultravox's limit of a callback's URL, in characters.
    private static let maximumCallbackURL = 200
    /// In bytes. The join URLs of Ultravox have some 100.
    private static let maximumJoinURL = 2000

    /// `POST /api/agents/{agent_id}/calls`.
    ///
    /// The join URL is good for the request's `joinTimeout`; the deadline is counted from before the request left, so
    /// that it is never too late. Our id travels in the metadata, and each callback is signed with the secret of
    /// ``callbackSecret(apiKey:)``.
    /// - SeeAlso: https://docs.ultravox.ai/api-reference/agents/agents-calls-post
    package func createAgentCall(_ request: AgentCallRequest) async throws(VendorFailure) -> AgentCall {
        let callbackURL = callbackURL(request.callID)
        guard callbackURL.utf8.count <= Self.maximumCallbackURL else {
            throw .notSent(.ultravox, reason: "the callback URL is longer than \(Self.maximumCallbackURL) characters")
        }
        let deadline = clock.steadyNow + request.joinTimeout
        let answer = try await exchange(
            .post,
            "/api/agents/\(request.agent.id.text)/calls",
            body: body(for: request, callbackURL: callbackURL),
            endpoint: "POST /api/agents/{agent_id}/calls",
            within: request.patience,
            unavailableDoesNothing: true
        )
        let call = try object(in: answer)
        guard let id = call["callId"]?.stringValue.flatMap(UltravoxCallID.init(_:)) else {
            throw nonsense(answer, "a new call without an id")
        }
        guard let joinURL = call["joinUrl"]?.stringValue.flatMap(JoinURL.init(_:)),
            joinURL.text.utf8.count <= Self.maximumJoinURL
        else {
            throw nonsense(answer, "a new call without a join URL that a phone call can use")
        }
        return AgentCall(ultravoxCallID: id, joinURL: joinURL, joinDeadline: deadline)
    }

    /// `DELETE /api/calls/{call_id}`: removes the call and all that was said in it.
    package func deleteAgentCall(_ id: UltravoxCallID) async throws(VendorFailure) {
        _ = try await exchange(.delete, "/api/calls/\(id.text)", endpoint: "DELETE /api/calls/{call_id}")
    }

    /// `POST /api/calls/{call_id}/send_data_message` with `hang_up`.
    /// - Throws: `.refused` with status 422 unless somebody has joined and the call has not ended.
    /// - SeeAlso: https://docs.ultravox.ai/apps/datamessages
    package func endAgentCall(_ id: UltravoxCallID) async throws(VendorFailure) {
        _ = try await exchange(
            .post,
            "/api/calls/\(id.text)/send_data_message",
            body: ["type": "hang_up"],
            endpoint: "POST /api/calls/{call_id}/send_data_message"
        )
    }

    private func body(for request: AgentCallRequest, callbackURL: String) -> JSONValue {
        let callback: JSONValue = ["url": .string(callbackURL), "secrets": [.string(callbackSecret.exposed)]]
        var metadata: JSONObject = [UltravoxWebhook.callIDKey: .string(request.callID.text)]
        if let correlationID = request.correlationID {
            metadata["switchboard_correlation_id"] = .string(correlationID)
        }
        var body: JSONObject = [
            "templateContext": .object(request.templateContext),
            "metadata": .object(metadata),
            "medium": CallTemplate.phoneMedium,
            "joinTimeout": .string(DurationText.text(of: request.joinTimeout)),
            "maxDuration": .string(DurationText.text(of: request.maxDuration)),
            "callbacks": ["joined": callback, "ended": callback, "billed": callback],
        ]
        // Ultravox fills variables in prompts, not in greetings. A greeting without any is left to the agent, which may
        // hold more about it than we model.
        let configuration = request.agent.configuration
        if let greeting = configuration.greeting, !TemplateText.variables(in: greeting).isEmpty {
            let filled = TemplateText.fill(greeting, with: request.templateContext)
            body["firstSpeakerSettings"] = FirstSpeakerSettings.json(configuration.firstSpeaker, greeting: filled)
        }
        return .object(body)
    }
}
