import CallDomain
import Testing

@testable import CallStorage

@Suite struct `An idempotency key` {
    private let claim = KeyClaim(name: KeyName(caller: "test", key: "k"), digest: [1])
    private let answer = KeptAnswer(status: 201, contentType: "application/json", location: "/calls/1", body: [1, 2])

    @Test func `belongs to the first order that claims it`() {
        var rig = BookRig()
        #expect(rig.book.state(of: claim, at: rig.time) == .free)
        #expect(rig.order(BookRig.id(1), to: 1, key: claim) == .applied)
        #expect(rig.book.state(of: claim, at: rig.time) == .inProgress)
        #expect(rig.order(BookRig.id(2), to: 2, key: claim) == .refused(.key(.inProgress)))
        let other = KeyClaim(name: claim.name, digest: [2])
        #expect(rig.order(BookRig.id(3), to: 3, key: other) == .refused(.key(.otherRequest)))
        // Another caller's key of the same text is another key.
        let elsewhere = KeyClaim(name: KeyName(caller: "other", key: "k"), digest: [2])
        #expect(rig.order(BookRig.id(4), to: 4, key: elsewhere) == .applied)
        #expect(rig.book.callCount == 2)
    }

    @Test func `is not claimed by an order that the limits refuse`() {
        var rig = BookRig()
        rig.order(BookRig.id(1), to: 1)
        guard case .refused(.rail) = rig.order(BookRig.id(2), to: 1, key: claim) else {
            Issue.record("the order was taken")
            return
        }
        #expect(rig.book.state(of: claim, at: rig.time) == .free)
    }

    @Test func `gives the kept answer again for 24 hours, and the first answer stays`() {
        var rig = BookRig()
        rig.order(BookRig.id(1), to: 1, key: claim)
        #expect(rig.write(.answerKept(claim.name, answer, BookRig.id(1)), at: BookRig.at(5)).verdict == .applied)
        let late = KeptAnswer(status: 202, contentType: "text/plain", location: nil, body: [])
        #expect(rig.write(.answerKept(claim.name, late, BookRig.id(1)), at: BookRig.at(6)).verdict == .void)
        #expect(rig.write(.keyReleased(claim.name, BookRig.id(1)), at: BookRig.at(6)).verdict == .void)
        let day: Int64 = 86_400
        #expect(rig.book.state(of: claim, at: BookRig.at(4 + day)) == .replay(answer))
        #expect(rig.order(BookRig.id(2), to: 2, key: claim, at: BookRig.at(4 + day)) == .refused(.key(.replay(answer))))
        let other = KeyClaim(name: claim.name, digest: [2])
        #expect(rig.book.state(of: other, at: BookRig.at(4 + day)) == .otherRequest)
        #expect(rig.book.state(of: other, at: BookRig.at(5 + day)) == .free)
        #expect(rig.order(BookRig.id(3), to: 3, key: other, at: BookRig.at(5 + day)) == .applied)
        // The old answer leaves without the new claim.
        let retention = Retention(calls: .seconds(1_000_000), maximumCalls: 100, numberCooldown: .zero)
        rig.write(.tidied(retention), at: BookRig.at(6 + day))
        #expect(rig.book.state(of: other, at: BookRig.at(6 + day)) == .inProgress)
    }

    @Test func `is free again when its order rang nobody`() {
        var rig = BookRig()
        rig.order(BookRig.id(1), to: 1, key: claim)
        #expect(rig.write(.keyReleased(claim.name, BookRig.id(1))).verdict == .applied)
        #expect(rig.write(.keyReleased(claim.name, BookRig.id(1))).verdict == .void)
        #expect(rig.write(.answerKept(claim.name, answer, BookRig.id(1))).verdict == .void)
        #expect(rig.order(BookRig.id(2), to: 2, key: KeyClaim(name: claim.name, digest: [2])) == .applied)
    }

    @Test func `is kept and released by the order that owns it alone`() {
        var rig = BookRig()
        #expect(rig.book.owner(of: claim) == nil)
        rig.order(BookRig.id(1), to: 1, key: claim)
        #expect(rig.book.owner(of: claim) == BookRig.id(1))
        #expect(rig.book.owner(of: KeyClaim(name: claim.name, digest: [2])) == nil)
        #expect(rig.write(.keyReleased(claim.name, BookRig.id(2))).verdict == .void)
        #expect(rig.write(.answerKept(claim.name, answer, BookRig.id(2))).verdict == .void)
        #expect(rig.book.state(of: claim, at: rig.time) == .inProgress)
    }

    @Test func `leaves in bounded steps once its answer was kept long enough`() {
        var keys = KeyTable()
        let claims = (0..<1000).map { KeyClaim(name: KeyName(caller: "test", key: "\($0)"), digest: [1]) }
        for (number, claim) in claims.enumerated() {
            keys.claim(claim, for: BookRig.id(number))
            #expect(keys.keep(answer, as: claim.name, of: BookRig.id(number), at: BookRig.start) == true)
        }
        #expect(keys.forgetOld(at: BookRig.at(86_399), limit: 300) == 0)
        let steps = (1...5).map { _ in keys.forgetOld(at: BookRig.at(86_400), limit: 300) }
        #expect(steps == [300, 300, 300, 100, 0])
        #expect(keys == KeyTable())
    }

    @Test func `leaves before its time where too many answers are kept, the oldest first`() {
        var keys = KeyTable(maximum: 100)
        let claims = (0..<150).map { KeyClaim(name: KeyName(caller: "test", key: "\($0)"), digest: [1]) }
        for (number, claim) in claims.enumerated() {
            keys.claim(claim, for: BookRig.id(number))
            #expect(keys.keep(answer, as: claim.name, of: BookRig.id(number), at: BookRig.at(Int64(number))) == true)
        }
        let time = BookRig.at(200)
        #expect(claims.prefix(50).allSatisfy { keys.state(of: $0, at: time) == .free })
        #expect(claims.dropFirst(50).allSatisfy { keys.state(of: $0, at: time) == .replay(answer) })
    }
}
