import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Gateway

/// Which requests of an API key are counted where.
@Suite struct RateLimitingTests {
    private let clock = SetClock()

    private func application(changes: Int, reads: Int) -> some ApplicationProtocol {
        let router = Router(context: GatewayContext.self, options: [.autoGenerateHeadEndpoints])
        router.addMiddleware {
            ErrorMapping(clock: clock)
            RateLimiting(changesPerMinute: changes, readsPerMinute: reads, clock: clock)
        }
        router.get("calls") { _, _ in "calls" }
        router.post("calls/{id}") { _, _ in "placed" }
        router.post(VitalRoute.hangUp.path) { _, _ in "over" }
        router.get(VitalRoute.dialing.path) { _, _ in "on" }
        router.put(VitalRoute.dialing.path) { _, _ in "off" }
        router.get(VitalRoute.metrics.path) { _, _ in "metrics" }
        return Application(router: router)
    }

    @Test func `reads and changes are counted apart, in fields that tell the quota and the rest`() async throws {
        try await application(changes: 2, reads: 1).test(.router) { client in
            func ask(_ method: HTTPRequest.Method, _ uri: String) async throws -> TestResponse {
                try await client.executeRequest(uri: uri, method: method, headers: [:], body: nil)
            }
            let first = try await ask(.post, "/calls/x")
            #expect(first.status == .ok)
            #expect(first.headers[.rateLimitPolicy] == "\"changes\";q=2;w=60")
            #expect(first.headers[.rateLimit] == "\"changes\";r=1;t=60")
            #expect(try await ask(.post, "/calls/x").headers[.rateLimit] == "\"changes\";r=0;t=60")
            let refused = try await ask(.post, "/calls/x")
            #expect(refused.status == .tooManyRequests)
            #expect(refused.headers[.retryAfter] == "60")
            #expect(refused.headers[.rateLimit] == "\"changes\";r=0;t=60")
            #expect(try await ask(.head, "/calls").headers[.rateLimit] == "\"reads\";r=0;t=60")
            #expect(try await ask(.get, "/calls").status == .tooManyRequests)
            clock.advance(by: .seconds(60))
            #expect(try await ask(.get, "/calls").status == .ok)
        }
    }

    @Test func `hang-ups and the emergency switch are never limited, whatever their path looks like`() async throws {
        try await application(changes: 1, reads: 1).test(.router) { client in
            func ask(_ method: HTTPRequest.Method, _ uri: String) async throws -> TestResponse {
                try await client.executeRequest(uri: uri, method: method, headers: [:], body: nil)
            }
            #expect(try await ask(.post, "/calls/x").status == .ok)
            #expect(try await ask(.get, "/calls").status == .ok)
            for _ in 0..<3 {
                for (method, uri) in [
                    (.post, "/calls/x/hangup"), (.post, "/calls/x/hangup/"), (.post, "//calls/x/hangup?a=b"),
                    (.put, "/dialing"), (.put, "/dialing/"), (.get, "/dialing"), (.head, "/dialing"),
                ] as [(HTTPRequest.Method, String)] {
                    let answer = try await ask(method, uri)
                    #expect(answer.status == .ok, "\(method) \(uri)")
                    #expect(answer.headers[.rateLimit] == nil && answer.headers[.rateLimitPolicy] == nil)
                }
            }
            // Orders of an agent of that name are orders.
            #expect(try await ask(.post, "/calls/hangup").status == .tooManyRequests)
            #expect(try await ask(.post, "/calls/hangup/").status == .tooManyRequests)
        }
    }

    @Test func `scrapes have a quota of their own, which reads do not eat and which is never tiny`() async throws {
        try await application(changes: 1, reads: 1).test(.router) { client in
            func ask(_ uri: String) async throws -> TestResponse {
                try await client.executeRequest(uri: uri, method: .get, headers: [:], body: nil)
            }
            #expect(try await ask("/calls").status == .ok)
            #expect(try await ask("/calls").status == .tooManyRequests)
            for rest in (0..<RateLimiting.fewestScrapes).reversed() {
                let scrape = try await ask("/metrics")
                #expect(scrape.status == .ok)
                #expect(scrape.headers[.rateLimit] == "\"scrapes\";r=\(rest);t=60")
            }
            #expect(try await ask("/metrics").status == .tooManyRequests)
        }
        try await application(changes: 1, reads: 6000).test(.router) { client in
            let scrape = try await client.executeRequest(uri: "/metrics", method: .get, headers: [:], body: nil)
            #expect(scrape.headers[.rateLimitPolicy] == "\"scrapes\";q=6000;w=60")
        }
    }
}
