import HTTPTypes
import OrderedCollections

/// `/_sandbox/…` on both servers: what the sandbox saw, for people and scripts on this machine.
struct ControlAPI: Sendable {
    let core: SandboxCore

    func answer(_ request: VendorRequest) -> VendorAnswer {
        guard request.method == .get else { return VendorAnswer(status: 405, headers: [.allow: "GET"]) }
        let state = core.state.value
        switch Array(request.segments.dropFirst()) {
        case ["ledger"]:
            return .json(state.ledger.json)
        case ["calls"]:
            return .json([
                "twilio": .array(state.phoneCalls.values.map { $0.json }),
                "ultravox": .array(state.agentCalls.values.map { $0.json }),
                "settled": .bool(state.isSettled),
            ])
        case ["scenarios"]:
            return .json([
                "scenarios": .array(
                    Scenario.all.map { ["suffix": .string($0.suffix), "summary": .string($0.summary)] }
                )
            ])
        default:
            return .json(["error": "no such resource"], status: 404)
        }
    }
}
