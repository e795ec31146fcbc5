import CallDomain
import Foundation
import HTTPTypes
import OutboundHTTP
import Testing

@testable import TwilioAdapter

@Suite("Identifiers cannot steer a request")
struct HostileIdentifierTests {
    /// What a client may send in the place of an id.
    private static let hostile = [
        "", ".", "..", "../", "/..", "%2e%2e", "%2E%2E", "..%2f..%2fAccounts", "..%5c..", "../../Accounts", "CA1?x=1",
        "CA1%23", "CA1#x", "CA1;x", "CA1&x=1", "CA1@evil.example", "//evil.example", "https://evil.example/",
        "\u{0}", "%00", "\r\n\r\nGET / HTTP/1.1", "\n", "\t", " ", "*", "~", ".json", "Calls",
        String(repeating: "A", count: 4096), "CA" + String(repeating: "0", count: 4094),
        String(repeating: "../", count: 1365), "CA" + String(repeating: "１", count: 32),
        "CA" + String(repeating: "٠", count: 16), "CA" + String(repeating: "\u{0}", count: 32),
        "ＣＡ" + String(repeating: "0", count: 32), "\u{421}\u{410}" + String(repeating: "0", count: 32),
        "CA" + String(repeating: "0", count: 32) + "\n", "\u{FEFF}CA" + String(repeating: "0", count: 32),
        "CA" + String(repeating: "0", count: 30) + "\u{E9}", "CA" + String(repeating: "a\u{301}", count: 10) + "00",
        "CA" + String(repeating: "0", count: 31) + "\u{212A}", "CA" + String(repeating: "../", count: 10) + "..",
    ]

    @Test("What is no CallSid or AccountSid does not become one", arguments: hostile)
    func refusesHostileIDs(text: String) {
        #expect(CallSid(text) == nil)
        #expect(CallSid("CA" + text) == nil)
        #expect(AccountSid(text) == nil)
        #expect(StreamSid(text) == nil)
        #expect(RecordingSid(text) == nil)
        #expect(CallID(text) == nil)
        #expect(CallID("call_" + text) == nil)
    }

    @Test("A CallSid with one byte changed into anything but a hex digit is none")
    func refusesEveryOtherByte() {
        for index in 0..<34 {
            for byte in UInt8.min ... .max {
                var bytes = Array(ClientRig.sid.utf8)
                bytes[index] = byte
                let text = String(decoding: bytes, as: UTF8.self)
                let isHex = Hex.value(of: byte) != nil
                #expect((CallSid(text) != nil) == (index > 1 ? isHex : text == ClientRig.sid))
            }
        }
    }

    @Test("Every request goes to a path of the account, made of fixed words and ids alone")
    func staysInItsPaths() async throws {
        let page = #"{"calls":[],"next_page_uri":"\#(ClientRig.callsURL).json?Page=1"}"#
        let rig = try ClientRig(
            .answer(201, ClientRig.call()),
            .answer(200, ClientRig.call()),
            .answer(200, ClientRig.call()),
            .answer(200, page),
            .answer(200, #"{"calls":[]}"#)
        )
        _ = try await rig.client.createCall(rig.request)
        _ = try await rig.client.call(rig.callSid)
        _ = try await rig.client.endCall(rig.callSid)
        let first = try await rig.client.calls(TwilioCallFilter())
        _ = try await rig.client.calls(try #require(first.next))
        let paths = try rig.transport.requests.map { try #require(URLComponents(string: $0.url)) }
        #expect(paths.allSatisfy { $0.scheme == "https" && $0.host == "api.twilio.com" && $0.user == nil })
        let calls = "/2010-04-01/Accounts/\(ClientRig.account)/Calls"
        #expect(
            paths.map(\.path) == [
                "\(calls).json", "\(calls)/\(ClientRig.sid).json", "\(calls)/\(ClientRig.sid).json", "\(calls).json",
                "\(calls).json",
            ]
        )
    }

    @Test("A filter's text stays a value", arguments: hostile)
    func filtersAreValues(text: String) async throws {
        let rig = try ClientRig(.answer(200, #"{"calls":[]}"#))
        _ = try await rig.client.calls(TwilioCallFilter(to: text, from: text, pageSize: 1))
        let url = rig.transport.requests[0].url
        #expect(url.hasPrefix("\(ClientRig.callsURL).json?To="))
        #expect(url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"#\\\"<>".utf8.contains($0) })
        let query = FormParameters(query: url.split(separator: "?", maxSplits: 1)[1])
        #expect(query.pairs.map(\.name) == ["To", "From", "PageSize"])
        #expect(query.pairs.map { Array($0.value.utf8) } == [text, text, "1"].map { Array($0.utf8) })
    }

    @Test(
        "A next page outside of the account's calls on our origin is not fetched",
        arguments: [
            "/2010-04-01/Accounts/\(ClientRig.account)/Calls.json", "/2010-04-01/Accounts/\(ClientRig.account).json?x",
            "/2010-04-01/Accounts/\(ClientRig.account)/Recordings.json?Page=1",
            "/2010-04-01/Accounts/\(ClientRig.account)/Calls/../Recordings.json?Page=1",
            "http://api.twilio.com/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?Page=1",
            "https://api.twilio.com:8443/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?Page=1",
            "https://API.twilio.com/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?Page=1",
            "https://x@api.twilio.com/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?Page=1",
            "https://api.twilio.com@evil.example/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?Page=1",
            "https://api.twilio.com.evil.example/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?Page=1",
            "\\\\\\\\evil.example/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?Page=1",
            "/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?Page=1#x",
            "/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?Page=1 x",
            "/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?Page=\\u0661",
            "/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?" + String(repeating: "x", count: 5000),
            "javascript:alert(1)", "file:///etc/passwd",
        ]
    )
    func refusesForeignPages(uri: String) async throws {
        let rig = try ClientRig(.answer(200, #"{"calls":[],"next_page_uri":"\#(uri)"}"#))
        let failure = await #expect(throws: VendorFailure.self) { try await rig.client.calls(TwilioCallFilter()) }
        guard case .nonsense(.twilio, 200, _) = failure else {
            Issue.record("\(uri) was taken")
            return
        }
        #expect(rig.transport.requests.count == 1)
    }
}
