package import CallDomain
import HTTPTypes

extension UltravoxClient {
    /// How many of Ultravox's pages one of ours may take: more than one only where messages are left out.
    private static let maximumMessagePages = 4

    /// `GET /api/calls/{call_id}/messages`, over all stages of the call, from `cursor` on; and `GET /api/calls/{call_id}`
    /// where the messages carry times, which count from the join, and `joinedAt` is not known.
    ///
    /// Messages that a service put into the user's mouth, such as a prompt to greet, are left out: so a page may be shorter
    /// than `limit` before the end. No page of Ultravox is read beyond what `limit` needs, and each is read whole, so that
    /// its own cursor tells where the next one starts.
    /// - SeeAlso: https://docs.ultravox.ai/api-reference/calls/calls-messages-list
    package func messages(
        of id: UltravoxCallID,
        joinedAt: Timestamp?,
        limit: Int,
        cursor: String?
    ) async throws(VendorFailure) -> ConversationPage {
        var utterances: [Utterance] = []
        var cursor = cursor
        for _ in 0..<Self.maximumMessagePages {
            let page = try await page(
                "/api/calls/\(id.text)/messages",
                query: [("mode", "in_call")],
                size: limit - utterances.count,
                cursor: cursor,
                endpoint: "GET /api/calls/{call_id}/messages"
            )
            utterances += page.results.compactMap { Utterance(json: $0) }
            guard page.nextCursor == nil || page.nextCursor != cursor else {
                throw nonsense(page.answer, "the pages repeat")
            }
            cursor = page.nextCursor
            if cursor == nil || utterances.count >= limit { break }
        }
        var start = joinedAt
        if start == nil, utterances.contains(where: { $0.start != nil }) { start = await joinTime(of: id) }
        let messages = utterances.map { utterance in
            let at = start.flatMap { start in utterance.start.map { start + $0 } }
            return ConversationMessage(role: utterance.role, text: utterance.text, at: at)
        }
        return ConversationPage(messages: messages, nextCursor: cursor)
    }

    private func joinTime(of id: UltravoxCallID) async -> Timestamp? {
        do {
            let answer = try await exchange(.get, "/api/calls/\(id.text)", endpoint: "GET /api/calls/{call_id}")
            return try object(in: answer)["joined"]?.timestamp
        } catch {
            // A transcript without times is better than none; the failure was logged where it happened.
            return nil
        }
    }
}

/// A message of a conversation, as Ultravox gives it.
private struct Utterance {
    /// In bytes of UTF-8; a tool may answer with anything.
    private static let maximumText = 64 << 10

    let role: String
    let text: String
    /// From the join.
    let start: Duration?

    /// - Returns: `nil` for messages that nobody spoke: unknown roles, no text, text that a service sent as the user.
    init?(json: JSONValue) {
        switch json["role"]?.stringValue {
        case "MESSAGE_ROLE_USER":
            guard json["medium"]?.stringValue != "MESSAGE_MEDIUM_TEXT" else { return nil }
            role = "user"
        case "MESSAGE_ROLE_AGENT": role = "agent"
        case "MESSAGE_ROLE_TOOL_CALL": role = "tool_call"
        case "MESSAGE_ROLE_TOOL_RESULT": role = "tool_result"
        default: return nil
        }
        let given = json["text"]?.stringValue.flatMap { VendorText.lines($0, upTo: Self.maximumText) }
        let tool = json["toolName"]?.stringValue.flatMap { VendorText.word($0, upTo: Self.maximumText) }
        guard let text = given ?? (role == "user" || role == "agent" ? nil : tool) else { return nil }
        self.text = text
        start = json["wallClockTimespan"]?["start"]?.duration(in: UltravoxBounds.elapsed)
    }
}
