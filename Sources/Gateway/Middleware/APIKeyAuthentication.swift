package import CallDomain
import HTTPTypes
import Hummingbird

/// One entry of `API_KEYS`.
package struct APIKey: Sendable {
    /// For logs and limits; not secret.
    package let name: String
    package let secret: Secret

    package init(name: String, secret: Secret) {
        self.name = name
        self.secret = secret
    }
}

/// Lets only requests with exactly one valid API key through, and names the key in every line that they cause.
struct APIKeyAuthentication: RouterMiddleware {
    let keys: Rotating<[APIKey]>

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let key = keys.current.authenticated(request.headers) else { throw Problem.noKey }
        var context = context
        context.caller = key.name
        context.trace.note(caller: key.name)
        return try await Requester.$apiKey.withValue(key.name) {
            try await LogContext.adding(["api.key": key.name]) { [context] in
                try await next(request, context)
            }
        }
    }
}

extension Problem {
    static var noKey: Problem {
        var problem = Problem(
            .unauthorized,
            "Send exactly one API key, as X-API-Key: KEY or as Authorization: Bearer KEY, not both. KEY is the secret after "
                + "the colon of an entry in API_KEYS, without the name."
        )
        problem.headers[.wwwAuthenticate] = "Bearer realm=\"switchboard\""
        return problem
    }
}

extension [APIKey] {
    /// The key that a request shows, if it shows exactly one and it is one of these.
    ///
    /// Two credentials, even the same one twice, are none: two readers of the request could see two callers.
    func authenticated(_ fields: HTTPFields) -> APIKey? {
        let headers = fields[values: .xAPIKey]
        let authorizations = fields[values: .authorization]
        guard headers.count + authorizations.count == 1 else { return nil }
        let given: Substring
        if let header = headers.first {
            given = header[...]
        } else {
            let parts = authorizations[0].split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            given = parts[1]
        }
        // Every key is compared, so that the time does not reveal which one nearly matched.
        var found: APIKey?
        for key in self where Secret.matches(given.utf8, key.secret.exposed.utf8) { found = found ?? key }
        return found
    }
}
