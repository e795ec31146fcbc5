import CallDomain
import CallFlow
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Turns every thrown error into a problem document, so that no error leaves in another shape.
///
/// The client sees a stable code, the operator's log the cause.
struct ErrorMapping: RouterMiddleware {
    let clock: any TimeSource

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let problem = Self.problem(for: error)
            context.trace.note(outcome: problem.code.rawValue)
            if problem.code == .internalError {
                context.logger.error("unexpected error", metadata: ["error": "\(String(reflecting: type(of: error)))"])
            }
            return problem.response(path: request.uri.path, requestID: context.requestID, now: clock.now)
        }
    }

    /// What any error means for the client.
    static func problem(for error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case let failure as PlacingFailure: Problem(failure)
        case let failure as HangUpFailure: Problem(failure)
        case let failure as EraseFailure: Problem(failure)
        case let failure as VendorFailure: Problem(failure)
        case let failure as JournalFailure: Problem(failure)
        case is NIOTooManyBytesError: Problem(.payloadTooLarge, "The body is larger than this path accepts.")
        case let error as HTTPError where error.status == .notFound:
            .notFound("This path does not exist. GET /openapi.json lists all paths.")
        case let error as HTTPError where error.status == .badRequest:
            Problem(.malformedRequest, "The request could not be read.")
        default: Problem(.internalError, "Look for this request_id in the gateway's log.")
        }
    }
}
