import CallDomain
import OrderedCollections
import OutboundHTTP

/// What Ultravox's refusals mean: whose mistake each is, and what to do next.
///
/// Ultravox has no error codes, so the status, the field and the wording decide. The only such table of the program;
/// `fixtures/ultravox/refusals.json` holds answers for each rule, and `docs/troubleshooting.md` shows it.
enum UltravoxRefusals {
    /// One kind of refusal.
    struct Rule: Sendable {
        let name: String
        let statuses: [Int]
        /// With which the message begins: a field, as ``RefusalText`` names it.
        let field: String?
        /// What the message holds, in lower case.
        let phrases: [String]
        let meaning: RefusalMeaning

        init(_ name: String, _ statuses: [Int], field: String? = nil, phrases: [String] = [], _ meaning: RefusalMeaning)
        {
            self.name = name
            self.statuses = statuses
            self.field = field
            self.phrases = phrases
            self.meaning = meaning
        }
    }

    /// The first rule that fits decides.
    static let rules = [
        Rule(
            "key",
            [401, 403],
            RefusalMeaning(.account, "Ultravox does not take the API key", "Check ULTRAVOX_API_KEY.")
        ),
        Rule(
            "payment",
            [402],
            RefusalMeaning(
                .account,
                "the free minutes or the subscription of Ultravox's account are used up",
                "Check the plan and the payment in Ultravox's console (Billing)."
            )
        ),
        Rule(
            "draft",
            [400],
            phrases: ["only exists as a draft"],
            RefusalMeaning(
                .client,
                "the agent is a draft without a published template",
                "PUT /agents/{agent_id} publishes it; then send the order again."
            )
        ),
        Rule(
            "voice",
            [400],
            phrases: ["voice", "does not exist"],
            RefusalMeaning(
                .client,
                "the agent's voice does not exist",
                "Set `voice` to one that exists at Ultravox (PUT /agents/{agent_id} for an agent that exists), and send the "
                    + "request again."
            )
        ),
        Rule(
            "callback",
            [400],
            field: "callbacks",
            RefusalMeaning(
                .setup,
                "Ultravox does not take a URL of this gateway",
                "Check PUBLIC_BASE_URL: an https address of at most 120 characters that Ultravox can reach."
            )
        ),
        Rule(
            "template context",
            [400],
            field: "templateContext",
            RefusalMeaning(
                .client,
                "the template context does not fit the agent",
                "Correct `template_context`: GET /agents/{agent_id} shows the agent's variables."
            )
        ),
        Rule(
            "unknown field",
            [400],
            phrases: ["has no field named"],
            RefusalMeaning(
                .gateway,
                "Ultravox does not know a field that the gateway sent",
                "This is a mistake of the gateway: report it with the request_id."
            )
        ),
        Rule(
            "unreadable field",
            [400],
            phrases: ["failed to parse"],
            RefusalMeaning(
                .gateway,
                "Ultravox cannot read a field that the gateway sent",
                "This is a mistake of the gateway: report it with the request_id."
            )
        ),
        Rule(
            "missing",
            [404],
            RefusalMeaning(
                .client,
                "Ultravox has no such agent or call",
                "Check the id: GET /agents lists the agents that there are."
            )
        ),
        Rule(
            other,
            Array(400...499),
            RefusalMeaning(.client, "Ultravox refused the request", "Correct the request and send it again.")
        ),
    ]

    private static let other = "other"

    /// The rule for a refusal, by the vendor's message as ``RefusalText`` tells it.
    static func rule(status: Int, message: String) -> Rule? {
        let lowercased = message.lowercased()
        return rules.first { rule in
            rule.statuses.contains(status)
                && (rule.field.map { message.hasPrefix("\($0):") || message.hasPrefix("\($0).") } ?? true)
                && rule.phrases.allSatisfy(lowercased.contains)
        }
    }

    static func meaning(status: Int, message: String) -> RefusalMeaning? {
        rule(status: status, message: message)?.meaning
    }

    /// Whether the answer is in one of the forms of Ultravox's service: `{"detail": "…"}`, `{"field": ["…"]}` with
    /// fields nested like the request's, or a list of texts. What a proxy says of its own, even in JSON, has none of
    /// them.
    /// - SeeAlso: https://www.django-rest-framework.org/api-guide/exceptions/
    static func isOwn(_ answer: OutboundResponse) -> Bool {
        guard answer.body.count <= UltravoxClient.maximumAnswerBytes,
            let body = try? JSONParser.parse(answer.body, reading: .lenient)
        else { return false }
        switch body {
        case .object(let members):
            if members["detail"]?.stringValue != nil { return true }
            return !members.isEmpty && members.values.allSatisfy(isReasons)
        case .array(let values): return !values.isEmpty && values.allSatisfy { $0.stringValue != nil }
        case .null, .bool, .number, .string: return false
        }
    }

    /// The reasons of one field: texts, or those of the fields within.
    private static func isReasons(_ value: JSONValue) -> Bool {
        switch value {
        case .array(let values): !values.isEmpty && values.allSatisfy { $0.stringValue != nil || isReasons($0) }
        case .object(let members): !members.isEmpty && members.values.allSatisfy(isReasons)
        case .null, .bool, .number, .string: false
        }
    }
}
