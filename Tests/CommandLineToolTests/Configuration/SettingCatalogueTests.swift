import Testing

@testable import CommandLineTool

@Suite("The catalogue of settings")
struct SettingCatalogueTests {
    private let nowhere = Surroundings(workingDirectory: nil)

    @Test("Names are unique and well formed")
    func names() {
        let names = SettingCatalogue.all.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.utf8.allSatisfy { 0x41...0x5A ~= $0 || $0 == UInt8(ascii: "_") }, "\(name)")
        }
    }

    @Test("Every default is a good value, and every setting without one says what counts")
    func defaults() throws {
        for entry in SettingCatalogue.all {
            if let fallback = entry.fallback {
                #expect(throws: Never.self, "\(entry.name)") { try entry.check(fallback, nowhere) }
            } else {
                #expect(!entry.otherwise.isEmpty, "\(entry.name)")
            }
        }
    }

    @Test("Every example is a good value, but that of a secret never starts a gateway")
    func examples() {
        for entry in SettingCatalogue.all where !["UPSTREAM_CA_FILE", "TWIML_DIR"].contains(entry.name) {
            if entry.isSecret, entry.name != "UPSTREAM_PROXY" {
                #expect(throws: ValueFault.self, "\(entry.name)") { try entry.check(entry.example, nowhere) }
            } else {
                #expect(throws: Never.self, "\(entry.name)") { try entry.check(entry.example, nowhere) }
            }
        }
    }

    @Test("Everything that must not be shown is a secret")
    func secrets() {
        let named = SettingCatalogue.all.map(\.name).filter { name in
            ["TOKEN", "SECRET", "API_KEY", "PROXY"].contains { name.contains($0) } && name != "TWILIO_API_KEY_SID"
        }
        #expect(Set(SettingCatalogue.all.filter(\.isSecret).map(\.name)) == Set(named))
    }

    @Test("A reload takes what credentials are made of, and refuses another account or another place for them")
    func reloads() {
        func names(_ effect: ReloadEffect) -> [String] {
            SettingCatalogue.all.filter { $0.reload == effect }.map(\.name)
        }
        #expect(
            names(.takesIt) == [
                "TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_SECONDARY", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET",
                "ULTRAVOX_API_KEY", "ULTRAVOX_WEBHOOK_SECRETS", "ULTRAVOX_TIMESTAMP_TOLERANCE", "API_KEYS",
            ]
        )
        #expect(names(.refusesAll) == ["TWILIO_ACCOUNT_SID", "TWILIO_BASE_URL", "ULTRAVOX_BASE_URL"])
        #expect(names(.ignoresIt) == ["SWITCHBOARD_URL", "SWITCHBOARD_API_KEY"])
    }

    @Test("The documentation's table has a row of four cells for every setting")
    func markdown() {
        let rows = SettingCatalogue.markdown.split(separator: "\n")
        #expect(rows.count == SettingCatalogue.all.count + 2)
        for (row, entry) in zip(rows.dropFirst(2), SettingCatalogue.all) {
            #expect(row.hasPrefix("| `\(entry.name)` | "))
            #expect(row.split(separator: " | ").count == 4, "\(row)")
        }
    }
}
