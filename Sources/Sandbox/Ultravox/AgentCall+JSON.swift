import OrderedCollections

extension AgentCall {
    /// The Call object, complete.
    var json: JSON {
        var members: OrderedDictionary<String, JSON> = [
            "callId": .string(id),
            "clientVersion": joined == nil ? nil : "phone(api_v0)",
            "created": .string(VendorTime.iso8601(created)),
            "joined": JSON(joined.map { VendorTime.iso8601($0) }),
            "ended": JSON(ended.map { VendorTime.iso8601($0) }),
            "endReason": JSON(endReason?.rawValue),
            "billedDuration": JSON(joined == nil ? nil : billedSeconds.map { "\($0)s" }),
            "billedSideInputTokens": billedSeconds == nil ? nil : 0,
            "billedSideOutputTokens": billedSeconds == nil ? nil : 0,
            "billingStatus": .string(billingStatus),
            "joinUrl": JSON(ended == nil ? joinURL : nil),
            "shortSummary": JSON(summary?.short),
            "summary": JSON(summary?.long),
            "agent": agent,
            "agentId": .string(agentID),
            "metadata": .object(OrderedDictionary(metadata.map { ($0.name, .string($0.value)) }) { _, last in last }),
            "initialState": [:],
            "requestContext": [:],
            "sipDetails": nil,
        ]
        members.merge(settings) { own, _ in own }
        if let callbacks { members["callbacks"] = Self.withoutSecrets(callbacks) }
        return .object(members)
    }

    private var billingStatus: String {
        guard billedSeconds != nil else { return "BILLING_STATUS_PENDING" }
        return joined == nil ? "BILLING_STATUS_FREE_ZERO_EFFECTIVE_DURATION" : "BILLING_STATUS_BILLED"
    }

    /// Made around the end of a call that was joined.
    private var summary: (short: String, long: String)? {
        switch endReason {
        case nil, .unjoined: nil
        case .agentHangup:
            ("The agent finished the conversation.", "The agent talked to the callee, said goodbye and hung up.")
        case .hangup: ("The call was hung up.", "The callee's side ended the call during the conversation.")
        case .timeout: ("The call reached its time limit.", "The call reached its time limit and was ended.")
        }
    }

    private static func withoutSecrets(_ callbacks: JSON) -> JSON {
        .object((callbacks.object ?? [:]).mapValues { ["url": $0["url"] ?? nil] })
    }
}
