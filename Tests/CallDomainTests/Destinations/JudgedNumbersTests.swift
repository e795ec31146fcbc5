import CallDomain
import TestSupport
import Testing

/// One line of `fixtures/destinations/judged.tsv`: what phonenumbers says of a number.
struct JudgedNumber {
    let number: PhoneNumber
    /// ISO 3166-1; `001` for international networks, `-` where phonenumbers knows no country.
    let region: String
    /// A type of phonenumbers, or why the number is not valid.
    let kind: String
    /// Why we refuse the number although phonenumbers may call it ordinary; `-` where we agree.
    let difference: String

    static let called: Set = ["fixed_line", "mobile", "fixed_line_or_mobile", "toll_free", "voip", "uan"]
    static let neverCalled: Set = ["premium_rate", "shared_cost", "personal_number", "pager", "voicemail"]
    static let impossible: Set = ["too_short", "too_long", "no_such_length", "no_country"]
    /// A possible length, but phonenumbers knows nobody who has the number.
    static let unknown = "not_valid"

    /// Whether the number has to be refused whatever the list of countries.
    var isRefusedEverywhere: Bool {
        region == "001" || difference != "-" || Self.neverCalled.contains(kind) || Self.impossible.contains(kind)
    }

    static func all() throws -> [JudgedNumber] { try read.get() }

    /// Read once for all tests.
    private static let read = Result {
        try String(decoding: Fixture.bytes("destinations/judged.tsv"), as: UTF8.self)
            .split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
            .map { line in
                let fields = line.split(separator: "\t").map(String.init)
                try #require(fields.count == 4)
                return JudgedNumber(
                    number: try #require(PhoneNumber(fields[0])),
                    region: fields[1],
                    kind: fields[2],
                    difference: fields[3]
                )
            }
    }
}

@Suite struct `Numbers that phonenumbers judged` {
    @Test(arguments: [["US"], ["US", "CA"], ["GB"], ["DE", "AT", "CH"], ["JM", "KZ", "VA", "GG", "SJ", "YT"], ["*"]])
    func `are called when they are of an allowed country and never otherwise`(codes: [String]) throws {
        let policy = DestinationPolicy(
            allowed: codes == ["*"] ? .all : .only(Set(codes.compactMap { Country($0) }))
        )
        var disallowedAccepted: [String] = []
        var allowedRefused: [String] = []
        var otherCountry: [String] = []
        for judged in try JudgedNumber.all() {
            let isListed = codes == ["*"] || codes.contains(judged.region)
            let mustBeCalled = JudgedNumber.called.contains(judged.kind) && isListed && !judged.isRefusedEverywhere
            switch policy.verdict(on: judged.number) {
            case .allowed(let country):
                // Where phonenumbers knows no holder and no country, the range decides; but never against it.
                let mayBeCalled = judged.kind == JudgedNumber.unknown && (isListed || judged.region == "-")
                if judged.isRefusedEverywhere || !(mustBeCalled || mayBeCalled) {
                    disallowedAccepted.append(judged.number.text)
                }
                if judged.region != "-", country.text != judged.region { otherCountry.append(judged.number.text) }
            case .refused, .misspelt:
                if mustBeCalled { allowedRefused.append(judged.number.text) }
            }
        }
        #expect(disallowedAccepted == [])
        #expect(allowedRefused == [])
        #expect(otherCountry == [])
    }

    @Test func `are enough, of every type, of every country and nearly right ones`() throws {
        let judged = try JudgedNumber.all()
        let valid = judged.filter { JudgedNumber.called.union(JudgedNumber.neverCalled).contains($0.kind) }
        #expect(Set(judged.map(\.number)).count >= 20_000)
        #expect(valid.count >= 15_000)
        #expect(judged.count - valid.count >= 8_000)
        let kinds = JudgedNumber.called.union(JudgedNumber.neverCalled).union(JudgedNumber.impossible)
        #expect(Set(judged.map(\.kind)) == kinds.union([JudgedNumber.unknown]))
        #expect(Set(valid.map(\.region)).count >= 245)
    }

    @Test func `differ from us only where we mean it`() throws {
        let differing = try JudgedNumber.all().filter { $0.difference != "-" }
        #expect(Set(differing.map(\.difference)) == ["premium", "satellite", "domestic"])
        for judged in differing where judged.difference == "premium" {
            #expect(judged.number.text.hasPrefix("+1") && judged.number.text.dropFirst(5).hasPrefix("976"))
        }
        for judged in differing where judged.difference == "domestic" {
            #expect(judged.number.text.hasPrefix("+1310") && judged.number.text.count == 9)
        }
        for judged in differing where judged.difference == "satellite" {
            let number = judged.number.text
            #expect(["+1600", "+336", "+3375", "+614", "+6114"].contains { number.hasPrefix($0) })
        }
    }
}
