import CallDomain
import CallFlow
import Testing

@Suite(.timeKept) struct `Idempotency keys` {
    private let stage = Stage()
    private let name = IdempotencyKeys.Name(caller: "app", key: "k")
    private let answer = KeptAnswer(status: 201, contentType: "application/json", location: "/calls/1", body: [1, 2])
    private var keys: IdempotencyKeys { stage.flow.idempotencyKeys }

    @Test func `are fresh once, then in progress, then replay the answer`() {
        #expect(keys.claim(name, digest: [1]) == .fresh)
        #expect(keys.claim(name, digest: [1]) == .inProgress)
        keys.keep(answer, as: name)
        #expect(keys.claim(name, digest: [1]) == .replay(answer))
        #expect(keys.claim(name, digest: [1]) == .replay(answer))
    }

    @Test func `belong to one request and one caller`() {
        #expect(keys.claim(name, digest: [1]) == .fresh)
        #expect(keys.claim(name, digest: [2]) == .otherRequest)
        keys.keep(answer, as: name)
        #expect(keys.claim(name, digest: [2]) == .otherRequest)
        #expect(keys.claim(IdempotencyKeys.Name(caller: "other", key: "k"), digest: [1]) == .fresh)
    }

    @Test func `are free again when nothing was done`() {
        #expect(keys.claim(name, digest: [1]) == .fresh)
        keys.release(name)
        #expect(keys.claim(name, digest: [2]) == .fresh)
    }

    @Test func `are kept for a day, and as long as their request is under way`() {
        #expect(keys.claim(name, digest: [1]) == .fresh)
        stage.clock.advance(by: .seconds(86_400))
        stage.flow.tidy()
        #expect(keys.claim(name, digest: [1]) == .inProgress)
        keys.keep(answer, as: name)
        stage.clock.advance(by: .seconds(86_399))
        stage.flow.tidy()
        #expect(keys.claim(name, digest: [1]) == .replay(answer))
        stage.clock.advance(by: .seconds(1))
        #expect(keys.claim(name, digest: [1]) == .fresh)
    }
}
