/// What the agent that answers is told of a caller.
package enum InboundVariables {
    package static let caller = "caller_number"
    package static let called = "called_number"

    /// The variables that an inbound call gives an agent with this schema: those that it takes.
    ///
    /// `caller` is as Twilio gives it, `anonymous` for instance; `nil` where it gives nothing that can be read. An agent
    /// that needs a value is given an empty one then: nobody is turned away for hiding a number.
    package static func context(for schema: ContextSchema, caller: String?, called: String?) -> JSONObject {
        var context = JSONObject()
        for (name, value) in [(Self.caller, caller), (Self.called, called)] where schema.takes(name) {
            if let value {
                context[name] = .string(value)
            } else if schema.required.contains(name), schema.variables[name] ?? .null == .null {
                context[name] = ""
            }
        }
        return context
    }
}

/// Why the agent of `INBOUND_AGENT_ID` cannot take calls, and what to do.
package enum InboundAgentFault: Sendable, Equatable, CustomStringConvertible {
    case notFound(AgentID)
    case draft(AgentID)
    /// It needs values that an inbound call does not have.
    case needs(AgentID, variables: [String])

    package var description: String {
        switch self {
        case .notFound(let id):
            "Ultravox has no agent \(id): set INBOUND_AGENT_ID to the id of one that GET /agents lists"
        case .draft(let id):
            "agent \(id) is a draft without a published template: PUT /agents/\(id), or set INBOUND_AGENT_ID to another"
        case .needs(let id, let variables):
            "agent \(id) needs a value for \(variables.joined(separator: ", ")), and an inbound call gives only "
                + "\(InboundVariables.caller) and \(InboundVariables.called): PUT /agents/\(id) with defaults for them in "
                + "template_variables"
        }
    }
}

extension Agent {
    /// Why the agent cannot take inbound calls; `nil` if it can.
    package var inboundFault: InboundAgentFault? {
        guard status == .active else { return .draft(id) }
        let given = InboundVariables.context(for: contextSchema, caller: "", called: "")
        guard case .failure(let problems) = contextSchema.complete(given) else { return nil }
        return .needs(id, variables: problems.problems.map(\.variable))
    }
}

extension ContextSchema {
    fileprivate func takes(_ variable: String) -> Bool { !isClosed || variables[variable] != nil }
}
