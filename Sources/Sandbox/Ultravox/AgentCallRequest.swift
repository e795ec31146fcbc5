import OrderedCollections

/// The body of `POST /api/agents/{id}/calls`, parsed as strictly as the live service does.
struct AgentCallRequest: Sendable {
    private let body: JSON
    private let context: JSON
    private let metadata: [(name: String, value: String)]

    init(_ json: JSON) throws(UltravoxProblem) {
        guard let message = ProtoMessage.named("StartAgentCallRequest") else {
            throw .detail("Server error", status: 500)
        }
        body = try message.parse(json)
        context = body["templateContext"] ?? [:]
        metadata = (body["metadata"]?.object ?? [:]).compactMap { name, value in value.string.map { (name, $0) } }
        if let name = metadata.first(where: { $0.name.hasPrefix("ultravox.") })?.name {
            throw .field("metadata", "Keys must not start with the reserved prefix 'ultravox.': \(name)")
        }
        for (event, callback) in body["callbacks"]?.object ?? [:] {
            guard let url = callback["url"]?.string, URLParts(url) != nil else {
                throw .field("callbacks", "\(event): Enter a valid URL.")
            }
            guard url.count <= 200 else {
                throw .field("callbacks", "\(event): Ensure this field has no more than 200 characters.")
            }
            for secret in callback["secrets"]?.array ?? [] where (secret.string?.count ?? 0) > 120 {
                throw .field("callbacks", "\(event): Ensure this field has no more than 120 characters.")
            }
        }
        if let overrides = body["toolOverrides"], overrides["remove"] != nil, overrides["removeAll"] == true {
            throw .field("toolOverrides", "remove and removeAll exclude each other")
        }
        try CallSettings.check(body)
    }

    /// The call that the request starts; the join URL is made from the address of this stand-in.
    func call(_ agent: VoiceAgent, address: String) throws(UltravoxProblem) -> AgentCall {
        guard let template = agent.template else { throw .detail("Agent only exists as a draft") }
        let problems = ContextSchema(template["contextSchema"], template: template).problems(of: context)
        guard problems.isEmpty else {
            throw UltravoxProblem(status: 400, body: ["templateContext": .array(problems.map(JSON.string))])
        }
        let settings = CallSettings.merged(template: TemplateText.filled(template, with: context), request: body)
        let id = Identifier.uuid()
        let medium = settings["medium"]
        let host = address.replacing("http://", with: "", maxReplacements: 1)
        var joinURL: String?
        if medium?["sip"] == nil, medium?["twilio"]?["outgoing"] == nil {
            let isPhone = medium?["webRtc"] == nil && medium?["serverWebSocket"] == nil
            joinURL = "wss://\(host)/calls/\(id)/" + (isPhone ? "telephony" : "server_web_socket")
        }
        return AgentCall(
            id: id,
            agentID: agent.id,
            agent: agent.basic,
            settings: settings,
            metadata: metadata,
            callbacks: body["callbacks"],
            joinURL: joinURL
        )
    }
}
