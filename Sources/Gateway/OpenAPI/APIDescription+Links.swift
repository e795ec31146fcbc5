/// What can be done with what an answer tells of: operations that take an id out of it.
extension APIDescription {
    private static let ofCall = [
        "get_call": "How the call goes.",
        "hang_up_call": "End the call.",
        "get_transcript": "What was said.",
        "stream_call_events": "What happens to the call, as it happens.",
        "erase_call": "Erase the call when it is over.",
    ]

    private static let ofAgent = [
        "place_call": "Order a call with the agent.",
        "get_agent": "The agent as Ultravox has it then.",
        "replace_agent": "Change the agent.",
        "delete_agent": "Delete the agent.",
    ]

    /// The links of answers that are a call.
    var linksOfCall: String { Self.links(Self.ofCall, id: "$response.body#/id") }

    /// The links of answers that are an agent.
    var linksOfAgent: String { Self.links(Self.ofAgent, id: "$response.body#/id") }

    /// The link of an answer without a body, to a request that was about a call.
    var linkToErasure: String { Self.links(["get_erasure": "How far the erasure is."], id: "$request.path.id") }

    private static func links(_ operations: [String: String], id: String) -> String {
        let links = operations.sorted { $0.key < $1.key }.map { operation, description in
            #""\#(operation)": {"operationId": "\#(operation)", "parameters": {"id": "\#(id)"}, "description": "\#(description)"}"#
        }
        return "{\(links.joined(separator: ", "))}"
    }
}
