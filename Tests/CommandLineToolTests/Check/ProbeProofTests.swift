import CallDomain
import Gateway
import Testing

@testable import CommandLineTool

@Suite struct `The proof of a probe` {
    private let key = Secret("0123456789abcdef-key")
    private let proof = ProbeProof(nonce: "one", time: FixedClock().now)

    private func isRead(_ text: String) -> Bool { ProbeProof.read(text, keys: [APIKey(name: "a", secret: key)]) != nil }

    @Test func `is read by whoever has the key, among others`() {
        let other = Secret("0123456789abcdef-old")
        let keys = [APIKey(name: "old", secret: other), APIKey(name: "new", secret: key)]
        let read = ProbeProof.read(proof.text(by: key), keys: keys)
        #expect(read?.proof == proof)
        #expect(read?.key.name == "new")
        #expect(isRead(proof.text(by: key)))
        #expect(!isRead(proof.text(by: other)))
    }

    @Test func `does not hold the key`() {
        #expect(!proof.text(by: key).contains(key.exposed))
        #expect(!proof.answer(Array("{}".utf8), by: key).contains(key.exposed))
    }

    @Test func `is of its nonce and its time alone`() throws {
        let code = try #require(proof.text(by: key).split(separator: " ").last)
        let last = code.last == "0" ? "1" : "0"
        for text in [
            "2026-11-18T11:06:40.001Z one \(code)", "2026-11-18T11:06:40.000Z two \(code)",
            "2026-11-18T11:06:40.000Z one \(code)0", "2026-11-18T11:06:40.000Z one \(code.dropLast())\(last)",
            "2026-11-18T11:06:40.000Z one \(code.uppercased())", "2026-11-18T11:06:40.000Z one \(code) ",
            "2026-11-18 one \(code)", "one \(code)", "\(code)", "",
        ] {
            #expect(!isRead(text), "\(text)")
        }
        #expect(isRead("2026-11-18T11:06:40.000Z one \(code)"))
    }

    @Test func `has a nonce of some length`() {
        for (length, isGood) in [(0, false), (1, true), (64, true), (65, false)] {
            let other = ProbeProof(nonce: String(repeating: "n", count: length), time: proof.time)
            #expect(isRead(other.text(by: key)) == isGood, "\(length)")
        }
    }

    @Test func `counts for five minutes, either way`() {
        for (seconds, isTimely) in [(0, true), (300, true), (-300, true), (301, false), (-301, false)] {
            #expect(proof.isTimely(at: proof.time + .seconds(seconds)) == isTimely, "\(seconds)")
        }
    }

    @Test func `is answered for its nonce, with that body, by that key, and not with itself`() {
        let body = Array("{}".utf8)
        let answers = [
            proof.answer(body, by: key), proof.answer(body + [0x20], by: key),
            proof.answer(body, by: Secret("0123456789abcdef-old")),
            ProbeProof(nonce: "two", time: proof.time).answer(body, by: key), proof.answer([], by: key),
        ]
        #expect(Set(answers).count == answers.count)
        #expect(!answers.contains { proof.text(by: key).hasSuffix($0) })
        #expect(!answers.contains { $0.hasPrefix(proof.fingerprint(of: key)) })
    }
}
