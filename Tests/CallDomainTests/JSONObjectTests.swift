import CallDomain
import Testing

@Suite struct `The members of an object` {
    private static let composed = "caf\u{E9}"
    private static let decomposed = "cafe\u{301}"

    @Test func `are told apart scalar by scalar`() {
        var object: JSONObject = [Self.composed: 1, Self.decomposed: 2, "\u{212A}": 3, "K": 4]
        #expect(object.count == 4)
        #expect(object.map(\.value) == [1, 2, 3, 4])
        object[Self.decomposed] = 5
        #expect(object[Self.composed] == 1)
        object[Self.composed] = nil
        #expect(object[Self.composed] == nil)
        #expect(object[Self.decomposed] == 5)
        #expect([Self.composed: 1] as JSONObject != [Self.decomposed: 1])
        object.merge([Self.composed: 6, "K": 7]) { $1 }
        #expect(object.values == [5, 3, 7, 6])
        #expect(object.filter { name, _ in name.utf8.count == 1 }.count == 1)
    }

    @Test func `are found in time that grows with their number alone, however many are equivalent`() throws {
        // Each of these names is canonically equivalent to all others.
        let count = 1 << 15
        var object = JSONObject()
        let cost = ContinuousClock().measure {
            for number in 0..<count {
                var name = ""
                for bit in 0..<15 { name += number >> bit & 1 == 0 ? "\u{E9}" : "e\u{301}" }
                object[name] = .integer(number)
            }
        }
        #expect(object.count == count)
        // Ten times what it takes on a busy machine; a comparison of each with each would take minutes.
        #expect(cost < .seconds(30))
    }
}
