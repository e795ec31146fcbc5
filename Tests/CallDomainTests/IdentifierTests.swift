import CallDomain
import TestSupport
import Testing

@Suite struct `Identifiers parse` {
    @Test(arguments: ["+12025550143", "+4420794600", "+11", "+123456789012345"])
    func `numbers in E.164`(text: String) { #expect(PhoneNumber(text)?.text == text) }

    @Test(arguments: [
        "", "+", "+1", "+0123456789", "0015550100", "+1234567890123456", "+1 (555) 010-0001", "+1555010000１",
        "+١٥٥٥٠١٠", "tel:+15550100001", "+15550100001;ext=9", "+15550100001,,900", "\u{0}+15550100001",
        " +15550100001", "+15550100001\n", "911", "sip:a@b", "client:x",
    ])
    func `nothing else as a number`(text: String) { #expect(PhoneNumber(text) == nil) }

    @Test func `a number's description is masked`() {
        #expect("\(PhoneNumber("+12025550143")!)" == "…0143")
    }

    @Test(arguments: [
        "", "CA", "CA1", "ca" + String(repeating: "0", count: 32), "AC" + String(repeating: "0", count: 32),
        "CA" + String(repeating: "g", count: 32), "CA" + String(repeating: "0", count: 33),
        "CA" + String(repeating: "٠", count: 16),
    ])
    func `only CallSids as CallSids`(text: String) { #expect(CallSid(text) == nil) }

    @Test func `UUIDs in either case are one id`() {
        #expect(AgentID("6F3A1D52-2C7E-4B0A-9D38-51C0E7A4B921") == AgentID("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921"))
        #expect(AgentID("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b92/") == nil)
        #expect(AgentID("../../../../../../../../../../../..") == nil)
    }

    @Test func `our ids carry their time and sort by it`() {
        let time = Timestamp(milliseconds: 1_795_000_000_123)
        let id = CallID(at: time, random: (0xFFFF, .max))
        #expect(id.text.utf8.count == 31)
        #expect(id.time == time)
        #expect(CallID(id.text) == id)
        #expect(!id.isDerived)
        let later = CallID(at: time + .milliseconds(1), random: (0, 0))
        #expect(id.text < later.text)
    }

    @Test func `the id of a bare CallSid is the same everywhere and tells no other CallSid`() {
        let id = CallID(derivedFrom: Sample.sid)
        #expect(id == CallID(derivedFrom: Sample.sid))
        #expect(id != CallID(derivedFrom: Sample.otherSid))
        #expect(CallID(id.text) == id)
        #expect(id.isDerived)
        #expect(id.time == nil)
    }

    @Test(arguments: [
        "", "call_", "call_00000000000000000000000000/", "call_0000000000000000000000000I",
        "call_80000000000000000000000000", "call_000000000000000000000000000", "CALL_00000000000000000000000000",
        "call_../../../../../../../../..",
    ])
    func `nothing else as an id of ours`(text: String) { #expect(CallID(text) == nil) }

    @Test(arguments: [
        "http://a/b", "ws://a/b", "wss://", "wss:///x", "wss://a/b?c", "wss://a/b#c", "wss://u@a/b", "wss://a/\"x",
        "wss://a/<x>", "wss://a/&x", "wss://a/ b", "wss://a/\u{7f}", "wss://a/é", "wss://:80/x",
        "wss://a/" + String(repeating: "x", count: 2048),
    ])
    func `no join URL that Twilio or XML would trip over`(text: String) { #expect(JoinURL(text) == nil) }

    @Test func `a join URL never prints itself`() {
        #expect("\(Sample.joinURL)\(String(reflecting: Sample.joinURL))".contains("telephony") == false)
        #expect(String(reflecting: Secret("0123456789abcdef")).contains("0123") == false)
    }
}

@Suite struct `Times` {
    @Test(arguments: [
        ("2026-11-22T11:46:05Z", 1_795_347_965_000), ("2026-11-22T11:46:05.5Z", 1_795_347_965_500),
        ("2026-11-22T11:46:05.123456+00:00", 1_795_347_965_123), ("2026-11-22T12:46:05+01:00", 1_795_347_965_000),
        ("2026-11-22T11:46:05", 1_795_347_965_000), ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ("1970-01-01T00:00:00Z", 0),
    ])
    func `read ISO 8601`(text: String, milliseconds: Int64) {
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "garbage", "1767323045", "2026-11-22", "2026-11-22T11:46Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T11:46:05.Z", "2026-11-22T11:46:05.1234567890Z", "2026-11-22 11:46:05Z",
        "2026-11-22T11:46:05Z ", "٢٠٢٦-11-22T11:46:05Z", "+2026-11-22T11:46:05Z", "2026-11-22T11:46:05+0100",
    ])
    func `refuse what is no full date-time`(text: String) { #expect(Timestamp(iso8601: text) == nil) }

    @Test func `read Twilio's RFC 2822`() {
        #expect(Timestamp(rfc2822: "Sun, 22 Nov 2026 11:46:05 +0000")?.milliseconds == 1_795_347_965_000)
        #expect(Timestamp(rfc2822: "Sun, 22 Nov 2026 12:46:05 +0100")?.milliseconds == 1_795_347_965_000)
        #expect(Timestamp(rfc2822: "22 Nov 2026 11:46:05 +0000") == nil)
        #expect(Timestamp(rfc2822: "Sun, 22 Nov 2026 11:46:05") == nil)
    }

    @Test func `write RFC 3339 and read it back`() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let time = Timestamp(
                milliseconds: Int64.random(in: -10_000_000_000_000...200_000_000_000_000, using: &generator)
            )
            #expect(Timestamp(iso8601: time.rfc3339) == time, "\(time.rfc3339)")
        }
        for (milliseconds, text) in [
            (1_795_347_965_007, "2026-11-22T11:46:05.007Z"), (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (253_402_300_800_000, "10000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)] { #expect(Timestamp(milliseconds: milliseconds).rfc3339 == text) }
    }
}

@Suite struct `A position in the log` {
    @Test func `is ordered, and has a text that is read back`() {
        let places = [
            Position.start, Position(low: 1), Position(low: 10), Position(high: 1, low: 0), Position(high: 2, low: 7),
        ]
        #expect(places == places.sorted())
        for place in places { #expect(Position("\(place)") == place) }
        #expect(Position.start.next == Position(low: 1))
    }

    @Test(arguments: ["", "-", "1-", "-1", "+1", "01", "1-01", "1-2-3", "0-1", " 1", "18446744073709551616", "x"])
    func `is nothing else`(_ text: String) {
        #expect(Position(text) == nil)
    }
}
