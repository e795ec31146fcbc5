/// An agent as Ultravox holds it. We keep no second truth.
package struct Agent: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        case active
        /// Without a published template: every call with it is refused.
        case draft
    }

    package var id: AgentID
    package var configuration: AgentConfiguration
    package var status: Status
    package var createdAt: Timestamp?
    package var updatedAt: Timestamp?
    package var contextSchema: ContextSchema

    package init(
        id: AgentID,
        configuration: AgentConfiguration,
        status: Status,
        createdAt: Timestamp?,
        updatedAt: Timestamp?,
        contextSchema: ContextSchema
    ) {
        self.id = id
        self.configuration = configuration
        self.status = status
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.contextSchema = contextSchema
    }
}

/// Which template variables a call with an agent takes: the part of Ultravox's `contextSchema` that we act on.
package struct ContextSchema: Sendable, Equatable {
    /// Every declared variable with its default, if it has one.
    package var variables: JSONObject
    /// Variables that a call must have a value for.
    package var required: [String]
    /// Whether undeclared variables are refused.
    package var isClosed: Bool

    /// Of `variables`, one without a default has the value `null`.
    package init(variables: JSONObject, required: [String], isClosed: Bool) {
        self.variables = variables
        self.required = required
        self.isClosed = isClosed
    }

    /// Why an order's context cannot be used, by variable.
    package struct Problem: Sendable, Equatable {
        package let variable: String
        package let reason: String
    }

    /// Adds the defaults to `given`.
    /// - Returns: the complete context, or the problems of `given`: variables that the agent does not have, and
    ///   required variables without a value.
    package func complete(_ given: JSONObject) -> Result<JSONObject, ContextProblems> {
        var problems: [Problem] = []
        for name in given.keys where isClosed && variables[name] == nil {
            let known = variables.keys.isEmpty ? "it has none" : "it has \(variables.keys.joined(separator: ", "))"
            problems.append(Problem(variable: name, reason: "the agent has no variable of this name; \(known)"))
        }
        var context = JSONObject()
        for (name, fallback) in variables where fallback != .null { context[name] = fallback }
        context.merge(given) { $1 }
        for name in required where context[name] == nil {
            problems.append(Problem(variable: name, reason: "the agent's prompt needs a value for this variable"))
        }
        return problems.isEmpty ? .success(context) : .failure(ContextProblems(problems: problems))
    }
}

/// At least one problem with a template context.
package struct ContextProblems: Error, Equatable {
    package let problems: [ContextSchema.Problem]
}

/// One page of a list of agents.
package struct AgentPage: Sendable, Equatable {
    package var agents: [Agent]
    /// Where the next page starts, in the platform's own words; `nil` on the last page.
    package var nextCursor: String?

    package init(agents: [Agent], nextCursor: String?) {
        self.agents = agents
        self.nextCursor = nextCursor
    }
}
