import CallDomain

extension Agent {
    /// An agent as Ultravox returns it, whoever created it.
    /// - Returns: `nil` unless it has the id of an agent; all other fields may be absent.
    init?(json: JSONValue) {
        guard let id = json["agentId"]?.stringValue.flatMap(AgentID.init(_:)) else { return nil }
        let name = json["name"]?.stringValue.flatMap { VendorText.word($0, upTo: 256) } ?? ""
        let given = json["callTemplate"]
        let template = CallTemplate(given?.objectValue ?? [:])
        self.init(
            id: id,
            configuration: template.configuration(name: name),
            status: json["publishedRevisionId"] == nil || given == nil ? .draft : .active,
            createdAt: json["created"]?.timestamp,
            updatedAt: given?["updated"]?.timestamp ?? json["created"]?.timestamp,
            contextSchema: ContextSchema(template)
        )
    }
}
