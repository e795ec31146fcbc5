import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import Gateway

/// Look-ups wait for each other, and nothing else waits for them.
@Suite struct TakingTurnsTests {
    @Test func `look-ups are answered in order, and others meanwhile`() async throws {
        let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
        let (releases, release) = AsyncStream.makeStream(of: Void.self)
        let worked = Worked()
        let router = Router(context: GatewayContext.self)
        router.addMiddleware { TakingTurns(most: 1) }
        router.get("calls/{id}") { _, context -> String in
            worked.note(context.parameters.get("id") ?? "")
            arrive.yield()
            for await _ in releases { break }
            return "done"
        }
        router.post("calls/{id}") { _, _ in "ordered" }
        router.get("agents") { _, _ in "agents" }
        try await Application(router: router).test(.router) { client in
            func look(_ id: String) async throws -> HTTPResponse.Status {
                try await client.executeRequest(uri: "/calls/\(id)", method: .get, headers: [:], body: nil).status
            }
            try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                group.addTask { try await look("first") }
                for await _ in arrivals { break }
                group.addTask { try await look("second") }
                // Neither an order nor what a vendor is asked for takes a turn, or waits for one.
                for (uri, method) in [("/calls/agent", HTTPRequest.Method.post), ("/agents", .get)] {
                    let other = try await client.executeRequest(uri: uri, method: method, headers: [:], body: nil)
                    #expect(other.status == .ok)
                }
                #expect(worked.ids == ["first"])
                release.yield()
                for await _ in arrivals { break }
                #expect(worked.ids == ["first", "second"])
                release.yield()
                for try await status in group { #expect(status == .ok) }
            }
            // Both turns came back.
            release.yield()
            #expect(try await look("third") == .ok)
        }
    }
}

private final class Worked: Sendable {
    private let noted = Mutex<[String]>([])

    var ids: [String] { noted.withLock { $0 } }

    func note(_ id: String) { noted.withLock { $0.append(id) } }
}
