import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

@testable import Gateway

/// However inventive clients are, the number of time series is bounded.
@Suite struct CardinalityTests {
    private let registry = PrometheusRegistry()

    private func series(_ name: String) -> [String] {
        registry.text.split(separator: "\n").map(String.init).filter { $0.hasPrefix(name + "{") }
    }

    @Test func `unknown paths, and methods that a path does not take, make a few series`() async throws {
        let router = Router(context: GatewayContext.self, options: [.autoGenerateHeadEndpoints])
        router.addMiddleware {
            RequestMetrics(factory: registry)
            ErrorMapping(clock: SetClock())
            BodyLimit(limits: ConnectionLimits())
        }
        router.get("calls/{id}") { _, _ in "a call" }
        router.refuseOtherMethods()
        try await Application(router: router).test(.router) { client in
            for number in 0..<50 {
                let invented = try #require(HTTPRequest.Method("BREW\(number)"))
                for method in [.get, .head, .post, .put, .patch, .delete, .options, .trace, invented] {
                    for uri in ["/calls/\(number)", "/nowhere/\(number)", "/\(number)?query=\(number)"] {
                        _ = try await client.executeRequest(uri: uri, method: method, headers: [:], body: nil)
                    }
                }
                let tooMuch: HTTPFields = [.contentLength: String(Int.max - number)]
                _ = try await client.executeRequest(uri: "/calls/\(number)", method: .post, headers: tooMuch, body: nil)
                _ = try await client.executeRequest(uri: "/\(number)", method: .post, headers: tooMuch, body: nil)
            }
        }
        let requests = series("switchboard_http_requests_total")
        #expect(requests.contains { $0.contains(#"route="/calls/{id}",method="POST",status="405""#) })
        #expect(requests.contains { $0.contains(#"route="/calls/{id}",method="POST",status="413""#) })
        #expect(requests.contains { $0.contains(#"method="other",status="404""#) })
        // Three routes at most, eight words for methods, and of statuses 200, 404, 405 and 413.
        #expect(requests.count <= 24, "\(requests)")
        #expect(!requests.contains { $0.contains("nowhere") || $0.contains("query") || $0.contains("BREW") })
        // Of a path that takes methods with other times, each has its own.
        let durations = series("switchboard_http_request_duration_seconds_count")
        #expect(durations.contains { $0.contains(#"{route="/calls/{id}",method="GET"}"#) })
        #expect(durations.contains { $0.contains(#"{route="/calls/{id}",method="POST"}"#) })
        #expect(durations.count <= 24, "\(durations)")
        #expect(!durations.contains { $0.contains("BREW") })
    }

    @Test func `messages that no router sees are counted by reasons of a closed set`() {
        let log = KeptLog()
        let refused = RefusedMessages(factory: registry)
        for _ in 0..<100 {
            for refusal in Refusal.allCases { refused.note(refusal, log.logger) }
            refused.note(.bodyTooLarge)
        }
        let counted = series("switchboard_messages_refused_total")
        #expect(counted.count == Refusal.allCases.count)
        #expect(counted.filter { $0.hasSuffix(" 100") }.count == Refusal.allCases.count - 1)
        #expect(counted.contains { $0.contains(Refusal.bodyTooLarge.rawValue) && $0.hasSuffix(" 200") })
        #expect(refused.total == 100 * (Refusal.allCases.count + 1))
        #expect(log.lines.count == 100 * Refusal.allCases.count)
    }
}
