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
            (.status, "From", "+1 202", .malformedParty), (.voice, "To", "+12125550187ToCityNEW YORK", .malformedParty),
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
        let expected = StatusReport(
            callSid: try #require(CallSid(Self.sid)),
            status: .completed,
            parties: CallParties(to: "+12125550187")
        )
        #expect(report == expected)
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
            ("From", "sip:ErrorCode@example.com"), ("To", "sip:AnsweredBy@SequenceNumber"),
            ("ForwardedFrom", "SipResponseCode"), ("ToCity", "Timestamp"),
        ]
    )
    func readsNamesInsideOfValues(name: String, value: String) throws {
        let absent: [(String, String?)] = ["ErrorCode", "SipResponseCode", "CallDuration"].map { ($0, nil) }
        #expect(status(try read(changing: absent + [(name, value)])) != nil)
        #expect(status(try read(query: nil, changing: absent + [(name, value)])) != nil)
    }

    @Test(
        "A name that can have become a piece of another parameter is a shifted one",
        arguments: [
            ("Direction", "outbound-apiErrorCode31920"), ("Zoe", "DirectionErrorCode1"), ("ErrorCode1", ""),
            ("Err", "orCode1"),
        ]
    )
    func refusesShiftedNames(name: String, value: String) throws {
        #expect(try read(changing: [(name, value)]) == .useless(.shiftedParameter))
    }

    @Test("A claim that was shifted out of the URL is missed there")
    func refusesShiftedClaims() throws {
        for rest in ["?call=\(Self.claim)", "?call=\(Self.claim)A"] {
            #expect(try read(query: nil, adding: [(rest, "")]) == .useless(.shiftedParameter))
        }
    }
}
