import Foundation
import HTTPTypes
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Answer faults` {
    @Test func `a delayed request is acted on late`() async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .delay(.milliseconds(300)), on: .createCall))
            let outcome = await rig.rawOrder()
            #expect(outcome.statusLine == "HTTP/1.1 201 Created")
            let request = try #require(rig.sandbox.ledger().requests.first)
            let call = try #require(rig.sandbox.snapshot().allPhoneCalls.first)
            #expect(call.created.timeIntervalSince(request.time) >= 0.29)
            #expect(request.isActedOn && request.fault == "delay" && request.status == 201)
        }
    }

    @Test func `a late answer comes long after the act`() async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .lateAnswer(.milliseconds(300)), on: .createCall))
            let outcome = await rig.rawOrder()
            #expect(outcome.statusLine == "HTTP/1.1 201 Created")
            let call = try #require(rig.sandbox.snapshot().allPhoneCalls.first)
            #expect(Date().timeIntervalSince(call.created) >= 0.29)
            #expect(rig.sandbox.ledger().requests.first?.fault == "late_answer")
        }
    }

    @Test(arguments: [
        (RequestFault.failure(status: 429, retryAfter: 7), 429, "7" as String?, 0),
        (.failure(status: 503), 503, nil, 0),
        (.failure(status: 500, acts: true), 500, nil, 1),
    ])
    func `an error comes before or after the act`(
        _ fault: RequestFault,
        _ status: Int,
        _ retryAfter: String?,
        _ calls: Int
    ) async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, fault, on: .createCall))
            let reply = try await rig.twilio(.post, "Calls.json", rig.order("0103"))
            #expect(reply.status == status)
            #expect(reply.headers.named("Retry-After") == retryAfter)
            #expect(reply.int("code") == 20000 + status)
            #expect(rig.sandbox.snapshot().allPhoneCalls.count == calls)
            #expect(rig.sandbox.ledger().requests.map(\.status) == [status])
            #expect(rig.sandbox.ledger().requests.map(\.fault) == ["failure"])
            for call in rig.sandbox.snapshot().allPhoneCalls { _ = try await rig.sandbox.settled(callSid: call.sid) }

            try rig.sandbox.inject(FaultRule(.ultravox, fault, on: .createAgentCall))
            let agent = try await rig.agent()
            let refused = try await rig.ultravox(.post, "agents/\(agent)/calls", #"{"templateContext":{"name":"A"}}"#)
            #expect(refused.status == status)
            #expect(refused.string("detail") != nil)
            #expect(rig.sandbox.snapshot().allAgentCalls.count == calls)
        }
    }

    @Test func `a truncated answer announces more than it has`() async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .truncated, on: .createCall))
            let outcome = await rig.rawOrder()
            #expect(outcome.statusLine == "HTTP/1.1 201 Created")
            #expect(outcome.ending == .closed)
            let announced = try #require(outcome.header("content-length").flatMap(Int.init))
            #expect(outcome.body.count == announced / 2)
            #expect(rig.sandbox.snapshot().allPhoneCalls.count == 1)
            let request = try #require(rig.sandbox.ledger().requests.first)
            #expect(request.fault == "truncated" && request.status == 201)
        }
    }

    @Test func `an identifier is missing, malformed or another call's`() async throws {
        try await withSandbox { rig in
            let first = try await rig.place("0103")
            for flaw in RequestFault.IdentifierFlaw.allCases {
                try rig.sandbox.inject(FaultRule(.twilio, .sid(flaw), on: .createCall))
                let reply = try await rig.twilio(.post, "Calls.json", rig.order("0103"))
                #expect(reply.status == 201)
                #expect(reply.string("status") == "queued")
                let sid = reply.string("sid")
                switch flaw {
                case .missing: #expect(reply.object["sid"] == nil)
                case .malformed: #expect(sid?.contains("/../") == true)
                case .foreign: #expect(sid == first)
                }
            }
            #expect(rig.sandbox.snapshot().allPhoneCalls.count == 4)

            let agent = try await rig.agent()
            for flaw in RequestFault.IdentifierFlaw.allCases {
                try rig.sandbox.inject(FaultRule(.ultravox, .sid(flaw), on: .createAgentCall))
                let reply = try await rig.ultravox(.post, "agents/\(agent)/calls", "{}")
                let call = try #require(rig.sandbox.snapshot().allAgentCalls.last)
                #expect(reply.status == 201)
                #expect(reply.string("callId") != call.id)
                #expect((reply.string("callId") == nil) == (flaw == .missing))
            }
        }
    }

    @Test func `a join URL is missing, insecure or carries more than a URL`() async throws {
        try await withSandbox { rig in
            let agent = try await rig.agent()
            for flaw in RequestFault.JoinURLFlaw.allCases {
                try rig.sandbox.inject(FaultRule(.ultravox, .joinURL(flaw), on: .createAgentCall))
                let reply = try await rig.ultravox(.post, "agents/\(agent)/calls", "{}")
                #expect(reply.status == 201)
                let url = reply.string("joinUrl")
                switch flaw {
                case .missing: #expect(reply.object["joinUrl"] is NSNull)
                case .insecure: #expect(url?.hasPrefix("ws://") == true)
                case .quotes: #expect(url?.contains(#"" name="#) == true)
                case .markup: #expect(url?.contains("<Dial>") == true)
                }
            }
            #expect(rig.sandbox.ledger().requests.suffix(4).map(\.fault) == Array(repeating: "join_url", count: 4))
        }
    }

    @Test func `a web page and a redirect come instead of JSON`() async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .html(status: 502)))
            let page = await rig.rawOrder()
            #expect(page.statusLine == "HTTP/1.1 502 Bad Gateway")
            #expect(page.header("content-type") == "text/html; charset=utf-8")
            #expect(String(decoding: page.body, as: UTF8.self).hasPrefix("<!DOCTYPE html>"))
            #expect(rig.sandbox.snapshot().allPhoneCalls.isEmpty)

            try rig.sandbox.inject(FaultRule(.twilio, .html(acts: true)))
            #expect(await rig.rawOrder().statusLine == "HTTP/1.1 200 OK")
            #expect(rig.sandbox.snapshot().allPhoneCalls.count == 1)

            try rig.sandbox.inject(FaultRule(.twilio, .redirect()))
            let moved = await rig.rawOrder()
            #expect(moved.statusLine == "HTTP/1.1 301 Moved Permanently")
            #expect(moved.header("location") == RequestFault.elsewhere)
            try rig.sandbox.inject(FaultRule(.twilio, .redirect(location: rig.callbackBase + "/canary")))
            #expect(await rig.rawOrder().header("location") == rig.callbackBase + "/canary")
            #expect(rig.sandbox.ledger().requests.map(\.fault) == ["html", "html", "redirect", "redirect"])
        }
    }

    @Test func `an endless body goes on until the client leaves`() async throws {
        try await withSandbox { rig in
            let fault = RequestFault.endless(bytes: 4096, pause: .milliseconds(1))
            try rig.sandbox.inject(FaultRule(.twilio, fault, on: .createCall))
            let outcome = await rig.rawOrder(atMost: 100_000)
            #expect(outcome.statusLine == "HTTP/1.1 201 Created")
            #expect(outcome.header("transfer-encoding") == "chunked")
            #expect(outcome.ending == .open)
            #expect(outcome.bytes.count >= 100_000)
            #expect(rig.sandbox.ledger().requests.map(\.fault) == ["endless"])
            #expect(await rig.rawOrder().statusLine == "HTTP/1.1 201 Created")
        }
    }

    @Test func `an endless body does not keep the sandbox from stopping`() async throws {
        try await withSandbox { rig in
            let fault = RequestFault.endless(bytes: 1, pause: .seconds(600))
            try rig.sandbox.inject(FaultRule(.twilio, fault, on: .createCall))
            let outcome = await rig.rawOrder(atMost: 10)
            #expect(outcome.ending == .open)
        }
    }

    @Test(arguments: [1 << 10, 5_000_000, 1 << 30])
    func `a gzip bomb is small, whole and inflates`(_ size: Int) async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .gzipBomb(bytes: size, acts: true), on: .createCall))
            let outcome = await rig.rawOrder()
            #expect(outcome.statusLine == "HTTP/1.1 201 Created")
            #expect(outcome.header("content-encoding") == "gzip")
            #expect(outcome.body.count < size / 1000 + 100)
            #expect(rig.sandbox.snapshot().allPhoneCalls.count == 1)
            // A gigabyte is taken on trust.
            guard size < 1 << 30 else { return }
            let inflated = try await Gunzip.length(of: outcome.body)
            #expect((size...size + 1032).contains(inflated))
        }
    }

    @Test func `callbacks overtake the answer`() async throws {
        try await withSandbox(SandboxSettings(accountWebhookSecrets: [])) { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .callbacksFirst(count: 2, atMost: .seconds(600))))
            let sid = try await rig.place("0103")
            #expect(rig.receiver.requests("/status").map { $0["CallStatus"] } == ["initiated", "failed"])
            #expect(rig.sandbox.ledger().requests.map(\.status) == [201])
            #expect(try await rig.sandbox.settled(callSid: sid).status == .failed)

            let agent = try await rig.agent()
            try rig.sandbox.inject(FaultRule(.ultravox, .callbacksFirst(atMost: .seconds(600)), on: .createAgentCall))
            _ = try await rig.ultravox(.post, "agents/\(agent)/calls", "{}")
            #expect(rig.receiver.requests("/account").count == 1)
        }
    }

    @Test func `an answer waits for callbacks that never come no longer than it was told`() async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .callbacksFirst(count: 100, atMost: .milliseconds(200))))
            #expect(try await rig.place("0103").hasPrefix("CA"))
        }
    }
}
