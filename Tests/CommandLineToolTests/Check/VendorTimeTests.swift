import CallDomain
import HTTPTypes
import OutboundHTTP
import Synchronization
import Testing

@testable import CommandLineTool

@Suite struct `The vendors' clocks` {
    /// What is found after answers with these dates; our clock stands at 11:06:40.
    private func finding(_ dates: String?..., tolerance: Duration = .seconds(300)) async throws -> Finding {
        let clock = FixedClock()
        #expect(clock.now.rfc3339 == "2026-11-18T11:06:40.000Z")
        let next = Mutex(dates[...])
        let answers = ScriptedAnswers { _ in
            var headers = HTTPFields()
            headers[.date] = next.withLock { $0.popFirst() ?? nil }.map { "Wed, 18 Nov 2026 \($0) GMT" }
            return .success(OutboundResponse(status: 401, headers: headers))
        }
        let time = VendorTime(answers, clock: clock)
        for _ in dates { _ = try await time.send(OutboundRequest(method: .get, url: "https://api.example.com/")) }
        return time.finding(tolerance: tolerance)
    }

    @Test func `agree with ours within the second that a date stands for`() async throws {
        for date in ["11:06:40", "11:06:39"] {
            let found = try await finding(date)
            #expect(found.outcome == .ok)
            #expect(found.text.contains(" 0 s apart"))
        }
    }

    @Test func `deserve a look from half a minute on, either way`() async throws {
        #expect(try await finding("11:07:09").outcome == .ok)
        #expect(try await finding("11:07:10").outcome == .warning)
        #expect(try await finding("11:06:09").outcome == .warning)
    }

    @Test func `fail beyond the tolerance of Ultravox's time stamps`() async throws {
        #expect(try await finding("11:11:40").outcome == .warning)
        #expect(try await finding("11:11:41").outcome == .failed)
        #expect(try await finding("11:06:55", tolerance: .seconds(10)).outcome == .failed)
    }

    @Test func `count by the one that is nearest to ours`() async throws {
        #expect(try await finding("03:00:00", "11:06:41", nil).outcome == .ok)
    }

    @Test func `say nothing where no answer has a date`() async throws {
        #expect(try await finding(nil).outcome == .skipped)
    }
}
