import CallDomain
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Gateway

/// What is in hand at the same time is bounded.
@Suite struct LoadSheddingTests {
    @Test func `one too many is refused at once, and the place of an answered one is free`() async throws {
        let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
        let (releases, release) = AsyncStream.makeStream(of: Void.self)
        let router = Router(context: GatewayContext.self)
        router.addMiddleware {
            ErrorMapping(clock: StandingClock())
            LoadShedding(most: 1)
        }
        router.get("slow") { _, _ -> String in
            arrive.yield()
            for await _ in releases { break }
            return "done"
        }
        router.get("fast") { _, _ in "done" }
        try await Application(router: router).test(.router) { client in
            async let first = client.executeRequest(uri: "/slow", method: .get, headers: [:], body: nil)
            for await _ in arrivals { break }
            let second = try await client.executeRequest(uri: "/fast", method: .get, headers: [:], body: nil)
            #expect(second.status == .tooManyRequests)
            #expect(second.headers[.retryAfter] == "1")
            release.yield()
            #expect(try await first.status == .ok)
            let third = try await client.executeRequest(uri: "/fast", method: .get, headers: [:], body: nil)
            #expect(third.status == .ok)
        }
    }
}

private struct StandingClock: WallClock {
    let now = Timestamp(milliseconds: 0)
    func sleep(for duration: Duration) async throws {}
}
