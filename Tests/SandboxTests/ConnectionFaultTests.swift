import Foundation
import HTTPTypes
import OutboundHTTP
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Connection faults` {
    @Test func `a refused connection is reset before anything is sent on it`() async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .refuse))
            let refused = await RawClient.exchange(rig.addresses.twilio)
            #expect(refused.ending == .reset)
            #expect(refused.bytes.isEmpty)
            let ledger = rig.sandbox.ledger()
            #expect(ledger.connections.map(\.fault) == ["refuse"])
            #expect(ledger.connections.first?.head == nil)
            #expect(ledger.requests.isEmpty)
            #expect(await rig.rawOrder().statusLine == "HTTP/1.1 201 Created")
        }
    }

    @Test func `a connection that was open before is reset at its next request`() async throws {
        try await withSandbox { rig in
            let calls = "GET /2010-04-01/Accounts/\(SandboxRig.accountSid)/Calls.json"
            let (first, second) = (rig.twilioText(calls), rig.twilioText(calls + "?Page=0"))
            let outcome = await RawClient.exchange(rig.addresses.twilio, first, second) {
                #expect(throws: Never.self) { try rig.sandbox.inject(FaultRule(.twilio, .refuse)) }
            }
            #expect(outcome.ending == .reset)
            #expect(rig.sandbox.ledger().requests.count == 1)
            #expect(rig.sandbox.ledger().connections.first?.head?.hasSuffix("Calls.json?Page=0") == true)
        }
    }

    @Test func `closed before reading: the body is not waited for`() async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .closeBeforeReading, on: .createCall))
            let head = "POST /2010-04-01/Accounts/\(SandboxRig.accountSid)/Calls.json"
            let outcome = await RawClient.exchange(rig.addresses.twilio, rig.twilioText(head, length: 1000))
            #expect(outcome.ending == .closed)
            #expect(outcome.bytes.isEmpty)
            let ledger = rig.sandbox.ledger()
            #expect(ledger.connections.map(\.fault) == ["close_before_reading"])
            #expect(ledger.connections.map(\.head) == [head])
            #expect(ledger.requests.isEmpty)
        }
    }

    @Test func `closed while reading: half of the body has come`() async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .closeWhileReading, on: .createCall))
            let head = "POST /2010-04-01/Accounts/\(SandboxRig.accountSid)/Calls.json"
            let half = String(repeating: "a", count: 600)
            let outcome = await RawClient.exchange(rig.addresses.twilio, rig.twilioText(head, half, length: 1000))
            #expect(outcome.ending == .closed)
            #expect(outcome.bytes.isEmpty)
            let request = try #require(rig.sandbox.ledger().requests.first)
            #expect(request.fault == "close_while_reading")
            #expect(!request.isComplete && !request.isActedOn)
            #expect(request.status == nil)
            #expect((500...600).contains(request.body?.count ?? 0))
            #expect(rig.sandbox.snapshot().allPhoneCalls.isEmpty)
        }
    }

    @Test(arguments: [
        (RequestFault.closeAfterReading(), RawClient.Ending.closed, ""),
        (.closeAfterReading(acts: true), .closed, ""), (.reset(), .reset, ""), (.reset(acts: true), .reset, ""),
        (.oneByte(), .closed, "H"), (.oneByte(acts: true), .closed, "H"),
    ])
    func `a request is read and gets no answer`(
        _ fault: RequestFault,
        _ ending: RawClient.Ending,
        _ bytes: String
    ) async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, fault, on: .createCall))
            let outcome = await rig.rawOrder()
            #expect(outcome.ending == ending)
            #expect(outcome.text == bytes)
            let acts = [.closeAfterReading(acts: true), .reset(acts: true), .oneByte(acts: true)].contains(fault)
            let request = try #require(rig.sandbox.ledger().requests.first)
            #expect(request.isComplete)
            #expect(request.isActedOn == acts)
            #expect(request.parameters.contains(Parameter("To", "+12125550103")))
            #expect(request.status == nil)
            #expect(["close_after_reading", "reset", "one_byte"].contains(request.fault))
            // A call that was created lives on.
            let calls = rig.sandbox.snapshot().allPhoneCalls
            #expect(calls.count == (acts ? 1 : 0))
            for call in calls { #expect(try await rig.sandbox.settled(callSid: call.sid).status == .failed) }
            #expect(await rig.rawOrder().statusLine == "HTTP/1.1 201 Created")
        }
    }

    @Test func `what is closed once is answered when it comes again`() async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .closeOnce(), on: .createCall, times: .every))
            for suffix in ["0101", "0103"] {
                #expect(await rig.rawOrder(suffix).bytes.isEmpty)
                #expect(await rig.rawOrder(suffix).statusLine == "HTTP/1.1 201 Created")
                #expect(await rig.rawOrder(suffix).statusLine == "HTTP/1.1 201 Created")
            }
            let requests = rig.sandbox.ledger().requests
            #expect(requests.map(\.fault) == ["close_once", nil, nil, "close_once", nil, nil])
            #expect(requests.map(\.status) == [nil, 201, 201, nil, 201, 201])
            #expect(rig.sandbox.snapshot().allPhoneCalls.count == 4)
        }
    }

    @Test func `the transport cannot tell whether a closed request arrived`() async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .closeAfterReading(acts: true), on: .createCall))
            let error = await #expect(throws: TransportError.self) { _ = try await rig.place("0103") }
            #expect(error?.delivery == .maybeSent)
            #expect(rig.sandbox.ledger().requests.count == 1)
        }
    }
}
