import CallDomain
import CallFlow
import HTTPTypes
import Hummingbird

/// `DELETE /calls/{id}` and `/erasures`: forgets calls, here and at the vendors.
struct ErasureController {
    let flow: CallFlow

    func addRoutes(to group: RouterGroup<GatewayContext>) {
        group.delete("calls/{id}", use: erase)
        group.get("erasures/{id}", use: lookUp)
    }

    @Sendable private func erase(_ request: Request, context: GatewayContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        let name = try callName(context)
        guard let id = flow.callID(name) else { throw Problem.noCallToErase }
        let names = flow.call(id)?.logNames ?? [:]
        let erased = try await LogContext.adding(names) { try await flow.erase(id) }
        context.trace.note(outcome: "erased")
        let location = "/erasures/\(erased.text)"
        return Response(status: .noContent, headers: [.location: location, .cacheControl: "no-store"])
    }

    @Sendable private func lookUp(_ request: Request, context: GatewayContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        guard let report = flow.erasure(named: try callName(context)) else { throw Problem.noErasure }
        return .json(.ok, report.json)
    }

    /// A call may be named by our id or by its CallSid.
    private func callName(_ context: GatewayContext) throws -> CallName {
        let text = context.parameters.get("id") ?? ""
        if let id = CallID(text) { return .id(id) }
        if let sid = CallSid(text) { return .callSid(sid) }
        throw Problem.noCallToErase
    }
}

extension CallFlow {
    /// The id of the call with that name, where there is such a call.
    fileprivate func callID(_ name: CallName) -> CallID? {
        switch name {
        case .id(let id): call(id)?.id
        case .callSid(let sid): callID(of: sid)
        case .ultravoxCallID: nil
        }
    }
}

extension Problem {
    fileprivate static var noCallToErase: Problem {
        .notFound(
            "The call does not exist, or is erased already: GET /erasures/{call_id} tells. GET /calls lists all calls."
        )
    }

    fileprivate static var noErasure: Problem {
        .notFound("No call with this id was erased. DELETE /calls/{call_id} erases a call that is over.")
    }

    init(_ failure: EraseFailure) {
        switch failure {
        case .notFound: self = .noCallToErase
        case .live(let call):
            self = Problem(
                .callIsLive,
                "The call is not over: its status is \(call.status.rawValue). POST /calls/{call_id}/hangup ends it; erase "
                    + "it then."
            ).with(callID: call.id)
        case .journal(let failure): self.init(failure)
        }
    }
}
