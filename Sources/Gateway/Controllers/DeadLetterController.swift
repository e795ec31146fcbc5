import CallDomain
import CallFlow
import Hummingbird

/// `/dead-letters`: verified messages that changed nothing, and why.
struct DeadLetterController {
    let deadLetters: DeadLetters
    let cursors: CursorCodec

    func addRoutes(to group: RouterGroup<GatewayContext>) {
        group.get("dead-letters", use: list)
    }

    @Sendable private func list(_ request: Request, context: GatewayContext) async throws -> Response {
        var query = QueryReader(request)
        let limit = query.limit()
        let cursor = query.cursor(cursors, list: "dead-letters").flatMap(Int.init)
        try query.finish()
        let (letters, hasMore) = deadLetters.latest(limit: limit, before: cursor)
        let next = hasMore ? letters.last.map { cursors.seal(String($0.number), list: "dead-letters") } : nil
        return .json(.ok, ["data": .array(letters.map(\.json)), "next_cursor": .optional(next)])
    }
}

extension DeadLetter {
    fileprivate var json: JSONValue {
        [
            "id": .string(String(number)),
            "received_at": .string(receivedAt.rfc3339),
            "vendor": .string(vendor.rawValue),
            "kind": .string(kind),
            "reason": .string(reason),
            "call_id": .optional(callID?.text),
            "call_sid": .optional(callSid?.text),
            "ultravox_call_id": .optional(ultravoxCallID?.text),
        ]
    }
}
