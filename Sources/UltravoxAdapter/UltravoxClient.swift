package import CallDomain
import Crypto
import FoundationEssentials
import HTTPTypes
package import Logging
package import OutboundHTTP

/// Agents and agent calls over Ultravox's REST API.
///
/// Every method is one request, or a bounded number of reading ones; nothing is repeated after a failure, which says
/// whether repeating could do anything twice. Answers are checked before they are believed.
/// - SeeAlso: https://docs.ultravox.ai/api-reference/introduction
package struct UltravoxClient: AgentPlatform {
    let apiKey: Rotating<Secret>
    /// Without a slash at the end.
    let baseURL: String
    let callbackURL: @Sendable (CallID) -> String
    let transport: any HTTPTransport
    let clock: any TimeSource
    let logger: Logger

    /// - Parameters:
    ///   - apiKey: of the account that holds the agents.
    ///   - baseURL: the origin, such as `https://api.ultravox.ai`.
    ///   - callbackURL: where Ultravox reports a call's progress: at most 200 characters.
    ///   - transport: sends each request once.
    ///   - clock: for deadlines.
    ///   - logger: gets the outcome of each request, and never a text of its body.
    package init(
        apiKey: Rotating<Secret>,
        baseURL: String,
        callbackURL: @escaping @Sendable (CallID) -> String,
        transport: any HTTPTransport,
        clock: any TimeSource,
        logger: Logger
    ) {
        self.apiKey = apiKey
        self.baseURL = baseURL.utf8.last == UInt8(ascii: "/") ? String(baseURL.dropLast()) : baseURL
        self.callbackURL = callbackURL
        self.transport = transport
        self.clock = clock
        self.logger = logger
    }

    /// The secret of the callbacks of calls that are created from here on.
    var callbackSecret: Secret { Self.callbackSecret(apiKey: apiKey.current) }

    /// The secret with which Ultravox signs our per-call callbacks. It is derived from the API key, so that every
    /// replica knows it and nobody has to configure it; it reveals nothing about the API key.
    /// - Returns: 64 lower-case hex digits; for an empty key an empty secret, which verifies nothing.
    package static func callbackSecret(apiKey: Secret) -> Secret {
        guard !apiKey.exposed.isEmpty else { return Secret("") }
        let label = Array("switchboard: secret of ultravox per-call callbacks, version 1".utf8)
        let key = SymmetricKey(data: Array(apiKey.exposed.utf8))
        return Secret(Hex.encode(HMAC<SHA256>.authenticationCode(for: label, using: key)))
    }

    /// Proves that Ultravox can be reached and takes our key, at little cost: `GET /api/accounts/me`.
    package func checkAccess(within patience: Duration) async throws(VendorFailure) {
        _ = try await exchange(.get, "/api/accounts/me", endpoint: "GET /api/accounts/me", within: patience)
    }
}
