import CallDomain
import OutboundHTTP
import Testing
import UltravoxAdapter

@Suite struct MessagesTests {
    private static let url = "https://api.ultravox.ai/api/calls/\(ClientRig.conversationText)"

    @Test func `a transcript has what was said and done, with times`() async throws {
        let rig = try ClientRig(
            .answer(
                200,
                [
                    "next": "https://api.ultravox.ai/api/calls/x/messages?cursor=two",
                    "results": [
                        message("USER", "(New call. Greet the user.)", medium: "TEXT"),
                        message("AGENT", "Hello!\u{0}\n", start: "1.250s"), message("USER", "Hi.", start: "3s"),
                    ],
                ]
            ),
            .answer(
                200,
                [
                    "next": nil,
                    "results": [
                        message("TOOL_CALL", #"{"reason":"done"}"#), message("TOOL_RESULT", ""),
                        message("UNSPECIFIED", "?"), message("AGENT", ""), 7,
                        ["role": "MESSAGE_ROLE_TOOL_CALL", "toolName": "hangUp"],
                    ],
                ]
            ),
            .answer(200, ["callId": .string(ClientRig.conversationText), "joined": "2026-07-20T15:00:19.903114Z"])
        )
        let page = try await rig.client.messages(of: rig.conversation, joinedAt: nil, limit: 50, cursor: nil)
        #expect(page.nextCursor == nil)
        #expect(
            page.messages == [
                ConversationMessage(
                    role: "agent",
                    text: "Hello!\n",
                    at: Timestamp(iso8601: "2026-07-20T15:00:21.153Z")
                ),
                ConversationMessage(role: "user", text: "Hi.", at: Timestamp(iso8601: "2026-07-20T15:00:22.903Z")),
                ConversationMessage(role: "tool_call", text: #"{"reason":"done"}"#, at: nil),
                ConversationMessage(role: "tool_call", text: "hangUp", at: nil),
            ]
        )
        #expect(
            rig.transport.requests.map(\.url) == [
                "\(Self.url)/messages?mode=in_call&pageSize=50",
                "\(Self.url)/messages?mode=in_call&pageSize=48&cursor=two", Self.url,
            ]
        )
    }

    @Test func `without the time of the join there are no times`() async throws {
        let page: JSONValue = ["results": [message("AGENT", "Hello!", start: "1s")]]
        for answer in [.answer(500), .answer(200, ["joined": nil]), .answer(200, "x")] as [ScriptedUltravox.Outcome] {
            let rig = try ClientRig(.answer(200, page), answer)
            let page = try await rig.client.messages(of: rig.conversation, joinedAt: nil, limit: 50, cursor: nil)
            #expect(page.messages == [ConversationMessage(role: "agent", text: "Hello!", at: nil)])
        }
    }

    @Test func `pages that go round in a circle are not followed for ever`() async throws {
        let page: JSONValue = ["next": "?cursor=same", "results": [message("AGENT", "Hello!")]]
        let rig = try ClientRig(.answer(200, page), .answer(200, page), .answer(200, page))
        let failure = try await failure { () throws(VendorFailure) in
            try await rig.client.messages(of: rig.conversation, joinedAt: nil, limit: 50, cursor: nil)
        }
        guard case .nonsense = failure else { throw failure }
        #expect(rig.transport.requests.count == 2)
    }

    @Test func `no page is read beyond what was asked for, and the cursor leads on from there`() async throws {
        let full = JSONValue.array(Array(repeating: message("AGENT", "Hello!", start: "1s"), count: 100))
        let rig = try ClientRig(
            .answer(200, ["next": "?cursor=b", "results": full]),
            .answer(200, ["next": "?cursor=c", "results": full])
        )
        let joinedAt = try #require(Timestamp(iso8601: "2026-07-20T15:00:19Z"))
        let page = try await rig.client.messages(of: rig.conversation, joinedAt: joinedAt, limit: 200, cursor: "a")
        #expect(page.messages.count == 200)
        #expect(page.messages.last?.at == joinedAt + .seconds(1))
        #expect(page.nextCursor == "c")
        #expect(
            rig.transport.requests.map(\.url) == [
                "\(Self.url)/messages?mode=in_call&pageSize=100&cursor=a",
                "\(Self.url)/messages?mode=in_call&pageSize=100&cursor=b",
            ]
        )
    }

    @Test func `pages of nothing that was said end, and lead on`() async throws {
        let pages = (1...9).map { number -> ScriptedUltravox.Outcome in
            .answer(200, ["next": .string("?cursor=\(number)"), "results": [message("USER", "!", medium: "TEXT"), 7]])
        }
        let rig = try ClientRig(pages[0], pages[1], pages[2], pages[3], pages[4])
        let page = try await rig.client.messages(of: rig.conversation, joinedAt: nil, limit: 1, cursor: nil)
        #expect(page == ConversationPage(messages: [], nextCursor: "4"))
    }

    @Test(arguments: [("-1s", false), ("0s", true), ("86400s", true), ("86401s", false), ("1", false)])
    func `a place out of range has no time`(start: String, hasTime: Bool) async throws {
        let rig = try ClientRig(.answer(200, ["results": [message("AGENT", "Hello!", start: start)]]))
        let joinedAt = try #require(Timestamp(iso8601: "2026-07-20T15:00:19Z"))
        let page = try await rig.client.messages(of: rig.conversation, joinedAt: joinedAt, limit: 1, cursor: nil)
        #expect((page.messages.first?.at != nil) == hasTime)
    }

    @Test func `an unknown call is refused`() async throws {
        let rig = try ClientRig(.answer(404, #"{"detail":"Not found."}"#))
        let failure = try await failure { () throws(VendorFailure) in
            try await rig.client.messages(of: rig.conversation, joinedAt: nil, limit: 50, cursor: nil)
        }
        #expect(failure == .refused(.ultravox(404, "Not found.")))
    }

    private func message(_ role: String, _ text: String, medium: String = "VOICE", start: String? = nil) -> JSONValue {
        [
            "role": .string("MESSAGE_ROLE_\(role)"), "text": .string(text),
            "medium": .string("MESSAGE_MEDIUM_\(medium)"),
            "wallClockTimespan": start.map { ["start": .string($0), "end": "9s"] } ?? nil,
        ]
    }
}
