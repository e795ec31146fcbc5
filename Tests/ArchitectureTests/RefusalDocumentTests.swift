import Foundation
import TestSupport
import Testing

@Suite("The document of refusals and the fixtures agree")
struct RefusalDocumentTests {
    /// The cells of the section's rows.
    private func rows() throws -> [[String]] {
        let document = try String(
            contentsOf: Fixture.packageRoot.appending(path: "docs/troubleshooting.md"),
            encoding: .utf8
        )
        let section = try #require(document.components(separatedBy: "\n## Refusals of the vendors\n").dropFirst().first)
        let text = try #require(section.components(separatedBy: "\n## ").first)
        return text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    private func words(_ cell: String) -> [String] {
        cell.split(separator: "`").enumerated().filter { !$0.offset.isMultiple(of: 2) || cell.hasPrefix("`") }
            .map { String($0.element) }.filter { $0 != " " }
    }

    private static let names = [
        "client": "the client's", "setup": "the operator's", "account": "the operator's (account)",
        "gateway": "the gateway's", "not_now": "nobody's: not now",
    ]

    @Test("Each code of Twilio has one row, which says the same")
    func twilio() throws {
        let rows = try rows().filter { $0.count == 5 }
        let shown = rows.flatMap { words($0[0]) }
        let known = try RefusalRow.twilio("refusals")
        #expect(shown.sorted() == known.map(\.name).sorted())
        for refusal in known {
            let row = try #require(rows.first { words($0[0]).contains(refusal.name) })
            #expect(row[1] == "\(refusal.answer ?? 0) `\(refusal.answerCode ?? "")`", "\(refusal)")
            #expect(row[2] == refusal.mistake.flatMap { Self.names[$0] }, "\(refusal)")
            // "slow down" is what the answer says.
            if refusal.status != 429 {
                #expect(row[4].replacing("`", with: "").contains(refusal.names), "\(refusal)")
            }
        }
    }

    @Test("Each rule for Ultravox has one row, which says the same")
    func ultravox() throws {
        let rows = try rows().filter { $0.count == 6 }
        let known = try RefusalRow.ultravox().filter { $0.rule != nil }
        #expect(Set(rows.flatMap { words($0[0]) }) == Set(known.compactMap(\.rule)))
        #expect(rows.count == Set(known.compactMap(\.rule)).count)
        for refusal in known {
            let row = try #require(rows.first { words($0[0]).first == refusal.rule })
            #expect(row[1].contains(String(refusal.status)) || row[1] == "any other", "\(refusal)")
            #expect(row[2].contains("\(refusal.answer ?? 0) `\(refusal.answerCode ?? "")`"), "\(refusal)")
            #expect(row[3] == refusal.mistake.flatMap { Self.names[$0] }, "\(refusal)")
        }
    }
}
