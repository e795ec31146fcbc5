import CallDomain
import HTTPTypes
import Hummingbird

/// Limits the requests of one API key, with separate quotas for orders and changes, for reads, and for scrapes.
///
/// Hang-ups and the emergency switch are never limited: the holder of the only API key must be able to stop what
/// another holder of it does. Scrapes have a separate quota, so that a client that reads too much cannot blind the
/// monitoring, and a runaway scraper is still limited.
/// - SeeAlso: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
struct RateLimiting: RouterMiddleware {
    /// Two scrapers, one scrape a second each, however few reads are allowed.
    static let fewestScrapes = 120

    private let changes: RateLimiter
    private let reads: RateLimiter
    private let scrapes: RateLimiter

    init(changesPerMinute: Int, readsPerMinute: Int, clock: any TimeSource) {
        changes = RateLimiter(quota: changesPerMinute, clock: clock)
        reads = RateLimiter(quota: readsPerMinute, clock: clock)
        scrapes = RateLimiter(quota: max(readsPerMinute, Self.fewestScrapes), clock: clock)
    }

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let (name, limiter) = limiter(for: request, context) else { return try await next(request, context) }
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

    private func limiter(for request: Request, _ context: GatewayContext) -> (name: String, limiter: RateLimiter)? {
        switch VitalRoute(context) {
        case .hangUp, .dialing: return nil
        case .metrics: return ("scrapes", scrapes)
        case nil: break
        }
        switch request.method {
        case .get, .head: return ("reads", reads)
        default: return ("changes", changes)
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
