import CCurl
import Testing

@testable import CurlTransport

@Suite
struct `The engine's inbox` {
    /// What the engine's thread does where it replaces its handle while others hand in commands.
    private func polls(_ handIn: (CommandInbox) -> Void) throws -> Duration {
        let inbox = CommandInbox()
        let old = try #require(curl_multi_init())
        let new = try #require(curl_multi_init())
        defer {
            inbox.attach(nil)
            curl_multi_cleanup(old)
            curl_multi_cleanup(new)
        }
        inbox.attach(old)
        handIn(inbox)
        inbox.attach(new)
        return ContinuousClock().measure { curl_multi_poll(new, nil, 0, 60_000, nil) }
    }

    @Test
    func `wakes a handle that is attached after a command came in`() throws {
        #expect(try polls { _ = $0.post(.cancel(1)) } < .seconds(30))
    }

    @Test
    func `wakes a handle that is attached after the stop`() throws {
        #expect(try polls { $0.stop(.afterCurrentTransfers) } < .seconds(30))
    }
}
