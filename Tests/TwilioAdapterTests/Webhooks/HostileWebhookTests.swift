import CallDomain
import TestSupport
import Testing

@testable import TwilioAdapter

@Suite("Verified messages that are not what they should be")
struct HostileWebhookTests {
    private static let account = "ACe268443e43d93dab7ebef303bbe9642f"
    private static let sid = "CA70b67b8ba3a1ea14303d73e67e24f7b0"
    private static let claim = "call_01jd9z7q0v3r2m8k4t6w5x1y0a"

    private static let genuine = [
        "AccountSid": account, "CallSid": sid, "CallStatus": "completed", "SequenceNumber": "3",
        "Timestamp": "Sun, 22 Nov 2026 11:47:05 +0000", "From": "+12025550143", "To": "+12125550187",
        "Direction": "outbound-api", "ApiVersion": "2010-04-01", "CallDuration": "47", "SipResponseCode": "200",
        "AnsweredBy": "human", "StreamSid": "MZd23fb4a78fa95c0368b713cb91e6c3a3", "StreamEvent": "stream-error",
        "StreamError": "31920", "RecordingSid": "RE6f8a7797b6b980290e88667304f91782", "RecordingStatus": "completed",
        "ToCity": "NEW YORK",
    ]

    private func read(
        _ kind: TwilioWebhook.Kind = .status,
        query: String? = "call=\(claim)",
        changing changes: [(String, String?)] = [],
        adding extra: [(String, String)] = []
    ) throws -> TwilioWebhook.Reading {
        var parameters = Self.genuine
        for (name, value) in changes { parameters[name] = value }
        let pairs = parameters.map { ($0.key, $0.value) } + extra
        return TwilioWebhook.read(
            kind,
            query: query,
            form: FormParameters(pairs.map { FormParameters.Pair($0.0, $0.1) }),
            account: try #require(AccountSid(Self.account))
        )
    }

    private func status(_ reading: TwilioWebhook.Reading) -> StatusReport? {
        guard case .useful(let webhook) = reading, case .statusReported(let report) = webhook.fact else { return nil }
        return report
    }

    @Test(
        "What breaks a grammar is useless",
        arguments: [
            (.status, "CallSid", nil, .malformedCallSid), (.status, "CallSid", "", .malformedCallSid),
            (.status, "CallSid", "CA1", .malformedCallSid), (.status, "CallSid", sid + "0", .malformedCallSid),
            (.status, "CallSid", "CA٠٠b67b8ba3a1ea14303d73e67e24f7b0", .malformedCallSid),
            (.amd, "CallSid", account, .malformedCallSid), (.status, "CallStatus", "COMPLETED", .unknownStatus),
            (.status, "CallStatus", "teleported", .unknownStatus), (.status, "CallStatus", "", .unknownStatus),
            (.status, "CallStatus", "pending", .unknownStatus), (.status, "CallStatus", " completed", .unknownStatus),
            (.voice, "CallStatus", "unknown", .unknownStatus), (.voice, "CallStatus", nil, .unknownStatus),
            (.status, "SequenceNumber", "+5", .malformedSequenceNumber),
            (.status, "SequenceNumber", "٥", .malformedSequenceNumber),
            (.status, "SequenceNumber", "-1", .malformedSequenceNumber),
            (.status, "SequenceNumber", "1.0", .malformedSequenceNumber),
            (.status, "SequenceNumber", "99999999999999999999", .malformedSequenceNumber),
            (.amd, "AnsweredBy", "", .malformedAnsweredBy), (.amd, "AnsweredBy", "Human", .malformedAnsweredBy),
            (.amd, "AnsweredBy", nil, .malformedAnsweredBy), (.stream, "StreamSid", "MZ", .malformedStreamSid),
            (.stream, "StreamEvent", "stream-teleported", .unknownEvent), (.stream, "StreamEvent", "", .unknownEvent),
            (.recording, "RecordingSid", "", .malformedRecordingSid),
            (.recording, "RecordingStatus", "processing", .unknownStatus),
        ] as [(TwilioWebhook.Kind, String, String?, UselessWebhook)]
    )
    func refuses(kind: TwilioWebhook.Kind, name: String, value: String?, reason: UselessWebhook) throws {
        #expect(try read(kind, changing: [(name, value)]) == .useless(reason))
    }

    @Test("A parameter may stand once, known or not", arguments: ["CallStatus", "CallSid", "ZzNew"])
    func refusesRepetition(name: String) throws {
        let value = Self.genuine[name] ?? "1"
        for other in [value, "completed", ""] {
            let extra = name == "ZzNew" ? [(name, value), (name, other)] : [(name, other)]
            #expect(try read(adding: extra) == .useless(.repeatedParameter))
        }
        #expect(try read(query: "call=\(Self.claim)&call=\(Self.claim)") == .useless(.malformedCallID))
    }

    @Test("Equivalent spellings are two names")
    func comparesNamesByBytes() throws {
        #expect(status(try read(adding: [("e\u{301}", "1"), ("\u{E9}", "2")])) != nil)
    }

    @Test("A message of another account, or of none, is told apart")
    func tellsForeignAccounts() throws {
        let other = "AC00000000000000000000000000000000"
        for value in [nil, "", other, Self.account.uppercased(), Self.account + " "] {
            #expect(try read(changing: [("AccountSid", value)]) == .foreignAccount)
        }
        #expect(try read(adding: [("AccountSid", other)]) == .foreignAccount)
        #expect(try read(adding: [("AccountSid", Self.account)]) == .useless(.repeatedParameter))
        // Before anything else is said about it.
        #expect(
            try read(query: "call=x", changing: [("AccountSid", other), ("CallStatus", "teleported")])
                == .foreignAccount
        )
    }

    @Test("The id in the URL is ours or nothing")
    func readsTheClaim() throws {
        for query in ["call=", "call", "call=x", "call=\(Self.claim.uppercased())", "call=\(Self.claim)0"] {
            #expect(try read(query: query) == .useless(.malformedCallID))
        }
        for query in ["call=\(Self.claim)", "x=%c3%28&call=\(Self.claim)&y"] {
            guard case .useful(let webhook) = try read(query: query) else {
                Issue.record("\(query) was not read")
                continue
            }
            #expect(webhook.claimed == CallID(Self.claim))
        }
        for query in [nil, "", "x=1"] {
            guard case .useful(let webhook) = try read(query: query) else {
                Issue.record("\(query ?? "nothing") was not read")
                continue
            }
            #expect(webhook.claimed == nil)
        }
    }

    @Test("The parameters of a GET stand in the query, behind ours")
    func readsQueries() throws {
        let query =
            "call=\(Self.claim)&AccountSid=\(Self.account)&CallSid=\(Self.sid)&CallStatus=in-progress&From=%2B12025550143"
            + "&To=%2B12125550187&Direction=outbound-api&x=%c3%28&CallerName=A+B"
        let account = try #require(AccountSid(Self.account))
        guard case .useful(let webhook) = TwilioWebhook.read(.voice, query: query, form: nil, account: account) else {
            Issue.record("not read")
            return
        }
        #expect(webhook.claimed == CallID(Self.claim))
        #expect(webhook.fact.status == .inProgress)
        #expect(
            TwilioWebhook.read(.voice, query: query + "&CallStatus=x", form: nil, account: account)
                == .useless(.repeatedParameter)
        )
        #expect(TwilioWebhook.read(.voice, query: String?.none, form: nil, account: account) == .foreignAccount)
    }

    @Test("Genuine oddities pass")
    func toleratesOddities() throws {
        let extra = (0..<1000).map { ("Zz\($0)", "") } + [("CallerName", "+padded+"), ("Zoë 💥", "A+B%2BC"), ("", "")]
        #expect(status(try read(adding: extra))?.sequenceNumber == 3)
    }

    @Test("Numbers that do without may be nonsense, and an empty value is an absent one")
    func toleratesNonsense() throws {
        let report = status(
            try read(changing: [
                ("CallDuration", "soon"), ("SipResponseCode", "+200"), ("Timestamp", "2026-11-22T11:47:05Z"),
                ("SequenceNumber", ""), ("AnsweredBy", ""), ("Direction", "sideways"), ("From", ""),
                ("ErrorCode", "0"), ("ErrorMessage", "\u{0}\u{7}\u{2028}"),
            ])
        )
        var expected = StatusReport(
            callSid: try #require(CallSid(Self.sid)),
            status: .completed,
            parties: CallParties(to: "+12125550187")
        )
        expected.unread = ["Timestamp", "Direction", "CallDuration", "SipResponseCode", "ErrorMessage"]
        #expect(report == expected)
    }

    @Test(
        "A field beside that cannot be read costs nothing but itself",
        arguments: [
            ("AnsweredBy", "Human"), ("AnsweredBy", "machine-start"), ("AnsweredBy", "m\u{E9}chine"),
            ("From", "+1 202"),
            ("To", "tel:+12125550187"), ("To", "+12125550187ToCityNEW YORK"), ("Direction", "outbound-teleport"),
            ("Timestamp", "yesterday"), ("CallDuration", "47.5"), ("SipResponseCode", "OK"), ("ErrorCode", "E13224"),
            ("ErrorMessage", "\u{0}"),
        ]
    )
    func readsTheRest(name: String, value: String) throws {
        let genuine = try #require(status(try read()))
        let report = try #require(status(try read(changing: [(name, value)])))
        #expect((report.status, report.sequenceNumber) == (.completed, 3))
        #expect(report.unread == [name])
        let id = try #require(CallID(Self.claim))
        var histories = [CallHistory(id: id), CallHistory(id: id)]
        for (index, report) in [genuine, report].enumerated() {
            let event = CallEvent(
                callID: id,
                receivedAt: Timestamp(milliseconds: 1_795_347_000_000),
                fact: .statusReported(report)
            )
            histories[index].merge(event)
            #expect(histories[index].folded.status == .completed)
        }
        let details = histories.map { $0.timeline.map(\.detail) }
        let known = name == "SipResponseCode" ? "" : "SIP 200; "
        #expect(details == [["SIP 200"], ["\(known)\(name) could not be read"]])
        // Once the same event is told in a way that can be read, that is what stays.
        histories[1].merge(histories[0])
        #expect(histories[1] == histories[0])
    }

    @Test(
        "What every other webhook tells beside its purpose is left out when it cannot be read",
        arguments: [
            (.voice, "From", "+1 202"), (.voice, "Direction", "sideways"), (.fallback, "ErrorCode", "E1"),
            (.fallback, "To", "nobody"), (.amd, "MachineDetectionDuration", "3 s"),
            (.stream, "Timestamp", "1795347000"),
            (.stream, "StreamError", "\u{7}"), (.recording, "RecordingUrl", "http://api.twilio.com/x"),
            (.recording, "RecordingDuration", "-1"), (.recording, "RecordingStartTime", "2026-11-22T11:46:18Z"),
        ] as [(TwilioWebhook.Kind, String, String)]
    )
    func readsTheRestOfOthers(kind: TwilioWebhook.Kind, name: String, value: String) throws {
        let time = kind == .stream ? "2026-11-22T11:46:19.204Z" : Self.genuine["Timestamp"]
        for (value, unread) in [(value, [name]), ("", [])] {
            let changes = [("Timestamp", time), ("CallStatus", "in-progress"), (name, value)]
            guard case .useful(let webhook) = try read(kind, changing: changes) else {
                Issue.record("\(name)=\(value) made it useless")
                continue
            }
            #expect(webhook.fact.unread == unread)
        }
    }

    @Test(
        "A number or a time out of its range is absent",
        arguments: [
            ("CallDuration", "86400", true), ("CallDuration", "86401", false), ("CallDuration", "999999999", false),
            ("SipResponseCode", "100", true), ("SipResponseCode", "699", true), ("SipResponseCode", "99", false),
            ("SipResponseCode", "700", false), ("ErrorCode", "999999", true), ("ErrorCode", "1000000", false),
            ("ErrorCode", "0", true), ("Timestamp", "Thu, 01 Jan 1970 00:00:00 +0000", true),
            ("Timestamp", "Wed, 31 Dec 1969 23:59:59 +0000", false),
            ("Timestamp", "Fri, 31 Dec 9999 23:59:59 +0000", true),
            ("Timestamp", "Fri, 31 Dec 9999 23:59:59 -0100", false),
            ("Timestamp", "Sat, 01 Jan 0000 00:00:00 +0000", false),
        ]
    )
    func keepsWithinBounds(name: String, value: String, isWithin: Bool) throws {
        let report = try #require(status(try read(changing: [(name, value)])))
        #expect(report.unread == (isWithin ? [] : [name]))
        let values: [String: String?] = [
            "CallDuration": report.duration.map(String.init),
            "SipResponseCode": report.sipResponseCode.map(String.init),
            "ErrorCode": report.errorCode ?? (isWithin ? "0" : nil), "Timestamp": report.timestamp.map { _ in value },
        ]
        let expected: String? = isWithin ? value : nil
        #expect(values[name] == .some(expected))
    }

    @Test("Texts that reach the call are short and free of control characters")
    func boundsTexts() throws {
        let long = "sip:" + String(repeating: "e\u{301}\r\n\u{1B}", count: 5000)
        let report = try #require(
            status(try read(changing: [("From", long), ("ErrorMessage", long), ("ErrorCode", "13224")]))
        )
        let text = try #require(report.errorMessage)
        #expect(text.unicodeScalars.count == 256)
        #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control })
        #expect(report.parties.from == nil)
        #expect(report.errorCode == "13224")
    }

    @Test(
        "A party is a number, an address or a word of Twilio's; nothing else reaches the call, and the call is not lost",
        arguments: [
            ("+266696687", true), ("266696687", true), ("anonymous", true), ("Restricted", true), ("unknown", true),
            ("sip:alice@example.com:5060;transport=tls", true), ("client:bob", true), ("CountryUS", false),
            ("Zo\u{EB} <x>", false), ("sip:a b", false), ("sip:\u{EB}", false), ("<Hangup/>", false), (" ", false),
            ("client:" + String(repeating: "x", count: 250), false), ("\u{661}\u{662}", false),
        ]
    )
    func readsParties(text: String, isOne: Bool) throws {
        let report = try #require(status(try read(changing: [("From", text)])))
        #expect(report.parties.from == (isOne ? text : nil))
    }

    @Test(
        "A name inside of a value is no shifted parameter where it cannot have been one",
        arguments: [
            ("CallerName", "ErrorCode"), ("CallerName", "AnsweredBy"), ("CallerName", "call=call_x"),
            ("From", "sip:ErrorCode@example.com"), ("To", "sip:AnsweredBy@ErrorCode"),
            ("From", "sip:SequenceNumber9StirVerstatx@example.com"), ("SipHeader_X-Twilio-CallSid", sid),
            ("ParentCallSid", sid),
            ("ForwardedFrom", "SipResponseCode"), ("ToCity", "Timestamp"),
        ]
    )
    func readsNamesInsideOfValues(name: String, value: String) throws {
        let absent: [(String, String?)] = ["ErrorCode", "SipResponseCode", "CallDuration"].map { ($0, nil) }
        #expect(status(try read(changing: absent + [(name, value)])) != nil)
        #expect(status(try read(query: nil, changing: absent + [(name, value)])) != nil)
    }

    @Test(
        "A field beside whose name can have become a piece of another parameter is absent, and so is that other one",
        arguments: [
            ("Direction", "outbound-apiErrorCode31920", ["Direction", "ErrorCode"]),
            ("Zoe", "DirectionErrorCode1", ["ErrorCode"]), ("ErrorCode1", "", ["ErrorCode"]),
            ("Err", "orCode1", ["ErrorCode"]), ("ErrorMessage", "DeniedErrorUrl", ["ErrorMessage"]),
            ("From", "sip:a@example.comFromCityNEW", ["From"]), ("To", "client:bToCountryUS", ["To"]),
        ]
    )
    func leavesOutShiftedNames(name: String, value: String, unread: [String]) throws {
        let report = try #require(status(try read(changing: [(name, value), ("ToCity", nil)])))
        #expect(Set(report.unread) == Set(unread))
        #expect(report.errorCode == nil && report.errorMessage == nil)
        if unread.contains("From") { #expect(report.parties.from == nil) }
        if unread.contains("To") { #expect(report.parties.to == nil) }
    }

    @Test(
        "A name that decides and can have become a piece of another parameter makes the message useless",
        arguments: [
            (.status, "SequenceNumber", "RecordingStatus", "completedSequenceNumber3"),
            (.status, "SequenceNumber", "Zoe", "SequenceNumber3"), (.amd, "AnsweredBy", "AccountSi", "AnsweredByhuman"),
            (.stream, "StreamSid", "StreamEvent", "stream-startedStreamSidMZ"),
            (.stream, "StreamEvent", "StreamError", "31920StreamEventstream-error"),
            (.recording, "RecordingStatus", "RecordingSource", "XRecordingStatuscompleted"),
        ] as [(TwilioWebhook.Kind, String, String, String)]
    )
    func refusesShiftedNames(kind: TwilioWebhook.Kind, missing: String, holder: String, value: String) throws {
        #expect(try read(kind, changing: [(missing, nil), (holder, value)]) == .useless(.shiftedParameter))
    }

    /// What was signed behind a parameter may hold names that stand before it in order.
    @Test(
        "A name can have become a piece of a parameter far before it",
        arguments: [
            ("Direction", "outbound-apiSequenceNumber3", "NY"), ("Direction", "xSequenceNumber3", "RecordingUrl"),
        ]
    )
    func refusesNamesShiftedFar(holder: String, value: String, between: String) throws {
        let reading = try read(changing: [("SequenceNumber", nil), (holder, value), (between, "")])
        #expect(reading == .useless(.shiftedParameter))
    }

    @Test(
        "A message is useless if another value may have been signed under a name that decides",
        arguments: [
            ("StirVerstat", "x@example.comFromCitySequenceNumber3TimestampSun, 22 Nov 2026 11:47:05 +0000"),
            ("To", "sip:SequenceNumber3@example.com"), ("Zoe", "CallSid\(sid)"), ("Zoe", "CallStatusfailed"),
            ("ZoeCallStatus", "failed"), ("CallerName", "CallStatusfailed"), ("CallSid_", "CallStatusfailed"),
        ]
    )
    func refusesRepeatedNames(holder: String, value: String) throws {
        #expect(try read(changing: [("SequenceNumber", "9"), (holder, value)]) == .useless(.shiftedParameter))
    }

    @Test(
        "The address of a recording is told only as a whole",
        arguments: [
            ("https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE6f8a7797b6b980290e88667304f91782", true),
            ("https://example.com/a/RE6f8a7797b6b980290e88667304f91782.wav?x=/", true),
            ("https://api.twilio.com/2010-04-01/Accounts/AC1/", false), ("https://api.twilio.com", false),
            ("https://api.twilio.com/Recordings/RE6f8a7797b6b980290e88667304f9178", false),
            ("https://x.example.com/?/RE6f8a7797b6b980290e88667304f91782", false),
            ("https://x.example.com/#/RE6f8a7797b6b980290e88667304f91782", false),
        ]
    )
    func readsRecordingAddresses(text: String, isWhole: Bool) throws {
        guard case .useful(let webhook) = try read(.recording, changing: [("RecordingUrl", text)]),
            case .recordingReported(let report) = webhook.fact
        else {
            Issue.record("it was not read")
            return
        }
        #expect(report.url == (isWhole ? text : nil))
        #expect(report.unread == (isWhole ? [] : ["RecordingUrl"]))
    }

    @Test("A claim that was shifted out of the URL is missed there")
    func refusesShiftedClaims() throws {
        for rest in ["?call=\(Self.claim)", "?call=\(Self.claim)A"] {
            #expect(try read(query: nil, adding: [(rest, "")]) == .useless(.shiftedParameter))
        }
    }
}
