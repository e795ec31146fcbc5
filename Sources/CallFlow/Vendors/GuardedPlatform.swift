import CallDomain

/// Ultravox behind its guard.
struct GuardedPlatform: Sendable {
    let platform: any AgentPlatform
    let vendor: VendorGuard

    func createAgent(_ configuration: AgentConfiguration) async throws(VendorFailure) -> Agent {
        try await vendor.run(repeating: .ifNotDone) { (_) throws(VendorFailure) in
            try await platform.createAgent(configuration)
        }
    }

    func agents(search: String?, limit: Int, cursor: String?) async throws(VendorFailure) -> AgentPage {
        try await vendor.run(repeating: .always) { (_) throws(VendorFailure) in
            try await platform.agents(search: search, limit: limit, cursor: cursor)
        }
    }

    func agent(
        _ id: AgentID,
        within patience: Duration,
        for work: WorkClass
    ) async throws(VendorFailure) -> Agent {
        try await vendor.run(
            repeating: .always,
            for: work,
            within: patience
        ) { (rest) throws(VendorFailure) in
            try await platform.agent(id, within: rest)
        }
    }

    func replaceAgent(_ id: AgentID, with configuration: AgentConfiguration) async throws(VendorFailure) -> Agent {
        try await vendor.run(repeating: .ifNotDone) { (_) throws(VendorFailure) in
            try await platform.replaceAgent(id, with: configuration)
        }
    }

    func deleteAgent(_ id: AgentID) async throws(VendorFailure) {
        try await vendor.run(repeating: .ifNotDone) { (_) throws(VendorFailure) in try await platform.deleteAgent(id) }
    }

    func createAgentCall(
        _ request: AgentCallRequest,
        for work: WorkClass = .dial
    ) async throws(VendorFailure) -> AgentCall {
        try await vendor.run(
            repeating: .ifNotDone,
            for: work,
            within: request.patience
        ) { (rest) throws(VendorFailure) in
            var request = request
            request.patience = rest
            return try await platform.createAgentCall(request)
        }
    }

    func deleteAgentCall(_ id: UltravoxCallID) async throws(VendorFailure) {
        try await vendor.run(repeating: .never) { (_) throws(VendorFailure) in try await platform.deleteAgentCall(id) }
    }

    /// Succeeds where there is no such call, too.
    func eraseAgentCall(_ id: UltravoxCallID) async throws(VendorFailure) {
        do {
            try await deleteAgentCall(id)
        } catch .refused(let refusal) where refusal.status == 404 {
            return
        }
    }

    func messages(
        of id: UltravoxCallID,
        joinedAt: Timestamp?,
        limit: Int,
        cursor: String?
    ) async throws(VendorFailure) -> ConversationPage {
        try await vendor.run(repeating: .always) { (_) throws(VendorFailure) in
            try await platform.messages(of: id, joinedAt: joinedAt, limit: limit, cursor: cursor)
        }
    }

    func checkAccess(within patience: Duration) async throws(VendorFailure) {
        try await platform.checkAccess(within: patience)
    }
}
