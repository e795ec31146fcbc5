import CallDomain
import Testing

@Suite struct `Of several media streams` {
    private func stream(_ events: [CallEvent]) -> (String, StreamReport.Event)? {
        let told = permutations(of: events).map { Sample.history(of: $0).folded.stream }
        #expect(told.allSatisfy { $0 == told[0] })
        return told[0].map { (String($0.streamSid.text.suffix(2)), $0.event) }
    }

    @Test func `the one that started last counts, though the end of an older one comes later`() throws {
        let old = [Sample.stream(.started, at: 3, of: "0a"), Sample.stream(.stopped, at: 12, of: "0a")]
        let new = Sample.stream(.started, at: 10, of: "0b")
        #expect(try #require(stream(old + [new])) == ("0b", .started))
        #expect(try #require(stream(old + [new, Sample.stream(.stopped, at: 11, of: "0b")])) == ("0b", .stopped))
        #expect(try #require(stream([old[1], new])) == ("0b", .started))
    }

    @Test func `one whose start failed is the last if it failed last`() throws {
        let old = [Sample.stream(.started, at: 3, of: "0c"), Sample.stream(.stopped, at: 9, of: "0c")]
        #expect(try #require(stream(old + [Sample.stream(.error, at: 10, of: "0a")])) == ("0a", .error))
        #expect(try #require(stream(old + [Sample.stream(.error, at: 2, of: "0d")])) == ("0c", .stopped))
    }

    @Test func `one of which only its end is told counts if there is no other`() throws {
        #expect(try #require(stream([Sample.stream(.stopped, at: 9, of: "0a")])) == ("0a", .stopped))
        let two = [Sample.stream(.stopped, at: 9, of: "0b"), Sample.stream(.stopped, at: 10, of: "0a")]
        #expect(try #require(stream(two)) == ("0a", .stopped))
    }
}
