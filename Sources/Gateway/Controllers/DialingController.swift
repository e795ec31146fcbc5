import CallDomain
import CallFlow
import Hummingbird
import Logging

/// `/dialing`: the emergency switch.
struct DialingController {
    /// In characters.
    static let longestReason = 500

    let flow: CallFlow

    func addRoutes(to group: RouterGroup<GatewayContext>) {
        group.get(VitalRoute.dialing.path) { _, _ in Response.json(.ok, flow.dialing.json) }
        group.put(VitalRoute.dialing.path, use: set)
    }

    @Sendable private func set(_ request: Request, context: GatewayContext) async throws -> Response {
        var fields = FieldReader(try await request.jsonObject())
        let isEnabled = fields.requiredBool("enabled")
        let reason = fields.string("reason", maximum: Self.longestReason)
        let waiting = fields.choice("waiting", default: WaitingOrders.keep)
        try fields.finish()
        let position = try await flow.setDialing(
            isEnabled: isEnabled,
            reason: isEnabled ? nil : reason,
            waiting: waiting
        )
        context.logger.notice(isEnabled ? "dialing was switched on" : "dialing was switched off")
        return .json(.ok, position.json)
    }
}

extension FieldReader {
    fileprivate mutating func requiredBool(_ name: String) -> Bool {
        guard value(name) != nil else {
            fail(name, "is required: true or false")
            return false
        }
        return bool(name, default: false)
    }
}

extension DialingPosition {
    var json: JSONValue {
        ["enabled": .bool(isEnabled), "reason": .optional(reason), "changed_at": .optional(changedAt?.rfc3339)]
    }
}
