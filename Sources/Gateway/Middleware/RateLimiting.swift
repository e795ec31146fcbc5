import CallDomain
import HTTPTypes
import Hummingbird

/// Bounds how much one API key may ask: orders and changes apart from reads. Hang-ups are never limited.
///
/// - SeeAlso: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
struct RateLimiting: RouterMiddleware {
    let changes: RateLimiter
    let reads: RateLimiter

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let (name, limiter) = limiter(for: request) else { return try await next(request, context) }
        let verdict = limiter.count(context.caller)
        guard verdict.isAllowed else {
            var problem = Problem(
                .rateLimited,
                "This API key may send \(limiter.quota) \(name) a minute; wait \(verdict.resetSeconds) s. The operator "
                    + "sets RATE_LIMIT_PER_MINUTE and READ_LIMIT_PER_MINUTE."
            ).retryAfter(.seconds(verdict.resetSeconds))
            problem.headers.add(verdict, name, limiter)
            throw problem
        }
        do {
            var response = try await next(request, context)
            response.headers.add(verdict, name, limiter)
            return response
        } catch {
            var problem = ErrorMapping.problem(for: error)
            guard problem.code != .internalError else { throw error }
            problem.headers.add(verdict, name, limiter)
            throw problem
        }
    }

    private func limiter(for request: Request) -> (name: String, limiter: RateLimiter)? {
        switch request.method {
        case .get, .head: ("reads", reads)
        case .post where request.uri.path.hasSuffix("/hangup"): nil
        default: ("changes", changes)
        }
    }
}

extension HTTPFields {
    fileprivate mutating func add(_ verdict: RateLimiter.Verdict, _ name: String, _ limiter: RateLimiter) {
        self[.rateLimitPolicy] = "\"\(name)\";q=\(limiter.quota);w=\(RateLimiter.window.wholeSeconds)"
        self[.rateLimit] = "\"\(name)\";r=\(verdict.remaining);t=\(verdict.resetSeconds)"
    }
}

extension HTTPField.Name {
    static let rateLimit = Self.known("RateLimit")
    static let rateLimitPolicy = Self.known("RateLimit-Policy")
}
