package import Hummingbird

/// Makes the answers that begin a stream of events in a task of their own.
///
/// A task keeps the memory of its deepest calls until it ends, and the way through all middleware takes 40 KB of it. The
/// task of a connection lasts as long as the stream that it writes: so it does not go that way itself.
package struct StreamAnswers<Base: HTTPResponderBuilder>: HTTPResponderBuilder where Base.Responder.Context: Sendable {
    private let base: Base

    package init(_ base: Base) { self.base = base }

    package func buildResponder() -> Responder { Responder(base: base.buildResponder()) }

    package struct Responder: HTTPResponder {
        fileprivate let base: Base.Responder

        package func respond(to request: Request, context: Base.Responder.Context) async throws -> Response {
            guard request.uri.path.hasSuffix("/events") else {
                return try await base.respond(to: request, context: context)
            }
            return try await withThrowingTaskGroup(of: Response.self) { group in
                group.addTask { try await base.respond(to: request, context: context) }
                guard let response = try await group.next() else { throw CancellationError() }
                return response
            }
        }
    }
}
