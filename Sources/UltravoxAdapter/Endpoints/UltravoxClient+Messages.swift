package import CallDomain
import HTTPTypes
import Logging

extension UltravoxClient {
    /// Bounds of a transcript: more was never said in a phone call, and nobody waits longer.
    private static let maximumMessagePages = 50
    private static let messagesPatience = Duration.seconds(30)

    /// `GET /api/calls/{call_id}/messages`, all pages, over all stages of the call; and `GET /api/calls/{call_id}`
    /// where the messages carry times, which count from the join.
    ///
    /// Messages that a service put into the user's mouth, such as a prompt to greet, are left out.
    /// - SeeAlso: https://docs.ultravox.ai/api-reference/calls/calls-messages-list
    package func messages(of id: UltravoxCallID) async throws(VendorFailure) -> [ConversationMessage] {
        let utterances = try await utterances(of: id)
        let joinedAt = utterances.contains { $0.start != nil } ? await joinTime(of: id) : nil
        return utterances.map { utterance in
            let at = joinedAt.flatMap { joinedAt in utterance.start.map { joinedAt + $0 } }
            return ConversationMessage(role: utterance.role, text: utterance.text, at: at)
        }
    }

    private func utterances(of id: UltravoxCallID) async throws(VendorFailure) -> [Utterance] {
        let giveUpAt = clock.now + Self.messagesPatience
        var utterances: [Utterance] = []
        var cursor: String?
        var seen: Set<String> = []
        for _ in 0..<Self.maximumMessagePages {
            let page = try await page(
                "/api/calls/\(id.text)/messages",
                query: [("mode", "in_call")],
                size: Self.maximumPageSize,
                cursor: cursor,
                endpoint: "GET /api/calls/{call_id}/messages"
            )
            utterances += page.results.compactMap { Utterance(json: $0) }
            guard let next = page.nextCursor else { return utterances }
            guard seen.insert(next).inserted else { throw nonsense(page.answer, "the pages go round in a circle") }
            guard clock.now < giveUpAt else {
                throw .unclear(.ultravox, status: nil, reason: "reading the messages took too long")
            }
            cursor = next
        }
        logger.info("transcript cut", metadata: ["ultravox.call.id": "\(id)", "messages": "\(utterances.count)"])
        return utterances
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

    /// - Returns: `nil` of what nobody said: unknown roles, no text, text that a service gave as the user's.
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
        start = json["wallClockTimespan"]?["start"]?.duration
    }
}
