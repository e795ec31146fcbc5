import Foundation
import HTTPTypes
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `The control API for faults` {
    @Test func `rules are given, listed and forgotten, at either server`() async throws {
        try await withSandbox { rig in
            let rule = #"""
                {"vendor":"twilio","on":"create_call","fault":"failure","status":503,"acts":true,"number":"+12125550103"}
                """#
            let added = try await rig.fault(rule)
            #expect(added.status == 201)
            #expect(added.int("id") == 1 && added.int("left") == 1)
            let other = try await rig.fault(#"{"vendor":"ultravox","fault":"delay","ms":5,"times":"every"}"#)
            #expect(other.int("id") == 2 && other.object["left"] is NSNull)

            #expect(try await rig.twilio(.post, "Calls.json", rig.order("0101")).status == 201)
            #expect(try await rig.twilio(.post, "Calls.json", rig.order("0103")).status == 503)
            #expect(try await rig.twilio(.post, "Calls.json", rig.order("0103")).status == 201)

            let list = try await rig.request(.get, rig.addresses.ultravox + "/_sandbox/faults", headers: [:])
            let rules = list.list("rules")
            #expect(rules.map { $0["struck"] as? Int } == [1, 0])
            #expect(rules.first?["on"] as? String == "create_call")
            #expect(rules.first?["number"] as? String == "+12125550103")
            #expect(rules.first?["acts"] as? Bool == true)
            #expect(list.list("faults").contains { $0["fault"] as? String == "gzip_bomb" })

            let cleared = try await rig.request(.delete, rig.addresses.ultravox + "/_sandbox/faults", headers: [:])
            #expect(cleared.status == 204)
            #expect(rig.sandbox.faults().isEmpty)
            let put = try await rig.request(.put, rig.addresses.twilio + "/_sandbox/faults", headers: [:], body: "{}")
            #expect(put.status == 405)
            #expect(put.headers[.allow] == "DELETE, GET, POST")
        }
    }

    @Test(arguments: [
        #"{"vendor":"twilio","fault":"delay","ms":1000}"#, #"{"vendor":"twilio","fault":"late_answer","ms":1}"#,
        #"{"vendor":"twilio","fault":"failure","status":429,"retry_after":2}"#,
        #"{"vendor":"twilio","fault":"refuse"}"#,
        #"{"vendor":"twilio","fault":"close_before_reading","on":"create_call"}"#,
        #"{"vendor":"twilio","fault":"close_while_reading","on":"POST /2010-04-01/**"}"#,
        #"{"vendor":"twilio","fault":"close_after_reading","on":"GET /2010-04-01/Accounts/*/Calls/CA*"}"#,
        #"{"vendor":"twilio","fault":"reset","acts":true}"#, #"{"vendor":"twilio","fault":"one_byte"}"#,
        #"{"vendor":"twilio","fault":"close_once","times":"every"}"#,
        #"{"vendor":"twilio","fault":"truncated","probability":0.5,"seed":3}"#,
        #"{"vendor":"ultravox","fault":"sid","variant":"foreign"}"#,
        #"{"vendor":"ultravox","fault":"join_url","variant":"quotes","on":"create_agent_call"}"#,
        #"{"vendor":"ultravox","fault":"html","status":502}"#,
        #"{"vendor":"twilio","fault":"answer","status":400,"body":{"code":21210,"message":"x"},"number":"+12125550100"}"#,
        #"{"vendor":"ultravox","fault":"answer","status":408,"body":"<html></html>","acts":true,"retry_after":1}"#,
        #"{"vendor":"ultravox","fault":"redirect","location":"http://127.0.0.1:1/"}"#,
        #"{"vendor":"twilio","fault":"endless","bytes":1,"ms":1}"#,
        #"{"vendor":"twilio","fault":"gzip_bomb","bytes":1048576}"#,
        #"{"vendor":"twilio","fault":"callbacks_first","count":2,"ms":1000}"#,
        #"{"vendor":"twilio","fault":"lost","webhook":"callbacks"}"#,
        #"{"vendor":"ultravox","fault":"doubled","webhook":"call.ended","copies":64}"#,
        #"{"vendor":"twilio","fault":"shuffled","seed":4,"number":"+12125550100"}"#,
        #"{"vendor":"ultravox","fault":"late","ms":10,"number":"+12125550100"}"#,
    ])
    func `every fault can be asked for, and is shown as it was`(_ rule: String) async throws {
        try await withSandbox { rig in
            let given = Reply(status: 0, headers: [:], body: Data(rule.utf8)).object
            let added = try await rig.fault(rule)
            #expect(added.status == 201, "\(added.text)")
            for (name, value) in given {
                #expect(try Self.text(added.object[name]) == Self.text(value), "\(name) in \(added.text)")
            }
            #expect(rig.sandbox.faults().count == 1)
        }
    }

    /// Members in one order, whatever the order that they were read in.
    private static func text(_ value: Any?) throws -> String {
        let data = try JSONSerialization.data(
            withJSONObject: value ?? NSNull(),
            options: [.sortedKeys, .fragmentsAllowed]
        )
        return String(decoding: data, as: UTF8.self)
    }

    @Test(arguments: [
        ("", "JSON object", String?.none), ("[]", "JSON object", nil), ("{", "JSON object", nil),
        (#"{"fault":"refuse"}"#, "vendor is missing", "twilio"),
        (#"{"vendor":"Twilio","fault":"refuse"}"#, "vendor", "ultravox"),
        (#"{"vendor":"twilio"}"#, "fault is missing", "gzip_bomb"),
        (#"{"vendor":"twilio","fault":"explode"}"#, "fault", "gzip_bomb"),
        (#"{"vendor":"twilio","fault":"delay"}"#, "ms is missing", nil),
        (#"{"vendor":"twilio","fault":"delay","ms":"5"}"#, "ms must be a whole number", nil),
        (#"{"vendor":"twilio","fault":"delay","ms":0}"#, "ms must be from 1", nil),
        (#"{"vendor":"twilio","fault":"delay","ms":5,"seconds":5}"#, "seconds is not a member", "ms"),
        (#"{"vendor":"twilio","fault":"delay","ms":5,"acts":true}"#, "acts is not a member", "probability"),
        (#"{"vendor":"twilio","fault":"failure","status":200}"#, "status must be from 400", nil),
        (#"{"vendor":"twilio","fault":"failure","status":429,"acts":true}"#, "has not acted", nil),
        (#"{"vendor":"twilio","fault":"failure"}"#, "status is missing", nil),
        (#"{"vendor":"twilio","fault":"answer","body":{}}"#, "status is missing", nil),
        (#"{"vendor":"twilio","fault":"answer","status":400}"#, "body is missing", nil),
        (#"{"vendor":"twilio","fault":"answer","status":100,"body":{}}"#, "status must be from 200", nil),
        (#"{"vendor":"twilio","fault":"reset","acts":"yes"}"#, "acts must be true or false", nil),
        (#"{"vendor":"twilio","fault":"sid","variant":"odd"}"#, "variant", "foreign"),
        (#"{"vendor":"twilio","fault":"join_url","variant":"quotes"}"#, "only Ultravox", nil),
        (#"{"vendor":"twilio","fault":"reset","on":"create_agent_call"}"#, "on is not a ", "create_call"),
        (#"{"vendor":"ultravox","fault":"reset","on":"create_call"}"#, "on is not a ", "create_agent_call"),
        (#"{"vendor":"twilio","fault":"reset","on":"POST"}"#, "on is not a ", "METHOD /path"),
        (#"{"vendor":"twilio","fault":"reset","on":"post /x"}"#, "on is not a ", nil),
        (#"{"vendor":"twilio","fault":"reset","on":"POST /**/x"}"#, "on is not a ", nil),
        (#"{"vendor":"twilio","fault":"reset","webhook":"status"}"#, "webhook is not a member", "on"),
        (#"{"vendor":"twilio","fault":"lost","on":"any"}"#, "on is not a member", "webhook"),
        (#"{"vendor":"twilio","fault":"lost","webhook":"call.ended"}"#, "webhook", "status"),
        (#"{"vendor":"twilio","fault":"shuffled","webhook":"status"}"#, "shuffled is about all", "any"),
        (#"{"vendor":"twilio","fault":"doubled","copies":1}"#, "copies must be from 2", nil),
        (#"{"vendor":"twilio","fault":"refuse","on":"create_call"}"#, "before a request is read", "any"),
        (#"{"vendor":"twilio","fault":"refuse","number":"+12125550100"}"#, "before the number is read", nil),
        (#"{"vendor":"twilio","fault":"reset","number":"0100"}"#, "E.164", nil),
        (#"{"vendor":"ultravox","fault":"reset","number":"+12125550100"}"#, "no called number", nil),
        (#"{"vendor":"twilio","fault":"reset","times":0}"#, "times must be from 1", nil),
        (#"{"vendor":"twilio","fault":"reset","times":"always"}"#, "times", "every"),
        (#"{"vendor":"twilio","fault":"reset","probability":0}"#, "probability", nil),
        (#"{"vendor":"twilio","fault":"reset","probability":1.5}"#, "probability", nil),
        (#"{"vendor":"twilio","fault":"reset","seed":1}"#, "seed without probability", nil),
    ])
    func `a rule that means nothing is refused and says what is allowed`(
        _ rule: String,
        _ message: String,
        _ allowed: String?
    ) async throws {
        try await withSandbox { rig in
            let reply = try await rig.fault(rule)
            #expect(reply.status == 400)
            #expect(reply.string("error")?.contains(message) == true, "\(reply.text)")
            if let allowed {
                #expect((reply.object["allowed"] as? [String])?.contains(allowed) == true, "\(reply.text)")
            }
            #expect(rig.sandbox.faults().isEmpty)
        }
    }

    @Test func `the two stand-ins cannot both refuse for ever`() async throws {
        try await withSandbox { rig in
            let rule = #"{"vendor":"VENDOR","fault":"refuse","times":"every"}"#
            let first = try await rig.fault(rule.replacingOccurrences(of: "VENDOR", with: "ultravox"))
            #expect(first.status == 201)
            let second = try await rig.fault(rule.replacingOccurrences(of: "VENDOR", with: "twilio"))
            #expect(second.status == 400)
            #expect(await RawClient.exchange(rig.addresses.ultravox).ending == .reset)
        }
    }

    @Test func `a probability strikes as its seed says`() async throws {
        try await withSandbox { rig in
            var sequences: [[Bool]] = []
            for seed in [UInt64(5), 5, 6] {
                rig.sandbox.clearFaults()
                let chance = FaultRule.Chance(0.5, seed: seed)
                try rig.sandbox.inject(FaultRule(.twilio, .failure(status: 500), times: .every, chance: chance))
                var sequence: [Bool] = []
                for _ in 0..<24 { sequence.append(try await rig.twilio(.get, "Calls.json").status == 500) }
                sequences.append(sequence)
            }
            #expect(sequences[0] == sequences[1])
            #expect(sequences[0] != sequences[2])
            #expect(sequences.allSatisfy { $0.contains(true) && $0.contains(false) })
        }
    }

    @Test func `the first rule that fits strikes, so often and where it was told`() async throws {
        try await withSandbox { rig in
            let look = try #require(RequestPattern("GET /2010-04-01/Accounts/*/Calls/*.json"))
            try rig.sandbox.inject(FaultRule(.twilio, .failure(status: 500), on: look, times: .times(2)))
            try rig.sandbox.inject(FaultRule(.twilio, .failure(status: 502), on: look, number: "+12125550101"))
            let (busy, failed) = (try await rig.place("0101"), try await rig.place("0103"))
            var statuses: [Int] = []
            for sid in [busy, failed, failed, busy, busy] {
                statuses.append(try await rig.twilio(.get, "Calls/\(sid).json").status)
            }
            #expect(statuses == [500, 500, 200, 502, 200])
            #expect(rig.sandbox.faults().map(\.struck) == [2, 1])
            #expect(try await rig.ultravox(.get, "calls").status == 200)
        }
    }

    @Test func `a rule that could never strike is not taken`() async throws {
        try await withSandbox { rig in
            #expect(throws: FaultProblem.self) {
                try rig.sandbox.inject(FaultRule(.twilio, .refuse, number: "+12125550100"))
            }
            #expect(throws: FaultProblem.self) {
                try rig.sandbox.inject(FaultRule(.ultravox, .reset(), on: .createCall))
            }
            #expect(RequestPattern("POST calls") == nil)
        }
    }
}

extension SandboxRig {
    /// Gives a rule through Twilio's server.
    func fault(_ rule: String) async throws -> Reply {
        try await request(
            .post,
            addresses.twilio + "/_sandbox/faults",
            headers: [.contentType: "application/json"],
            body: rule
        )
    }
}
