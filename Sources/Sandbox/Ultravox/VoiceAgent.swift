package import FoundationEssentials
import OrderedCollections

/// An agent at Ultravox.
package struct VoiceAgent: Sendable {
    package let id: String
    package internal(set) var name: String
    package let created: Date
    /// `nil` while the agent is a draft, which cannot be called.
    package private(set) var publishedRevisionID: String?
    /// Normalised; without the secrets, which no reply shows.
    private(set) var template: JSON?
    private(set) var sharedSecrets: [String] = []
    private var templateCreated: Date?
    private var templateUpdated: Date?

    init(name: String, template: JSON?) {
        id = Identifier.uuid()
        self.name = name
        created = Date()
        if let template { replaceTemplate(template) }
    }

    /// Takes a whole new template: what it does not name is gone.
    mutating func replaceTemplate(_ given: JSON) {
        guard var members = given.object else { return }
        sharedSecrets = members["sharedSecrets"]?.array?.compactMap(\.string) ?? []
        for name in ["name", "created", "updated", "sharedSecrets"] { members[name] = nil }
        members["contextSchema"] = ContextSchema(members["contextSchema"], template: given).json
        members["retentionPolicy"] = members["retentionPolicy"] ?? "CALL_RETENTION_POLICY_UNSPECIFIED"
        template = .object(members)
        let now = Date()
        templateCreated = templateCreated ?? now
        templateUpdated = now
        publishedRevisionID = Identifier.uuid()
    }

    var basic: JSON { ["agentId": .string(id), "name": .string(name)] }

    /// The Agent object, with the number of its calls; unset fields of the template are left out.
    func json(calls: Int) -> JSON {
        var shown: JSON = .null
        if let members = template?.object, let templateCreated, let templateUpdated {
            var all: JSON = [
                "created": .string(VendorTime.iso8601(templateCreated)),
                "updated": .string(VendorTime.iso8601(templateUpdated)),
            ]
            if var object = all.object {
                object.merge(members) { _, given in given }
                all = .object(object)
            }
            shown = all
        }
        return [
            "agentId": .string(id), "publishedRevisionId": JSON(publishedRevisionID), "name": .string(name),
            "created": .string(VendorTime.iso8601(created)), "callTemplate": shown,
            "statistics": ["calls": .int(calls)],
        ]
    }
}
