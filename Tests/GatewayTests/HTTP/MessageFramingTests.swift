import Testing

@testable import Gateway

/// Drives the framing as the byte gate does; the head says what the test says.
private struct Reading {
    /// Where each message ended.
    var ends: [Int] = []
    var refusal: Refusal?

    init(_ bytes: [UInt8], pieces: [Int], limits: ConnectionLimits = ConnectionLimits(), body: BodyFraming?) {
        var framing = MessageFraming(rules: ConnectionRules(limits: limits))
        var taken = 0
        var available = 0
        for piece in pieces {
            available = min(available + piece, bytes.count)
            reading: while taken < available {
                switch bytes[taken..<available].withUnsafeBytes({ framing.next(in: $0) }) {
                case .more: break reading
                case .skip(let count), .pass(let count): taken += count
                case .passHead(let count):
                    taken += count
                    if let body {
                        framing.expect(body, bodySize: 1000)
                    } else {
                        ends.append(taken)
                        framing.reset()
                    }
                case .passMessage(let count):
                    taken += count
                    ends.append(taken)
                    framing.reset()
                case .refuse(let refusal):
                    self.refusal = refusal
                    return
                }
            }
        }
    }
}

@Suite struct `The framing of messages` {
    @Test(
        arguments: [
            (["GET / HTTP/1.1⏎⏎", "GET /a HTTP/1.1⏎A: b⏎⏎"], nil),
            (["⏎POST / HTTP/1.1⏎⏎12345", "⏎POST / HTTP/1.1⏎A: b⏎⏎⏎⏎3", "POST / HTTP/1.1⏎⏎12345"], .length(5)),
            (
                [
                    "POST / HTTP/1.1⏎A: b⏎⏎3⏎abc⏎A;x=y⏎⏎⏎0⏎⏎3⏎0;z⏎T: u⏎V: w⏎⏎", "POST / HTTP/1.1⏎⏎0⏎⏎",
                    "⏎POST / HTTP/1.1⏎⏎0003e7⏎\(String(repeating: "x", count: 999))⏎1⏎x⏎00⏎⏎",
                ], .chunked
            ),
        ] as [([String], BodyFraming?)]
    )
    func `does not depend on how the bytes arrive`(messages: [String], body: BodyFraming?) {
        let bytes = messages.joined().onWire
        let ends = messages.indices.map { messages[...$0].joined().onWire.count }
        #expect(Reading(bytes, pieces: .init(repeating: 1, count: bytes.count), body: body).ends == ends)
        for cut in 1...bytes.count {
            #expect(Reading(bytes, pieces: [cut, bytes.count], body: body).ends == ends, "cut at \(cut)")
        }
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1\n\n", .lineEnd), ("GET / HTTP/1.1⏎A: b\n⏎", .lineEnd),
            ("\nGET / HTTP/1.1⏎⏎", .requestLine),
            ("⏎⏎GET / HTTP/1.1⏎⏎", .requestLine), ("\rGET / HTTP/1.1⏎⏎", .requestLine),
            ("POST / HTTP/1.1⏎⏎1⏎ab", .framing), ("POST / HTTP/1.1⏎⏎1⏎a\r\r", .framing),
            ("POST / HTTP/1.1⏎⏎⏎", .framing), ("POST / HTTP/1.1⏎⏎;x⏎", .framing), ("POST / HTTP/1.1⏎⏎1\n", .framing),
            ("POST / HTTP/1.1⏎⏎g⏎", .framing), ("POST / HTTP/1.1⏎⏎000000001⏎", .bodyTooLarge),
            ("POST / HTTP/1.1⏎⏎3E9⏎", .bodyTooLarge), ("POST / HTTP/1.1⏎⏎0⏎T: u\n\n", .lineEnd),
        ] as [(String, Refusal)]
    )
    func `refuses the same however the bytes arrive`(text: String, refusal: Refusal) {
        let bytes = text.onWire
        for cut in 1...bytes.count {
            #expect(Reading(bytes, pieces: [cut, bytes.count], body: .chunked).refusal == refusal, "cut at \(cut)")
        }
    }

    @Test func `counts the bytes around fields and chunks`() {
        let limits = ConnectionLimits()
        let head = "GET / HTTP/1.1⏎A:".onWire + [UInt8](repeating: 0x20, count: limits.fields + limits.separators)
        #expect(Reading(head, pieces: [head.count], body: nil).refusal == .fields)
        #expect(Reading(head, pieces: .init(repeating: 1000, count: 50), body: nil).refusal == .fields)
        let chunk = "POST / HTTP/1.1⏎⏎1;".onWire + [UInt8](repeating: 0x20, count: 1000 + limits.chunkOverhead)
        #expect(Reading(chunk, pieces: [chunk.count], body: .chunked).refusal == .bodyTooLarge)
        #expect(Reading(chunk, pieces: .init(repeating: 1000, count: 80), body: .chunked).refusal == .bodyTooLarge)
    }
}
