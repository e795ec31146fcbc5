import CallDomain
import Testing

@testable import CallFlow

@Suite(.timeKept) struct `Idempotency keys` {
    private let stage = Stage()
    private let name = KeyName(caller: "app", key: "k")
    private let answer = KeptAnswer(status: 201, contentType: "application/json", location: "/calls/1", body: [1, 2])
    private var keys: OrderKeys { stage.flow.keys }

    private func claim(_ digest: UInt8, _ name: KeyName? = nil) -> KeyClaim {
        KeyClaim(name: name ?? self.name, digest: [digest])
    }

    @Test func `are free once, then in progress, then replay the answer`() async throws {
        #expect(keys.claim(claim(1)) == .free)
        #expect(keys.claim(claim(1)) == .inProgress)
        _ = try await stage.flow.place(Stage.order, key: claim(1))
        #expect(keys.claim(claim(1)) == .inProgress)
        await keys.keep(answer, as: name)
        #expect(keys.claim(claim(1)) == .replay(answer))
        #expect(keys.claim(claim(1)) == .replay(answer))
    }

    @Test func `belong to one request and one caller`() async throws {
        #expect(keys.claim(claim(1)) == .free)
        #expect(keys.claim(claim(2)) == .otherRequest)
        _ = try await stage.flow.place(Stage.order, key: claim(1))
        await keys.keep(answer, as: name)
        #expect(keys.claim(claim(2)) == .otherRequest)
        #expect(keys.claim(claim(1, KeyName(caller: "other", key: "k"))) == .free)
    }

    @Test func `are free again when nothing was done, before the order's record and after it`() async throws {
        #expect(keys.claim(claim(1)) == .free)
        await keys.release(name)
        #expect(keys.claim(claim(2)) == .free)
        _ = try await stage.flow.place(Stage.order, key: claim(2))
        await keys.release(name)
        #expect(keys.claim(claim(3)) == .free)
    }

    @Test func `are one order's, whoever else has the same in hand`() async throws {
        _ = try await stage.flow.place(Stage.order, key: claim(1))
        await #expect {
            _ = try await stage.flow.place(Stage.order(number: 2), key: claim(2))
        } throws: {
            if case .keyTaken(.otherRequest)? = $0 as? PlacingFailure { true } else { false }
        }
        #expect(stage.telephony.dials.count == 1)
        #expect(stage.flow.queueDepth == 0)
    }

    @Test func `are kept for a day, and as long as their request is under way`() async throws {
        #expect(keys.claim(claim(1)) == .free)
        _ = try await stage.flow.place(Stage.order, key: claim(1))
        stage.clock.advance(by: .seconds(86_400))
        await stage.flow.tidy()
        #expect(keys.claim(claim(1)) == .inProgress)
        await keys.keep(answer, as: name)
        stage.clock.advance(by: .seconds(86_399))
        await stage.flow.tidy()
        #expect(keys.claim(claim(1)) == .replay(answer))
        stage.clock.advance(by: .seconds(1))
        #expect(keys.claim(claim(1)) == .free)
    }
}
