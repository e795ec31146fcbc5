import CallDomain
import Testing

@Suite struct `The place of an event` {
    @Test func `is written as its position, and those before the last of a record with a number`() {
        let record = Position(low: 7)
        #expect(EventPlace(record).description == "7")
        #expect(EventPlace(record, part: 2).description == "7.2")
        #expect(EventPlace(Position(high: 1_795_000_000_000, low: 7), part: 1).description == "1795000000000-7.1")
        #expect(EventPlace(record, part: 1) < EventPlace(record, part: 2))
        #expect(EventPlace(record, part: 2) < EventPlace(record))
        #expect(EventPlace(record) < EventPlace(record.next, part: 1))
    }

    @Test(arguments: ["7", "7.2", "7.254", "1795000000000-7", "1795000000000-7.1", "0"])
    func `is read as it is written`(text: String) throws {
        #expect(try #require(EventPlace(text)).description == text)
    }

    @Test(arguments: ["", "7.", "7.0", "7.255", "7.02", ".1", "7.1.1", "-7", "7 ", "07", "0-7", "7.+1", "x"])
    func `is nothing else`(text: String) { #expect(EventPlace(text) == nil) }
}
