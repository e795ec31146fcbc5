import CallDomain
import TestSupport
import Testing

@testable import TwilioAdapter

/// Forms are read by places in one piece of memory. Here they are also read step by step, each step as its rule is
/// written, and both readings must agree.
@Suite("Reading forms by places")
struct FormReadingTests {
    private static let hostile = [
        "", "&", "&&a=1&&", "a", "a&b=1", "=1", "=", "==", "a=b=c", "a=%zz", "a=%", "%", "%4", "a=%4", "a=%%41",
        "a=%4%41",
        "%3D=%3D", "%26=%26", "a=%4&1", "a%4=1", "%=41", "a+b=c+d", "a=1&a=2&a=1", "a=1&a=1", "b=2&a=1", "a=&=a",
        "ab=c&a=bc",
        "a=%00", "n=Zo%C3%AB", "n=Zo\u{EB}", "n=%C3", "%C3=%AB", "n=\u{EB}%AB", "a=%ED%A0%80", "a=%C0%AF",
        "e%CC%81=1&%C3%A9=2", "To=1&ToCity=To", "CallSid=To&ToCity=x", "AccountSid=1CallSid&CallSid=2",
        "Z=CallSidCallSid",
        "SipHeader_X-CallSid=1&To=2", "xCall=Sid1", "CallSid=1CallSid2&CallStatus=", "?call=1&To=2", "To=1&%2B=2",
        "A=To&B=To",
    ]

    /// Short forms of the pieces that decide, put together by chance.
    private static func random(_ generator: inout SeededGenerator) -> [UInt8] {
        let pieces = [
            "&", "&", "=", "=", "+", "%", "%4", "%41", "%C3%AB", "\u{EB}", "%80", "To", "ToCity", "CallSid", "Call",
            "Sid", "a",
        ]
        return (0..<Int.random(in: 0..<12, using: &generator)).flatMap { _ in
            Array((pieces.randomElement(using: &generator) ?? "").utf8)
        }
    }

    @Test("Hostile forms give the same pairs, the same signed text and the same doubts", arguments: hostile)
    func agrees(form: String) { check(Array(form.utf8)) }

    @Test("So do forms made by chance", arguments: 0..<20)
    func agreesByChance(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 { check(Self.random(&generator)) }
    }

    private func check(_ form: [UInt8]) {
        let form = Array(form)
        let text = Comment(rawValue: String(decoding: form, as: UTF8.self))
        let (read, expected) = (FormParameters(form: form), StepwiseForm(form))
        #expect((read == nil) == (expected == nil), text)
        guard let read, let expected else { return }
        #expect(read.pairs.map { [Array($0.name.utf8), Array($0.value.utf8)] } == expected.pairs, text)
        #expect(read.signedText == expected.signedText, text)
        let signed = SignedText(read)
        #expect((signed == nil) == expected.repeatsName, text)
        guard let signed else { return }
        for name in ["To", "ToCity", "CallSid", "a"] {
            let value = expected.pairs.first { $0[0] == Array(name.utf8) }?[1]
            #expect(signed.value(of: name).map { Array($0.utf8) } == value, text)
            #expect(signed.hides(name) == expected.hides(name), "hides \(name): \(text)")
            if value != nil { #expect(signed.repeats(name) == expected.repeats(name), "repeats \(name): \(text)") }
        }
    }
}

/// A form by the book: split, then decoded, then sorted.
private struct StepwiseForm {
    /// Name and value each.
    let pairs: [[[UInt8]]]

    init?(_ form: [UInt8]) {
        guard String(validating: form, as: UTF8.self) != nil else { return nil }
        var pairs: [[[UInt8]]] = []
        for segment in form.split(separator: UInt8(ascii: "&")) {
            let parts = segment.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let pair = [Self.decoded(Array(parts[0])), parts.count > 1 ? Self.decoded(Array(parts[1])) : []]
            guard pair.allSatisfy({ String(validating: $0, as: UTF8.self) != nil }) else { return nil }
            pairs.append(pair)
        }
        self.pairs = pairs
    }

    private static func decoded(_ text: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap(Hex.value(of:))
            if byte == UInt8(ascii: "%"), digits.count == 2 {
                decoded.append(digits[0] << 4 | digits[1])
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return decoded
    }

    private var sorted: [[[UInt8]]] {
        var sorted: [[[UInt8]]] = []
        for pair in pairs.sorted(by: {
            $0[0] == $1[0] ? $0[1].lexicographicallyPrecedes($1[1]) : $0[0].lexicographicallyPrecedes($1[0])
        }) where sorted.last != pair { sorted.append(pair) }
        return sorted
    }

    var signedText: [UInt8] { sorted.flatMap { $0.flatMap { $0 } } }

    var repeatsName: Bool { Set(pairs.map { $0[0] }).count < pairs.count }

    /// Where the name stands, and in which parameters, not counting those within whose names it stands by right.
    private func places(of name: String) -> [(start: Int, part: Int)] {
        let (text, sought) = (signedText, Array(name.utf8))
        var places: [(Int, Int)] = []
        var begin = 0
        for (index, pair) in sorted.enumerated() {
            let valueStart = begin + pair[0].count
            let end = valueStart + pair[1].count
            let isByRight = Self.sentByTwilio.contains(pair[0]) || pair[0].starts(with: "SipHeader_".utf8)
            for start in text.indices where text[start...].starts(with: sought) {
                let touches = start < end && start + sought.count > begin
                let isWithin = start >= begin && start + sought.count <= valueStart
                if touches, !(isByRight && isWithin) { places.append((start, index)) }
            }
            begin = end
        }
        return places
    }

    func hides(_ name: String) -> Bool { !places(of: name).isEmpty }

    func repeats(_ name: String) -> Bool {
        let names = sorted.map { $0[0] }
        guard let own = names.firstIndex(of: Array(name.utf8)) else { return false }
        let ownStart = sorted[..<own].reduce(0) { $0 + $1[0].count + $1[1].count }
        return places(of: name).contains { start, part in
            start != ownStart && (part >= own - 1 || !Self.sentByTwilio.contains(names[part]))
        }
    }

    /// Of the names in these tests.
    private static let sentByTwilio = Set(
        ["To", "ToCity", "CallSid", "CallStatus", "AccountSid"].map { Array($0.utf8) }
    )
}
