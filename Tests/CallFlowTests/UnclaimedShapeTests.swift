import CallDomain
import CallFlow
import TestSupport
import Testing
import TwilioAdapter

/// Messages of odd shape whose URL claims no call: the id that is derived from the CallSid tells neither the age nor the
/// direction of the call.
@Suite(.timeKept) struct `A message of odd shape that claims no call` {
    /// What came of a message.
    private struct Outcome {
        var direction: CallDirection?
        var isConnected = false
        var isTooOld = false
    }

    /// The samples were made on 22 November 2026.
    private static let day = Timestamp(milliseconds: 1_795_347_000_000)

    private func outcome(of fact: CallFact, after days: Int) async throws -> Outcome {
        let stage = Stage(inboundAgentID: ScriptedPlatform.agentID)
        stage.clock.set(by: Self.day - stage.clock.now + .seconds(days * 86_400))
        var outcome = Outcome()
        let result: WebhookOutcome
        if case .voiceRequested(let request) = fact {
            let (applied, answer) = try await stage.flow.receive(request, claimed: nil)
            result = applied
            if case .connect = answer { outcome.isConnected = true }
            #expect(stage.platform.prepared.count == (outcome.isConnected ? 1 : 0))
        } else {
            result = try await stage.flow.receive(fact, claimed: nil)
        }
        if case .useless(.tooOld) = result { outcome.isTooOld = true }
        outcome.direction = stage.flow.call(CallID(derivedFrom: try #require(fact.callSid)))?.direction
        return outcome
    }

    private func fact(_ pairs: OddShapes.Pairs, _ kind: TwilioWebhook.Kind, _ account: AccountSid) -> CallFact? {
        let form = FormParameters(pairs.map { FormParameters.Pair($0.name, $0.value) })
        let reading = TwilioWebhook.read(kind, query: String?.none, form: form, account: account)
        guard case .useful(let webhook) = reading else { return nil }
        return webhook.fact
    }

    @Test(
        arguments: [
            ("voice-inbound", .voice, "inbound"), ("voice-outbound", .voice, "outbound-api"),
            ("status-completed", .status, "inbound"), ("status-completed", .status, "outbound-api"),
            ("status-ringing", .status, "inbound"),
        ] as [(String, TwilioWebhook.Kind, String)],
        [0, 30]
    )
    func `makes no call known, and connects nobody, that the genuine one does not`(
        sample: (name: String, kind: TwilioWebhook.Kind, direction: String),
        days: Int
    ) async throws {
        let found = try #require(try TwilioWebhookSample.all().first { $0.name == sample.name })
        let account = try #require(AccountSid(found.accountSid))
        let pairs = found.params.map { (name: $0[0], value: $0[0] == "Direction" ? sample.direction : $0[1]) }
            .sorted { $0.name < $1.name }
        let original = try #require(fact(pairs, sample.kind, account))
        let genuine = try await outcome(of: original, after: days)
        #expect(genuine.isTooOld == (sample.kind == .status && days == 30))
        #expect(genuine.isConnected == (sample.name == "voice-inbound"))
        var unreadable = pairs
        for (index, pair) in pairs.enumerated() where ["Timestamp", "Direction"].contains(pair.name) {
            unreadable[index].value = "x"
        }
        var taken = 0
        for shape in OddShapes.all(of: pairs) + [unreadable] {
            guard let fact = self.fact(shape, sample.kind, account) else { continue }
            taken += 1
            let outcome = try await self.outcome(of: fact, after: days)
            #expect(outcome.direction == nil || outcome.direction == genuine.direction, "\(shape)")
            #expect(!outcome.isConnected || genuine.isConnected, "\(shape)")
        }
        #expect(taken >= 5)
    }

    @Test func `but that never had a time of its own makes its call known`() async throws {
        let found = try #require(try TwilioWebhookSample.all().first { $0.name == "status-completed" })
        let account = try #require(AccountSid(found.accountSid))
        let pairs = found.params.map { (name: $0[0], value: $0[1]) }
        for missing in [["Timestamp"], ["Timestamp", "Direction"]] {
            let thin = pairs.filter { !missing.contains($0.name) }
            let fact = try #require(self.fact(thin, .status, account))
            #expect(fact.unread.isEmpty)
            #expect(try await outcome(of: fact, after: 0).direction != nil)
        }
    }

    @Test func `is told that nobody can be reached, whether or not its call is known`() async throws {
        let stage = Stage(inboundAgentID: ScriptedPlatform.agentID)
        var request = VoiceRequest(
            callSid: ScriptedTelephony.sid,
            status: .ringing,
            parties: CallParties(from: "+12125550187", to: "+12025550143", direction: .inbound)
        )
        let known = request
        request.parties.direction = nil
        request.unread = ["Direction"]
        #expect(try await stage.flow.receive(request, claimed: nil).answer == .unavailable)
        #expect(stage.platform.prepared.isEmpty)
        guard case .connect = try await stage.flow.receive(known, claimed: nil).answer else {
            Issue.record("the genuine request was not answered")
            return
        }
        #expect(try await stage.flow.receive(request, claimed: nil).answer == .unavailable)
    }
}
