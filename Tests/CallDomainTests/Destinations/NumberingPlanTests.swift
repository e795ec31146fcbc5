import TestSupport
import Testing

@testable import CallDomain

@Suite struct `The numbering plan` {
    @Test func `is read in full`() {
        let lines = NumberingPlanTable.text.split(separator: "\n")
        #expect(lines.count > 500)
        for line in lines {
            #expect(NumberingPlan.line(line.utf8.split(separator: UInt8(ascii: " "))) != nil, "\(line)")
        }
        #expect(NumberingPlan.world.areas.count > 200)
    }

    @Test func `has no calling code that begins another`() {
        let codes = NumberingPlan.world.areas.keys.map(String.init)
        for code in codes {
            #expect(!codes.contains { $0 != code && $0.hasPrefix(code) }, "\(code)")
            #expect((1...3).contains(code.count))
        }
    }

    @Test func `knows every service`() {
        let services = Set(NumberingPlan.world.areas.values.flatMap(\.ranges).joined().map(\.service))
        #expect(services == Set(NumberingPlan.Service.allCases))
    }

    @Test func `answers for every number of two to four digits, and calls none`() {
        let policy = DestinationPolicy(allowed: .all)
        let called = (10...9_999).compactMap { PhoneNumber("+\($0)") }.filter {
            if case .allowed = policy.verdict(on: $0) { true } else { false }
        }
        #expect(called == [])
    }

    @Test(arguments: [
        "", "44 GB ordinary 10", "GB ordinary 10 2", "x GB ordinary 10 2", "44 ZZ ordinary 10 2",
        "44 001 ordinary 10 2",
        "44 GB fine 10 2", "44 GB ordinary x 2", "44 GB ordinary 0 2", "44 GB ordinary 16 2", "44 GB ordinary 9-8 2",
        "44 GB ordinary 10 2 [", "44 GB ordinary 10 [2", "44 GB ordinary 10 2]", "44 GB ordinary 10 [-2]",
        "44 GB ordinary 10 [5-2]", "44 GB ordinary 10 2a", "44 GB ordinary 10 2\\d",
    ])
    func `leaves out a line that it cannot read`(line: String) {
        #expect(NumberingPlan(table: line).areas.isEmpty)
    }

    @Test func `is asked line by line, and the first that fits decides`() throws {
        let plan = NumberingPlan(
            table: """
                7 KZ premium 1-15 80
                7 KZ ordinary 4,6-7 [6-8] 59
                7 001 network 5 *
                """
        )
        let expectations: [(String, NumberingPlan.Assignment)] = [
            ("+78012", .assigned(Country("KZ"), .premium)),
            ("+76012", .assigned(Country("KZ"), .ordinary)),
            ("+75912", .assigned(Country("KZ"), .ordinary)),
            ("+75912345", .assigned(Country("KZ"), .ordinary)),
            ("+759123", .assigned(nil, .network)),
            ("+7591234567", .wrongLength(NumberLength(callingCode: 7, digits: 9, possible: [4, 5, 6, 7]))),
            ("+741", .wrongLength(NumberLength(callingCode: 7, digits: 2, possible: [5]))),
            ("+81", .unassigned),
        ]
        for (text, expected) in expectations {
            #expect(plan.assignment(of: try #require(PhoneNumber(text))) == expected, "\(text)")
        }
    }
}
