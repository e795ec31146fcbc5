import CallDomain

/// The OpenAPI description of everything that the gateway serves.
///
/// Each group of routes has its text in a file of this folder: JSON with two shorthands of our own, which ``document``
/// spells out. A `description` may be an array of texts, which are joined: by a space, or by an empty line where one of
/// them is empty. `errors` of an operation names its problem codes: see ``spelledOut(_:path:)``. What the code knows
/// stands in the texts as an interpolation, so that it is written once. `x-confirm` of an operation, an extension of ours,
/// is what the page at `/docs` asks before it sends the request.
/// - SeeAlso: https://spec.openapis.org/oas/v3.1.0.html
struct APIDescription {
    /// `PUBLIC_BASE_URL`.
    let publicBaseURL: String
    let version: String
    let maxCallDuration: Duration

    /// The whole document.
    var document: JSONValue {
        var document = Self.parsed(general)
        for group in [
            calls, callSchemas, templateSchemas, events, deliveries, deliverySchemas, erasures, agents, agentSchemas,
            dialing, deadLetters, health, metrics, description, pages, webhooks, webhookSchemas, probe, problems,
            shared,
        ] + twilioMessages {
            Self.merge(Self.parsed(group), into: &document)
        }
        document["servers"] = [["url": .string(server), "description": "This gateway."]]
        document["paths"] = document["paths"].map(spelledOut)
        var components = document["components"]?.objectValue ?? [:]
        components["examples"] = .object(problemExamples)
        document["components"] = .object(components)
        return Self.joiningDescriptions(.object(document))
    }

    /// The public address without a slash at its end: paths begin with one.
    private var server: String {
        var server = publicBaseURL[...]
        while server.utf8.last == UInt8(ascii: "/") { server = server.dropLast() }
        return String(server)
    }

    /// The paths with every operation in full.
    private func spelledOut(_ paths: JSONValue) -> JSONValue {
        var spelledOut = JSONObject()
        for (path, item) in paths.objectValue ?? [:] {
            spelledOut[path] = .object(
                (item.objectValue ?? [:]).mapValues { operation in
                    .object(self.spelledOut(operation.objectValue ?? [:], path: path))
                }
            )
        }
        return .object(spelledOut)
    }

    private static func parsed(_ text: String) -> JSONObject {
        do {
            guard case .object(let members) = try JSONParser.parse(Array(text.utf8)) else {
                preconditionFailure("a part of the API's description is no object")
            }
            return members
        } catch {
            preconditionFailure("the API's description is no JSON: at byte \(error.offset), \(error.reason): \(text)")
        }
    }

    /// Adds the members of `part`, object by object.
    private static func merge(_ part: JSONObject, into whole: inout JSONObject) {
        for (name, value) in part {
            guard let known = whole[name] else {
                whole[name] = value
                continue
            }
            guard case (.object(var members), .object(let more)) = (known, value) else {
                preconditionFailure("two parts of the API's description tell of \(name)")
            }
            merge(more, into: &members)
            whole[name] = .object(members)
        }
    }

    private static func joiningDescriptions(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .number, .string: return value
        case .array(let values): return .array(values.map(joiningDescriptions))
        case .object(let members):
            var joined = members.mapValues(joiningDescriptions)
            if case .array(let texts)? = members["description"] {
                joined["description"] = .string(
                    texts.compactMap(\.stringValue).reduce("") { text, next in
                        if next.isEmpty { return text + "\n\n" }
                        return text.isEmpty || text.utf8.last == UInt8(ascii: "\n") ? text + next : "\(text) \(next)"
                    }
                )
            }
            return .object(joined)
        }
    }
}
