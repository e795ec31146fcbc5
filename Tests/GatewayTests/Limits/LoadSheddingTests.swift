import HTTPTypes
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
            ErrorMapping(clock: SetClock())
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

    @Test func `a hang-up takes nobody's place`() async throws {
        let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
        let (releases, release) = AsyncStream.makeStream(of: Void.self)
        let router = Router(context: GatewayContext.self)
        router.addMiddleware {
            ErrorMapping(clock: SetClock())
            LoadShedding(most: 1)
        }
        router.post("calls/{id}") { _, _ in "done" }
        router.post(VitalRoute.hangUp.path) { _, _ -> String in
            arrive.yield()
            for await _ in releases { break }
            return "over"
        }
        try await Application(router: router).test(.router) { client in
            // A vendor that takes its time with a hang-up holds nobody up.
            async let hangUp = client.executeRequest(uri: "/calls/x/hangup", method: .post, headers: [:], body: nil)
            for await _ in arrivals { break }
            let order = try await client.executeRequest(uri: "/calls/x", method: .post, headers: [:], body: nil)
            #expect(order.status == .ok)
            release.yield()
            #expect(try await hangUp.status == .ok)
        }
    }

    @Test func `what stops calls, and what shows them, is told by its route`() async throws {
        let full = Router(context: GatewayContext.self)
        full.addMiddleware {
            ErrorMapping(clock: SetClock())
            LoadShedding(most: 0)
        }
        full.post("calls/{id}") { _, _ in "done" }
        full.post(VitalRoute.hangUp.path) { _, _ in "over" }
        full.get(VitalRoute.dialing.path) { _, _ in "on" }
        full.put(VitalRoute.dialing.path) { _, _ in "off" }
        full.get(VitalRoute.metrics.path) { _, _ in "metrics" }
        let asked: [(HTTPRequest.Method, String, HTTPResponse.Status)] = [
            (.post, "/calls/x", .tooManyRequests), (.post, "/calls/hangup", .tooManyRequests),
            (.post, "/calls/x/hangup", .ok), (.post, "/calls/x/hangup/", .ok), (.get, "/dialing", .ok),
            (.put, "/dialing", .ok), (.get, "/metrics", .ok),
        ]
        try await Application(router: full).test(.router) { client in
            for (method, uri, status) in asked {
                let answer = try await client.executeRequest(uri: uri, method: method, headers: [:], body: nil)
                #expect(answer.status == status, "\(method) \(uri)")
            }
        }
    }
}
