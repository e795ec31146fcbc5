import CallDomain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

@testable import Gateway

/// Whose key was shown stands in the log.
@Suite struct APIKeyNameTests {
    private let log = KeptLog()

    private func application() -> some ApplicationProtocol {
        let keys = Rotating([
            APIKey(name: "billing", secret: Secret("0123456789abcdef")),
            APIKey(name: "support", secret: Secret("fedcba9876543210")),
        ])
        let router = Router(context: GatewayContext.self)
        router.addMiddleware {
            RequestIdentification(random: CountedBits())
            AccessLog()
            ErrorMapping(clock: SetClock())
        }
        router.get("open") { _, _ in "open" }
        router.group().add(middleware: APIKeyAuthentication(keys: keys)).get("closed") { _, context in
            context.logger.info("on the way")
            // Far from any context, as in an adapter.
            log.logger.info("far away")
            if context.caller == "support" { throw Problem.notFound("nothing") }
            return "closed"
        }
        return Application(router: router, logger: log.logger)
    }

    @Test(
        arguments: [
            ("/closed", "0123456789abcdef", "billing", 200), ("/closed", "fedcba9876543210", "support", 404),
            ("/closed", "0123456789abcdeF", nil, 401), ("/closed", nil, nil, 401),
            ("/open", "0123456789abcdef", nil, 200),
        ] as [(String, String?, String?, Int)]
    )
    func `in the access line, where a key was needed and good`(
        path: String,
        secret: String?,
        name: String?,
        status: Int
    ) async throws {
        try await application().test(.router) { client in
            var headers: HTTPFields = [:]
            headers[.xAPIKey] = secret
            let answer = try await client.executeRequest(uri: path, method: .get, headers: headers, body: nil)
            #expect(answer.status.code == status)
            let lines = log.lines("request answered")
            #expect(lines.count == 1)
            #expect(lines.first?.fields["api.key"] == name)
            #expect(lines.first?.fields["http.status"] == String(status))
            #expect(!log.lines.contains { line in line.fields.values.contains { $0.contains("0123456789abcde") } })
        }
    }

    @Test func `in every line that the request causes`() async throws {
        try await application().test(.router) { client in
            let headers: HTTPFields = [.xAPIKey: "0123456789abcdef", .xRequestID: "mine"]
            let answer = try await client.executeRequest(uri: "/closed", method: .get, headers: headers, body: nil)
            #expect(answer.status == .ok)
            for message in ["on the way", "far away", "request answered"] {
                #expect(log.lines(message).map { $0.fields["api.key"] } == ["billing"])
                #expect(log.lines(message).map { $0.fields["request.id"] } == ["mine"])
            }
        }
    }
}
