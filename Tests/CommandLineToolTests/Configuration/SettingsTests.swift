import CallDomain
import Foundation
import Testing

@testable import CommandLineTool

@Suite("Settings as a whole")
struct SettingsTests {
    @Test("The required variables alone give the documented defaults")
    func defaults() throws {
        let settings = try SettingsRig.load()
        #expect(settings.accountSid.text == "AC5f0c1b7de1a94c7fb1d9a7c4e0b2d836")
        #expect(settings.authTokens.map(\.exposed) == [SettingsRig.authToken])
        #expect(settings.phoneNumber.text == "+12025550143")
        #expect(settings.twilioBaseURL == "https://api.twilio.com")
        #expect(settings.ultravoxAPIKey.exposed == SettingsRig.ultravoxAPIKey)
        #expect(settings.ultravoxWebhookSecrets.isEmpty)
        #expect(settings.ultravoxTimestampTolerance == .seconds(300))
        #expect(settings.ultravoxBaseURL == "https://api.ultravox.ai")
        #expect(settings.upstreamCAFile == nil && settings.upstreamProxy == nil && settings.twimlDirectory == nil)
        #expect(settings.publicBaseURL == "https://calls.example.com")
        #expect(settings.apiKeys.map(\.name) == ["frontend"])
        #expect(settings.apiKeys.map(\.secret.exposed) == [SettingsRig.apiKey])
        #expect(settings.host == "127.0.0.1" && settings.port == 8080 && settings.maxConnections == 10_000)
        #expect(settings.inboundAgentID == nil)
        #expect(settings.callsPerSecond == 1 && settings.queueMaxWait == .seconds(60) && settings.queueLimit == 1000)
        #expect(settings.maxCallDuration == .seconds(3600))
        #expect(settings.reconcileAfter == .seconds(30) && settings.unconfirmedAfter == .seconds(900))
        #expect(settings.maxConcurrentCalls == 100 && settings.maxCallsPerDay == nil)
        #expect(settings.destinations.allowed == .only(Set(["US"].compactMap { Country($0) })))
        #expect(!settings.parallelCallsToNumber && settings.numberCooldown == .zero)
        #expect(settings.rateLimitPerMinute == 600 && settings.readLimitPerMinute == 6000)
        #expect(
            settings.corsOrigins.isEmpty && settings.journal == .sqlite("switchboard.sqlite")
                && settings.redisWaitReplicas == 0
        )
        #expect(settings.callRetention == .seconds(604_800) && settings.maxCallsInMemory == 1_000_000)
        #expect(settings.shutdownGrace == .seconds(20) && settings.keepAlive == .seconds(75))
        #expect("\(settings.logLevel)" == "info" && settings.logFormat == nil && settings.environment == .production)
        #expect(settings.client.url == nil && settings.client.apiKey == nil)
        #expect(settings.warnings.isEmpty && settings.withoutEffect.isEmpty)
    }

    @Test("Given values arrive typed and normalised")
    func givenValues() throws {
        let settings = try SettingsRig.load([
            "TWILIO_AUTH_TOKEN_SECONDARY": "0123456789abcdef", "TWILIO_BASE_URL": "http://127.0.0.1:9001/",
            "ULTRAVOX_WEBHOOK_SECRETS": "aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbb", "PUBLIC_BASE_URL": "https://A.example/x/",
            "UPSTREAM_PROXY": "http://u:p@proxy:1", "CORS_ORIGINS": "https://App.example:443,http://localhost:3000",
            "ALLOWED_COUNTRIES": "US, CA,US", "INBOUND_AGENT_ID": "AAAAAAAA-2222-4333-8444-555555555555",
            "CALLS_PER_SECOND": "0.5", "LOG_LEVEL": "debug", "LOG_FORMAT": "json", "ENVIRONMENT": "development",
            "PORT": "0", "PARALLEL_CALLS_TO_NUMBER": "true", "SWITCHBOARD_URL": "http://127.0.0.1:8080/",
            "SWITCHBOARD_API_KEY": SettingsRig.apiKey, "MAX_CALL_DURATION": "4h",
        ])
        #expect(settings.authTokens.map(\.exposed) == [SettingsRig.authToken, "0123456789abcdef"])
        #expect(settings.twilioBaseURL == "http://127.0.0.1:9001")
        #expect(settings.ultravoxWebhookSecrets.map(\.exposed) == ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"])
        #expect(settings.publicBaseURL == "https://A.example/x")
        #expect(settings.upstreamProxy == "http://u:p@proxy:1")
        #expect(settings.corsOrigins == ["https://app.example", "http://localhost:3000"])
        #expect(settings.destinations.allowed == .only(Set(["US", "CA"].compactMap { Country($0) })))
        #expect(settings.inboundAgentID?.text == "aaaaaaaa-2222-4333-8444-555555555555")
        #expect(settings.callsPerSecond == 0.5 && "\(settings.logLevel)" == "debug" && settings.logFormat == .json)
        #expect(settings.environment == .development && settings.port == 0 && settings.parallelCallsToNumber)
        #expect(settings.client.url == "http://127.0.0.1:8080")
        #expect(settings.client.apiKey?.exposed == SettingsRig.apiKey)
        #expect(settings.maxCallDuration == .seconds(14_400))
        #expect(try SettingsRig.load(["ALLOWED_COUNTRIES": "*"]).destinations.allowed == .all)
    }

    @Test("Calls stay in the country of the gateway's own number, and a number without one needs ALLOWED_COUNTRIES")
    func ownCountry() throws {
        let british = try SettingsRig.load(["TWILIO_PHONE_NUMBER": "+442079460123"])
        #expect(british.destinations.allowed == .only(Set(["GB"].compactMap { Country($0) })))
        let satellite = ["TWILIO_PHONE_NUMBER": "+881600000000"]
        #expect {
            try SettingsRig.load(satellite)
        } throws: {
            ($0 as? SettingsProblems)?.problems.map(\.name) == ["ALLOWED_COUNTRIES"]
        }
        let everywhere = try SettingsRig.load(satellite.merging(["ALLOWED_COUNTRIES": "*"]) { $1 })
        #expect(everywhere.destinations.allowed == .all)
    }

    @Test("Development prefers text logs, unless told otherwise")
    func developmentLogs() throws {
        #expect(try SettingsRig.load(["ENVIRONMENT": "development"]).logFormat == .text)
        #expect(try SettingsRig.load(["ENVIRONMENT": "development", "LOG_FORMAT": "json"]).logFormat == .json)
    }

    @Test("All problems are listed at once, one a line, in the order of the documentation")
    func allAtOnce() throws {
        let folder = try Folder([".env": "oops\nHOTS=1\nTWILIO_AUTH_TOKEN_FILE=missing\n"])
        let environment = [
            "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_PHONE_NUMBER": "123", "ULTRAVOX_API_KEY": "short",
            "API_KEYS": "a:b,,c",
            "PORT": "x", "PUBLIC_BASE_URI": "1", "ULTRAVOX_API_KYE": "1", "JOURNAL": "redis://localhost:6379/0",
            "TWILIO_API_KEY_SECRET": "0123456789abcdef",
        ]
        let error = try #require(throws: SettingsProblems.self) {
            _ = try Settings.load(environment: environment, workingDirectory: folder.url)
        }
        #expect(
            error.problems.map(\.name) == [
                ".env line 1", ".env line 2", "PUBLIC_BASE_URI", "TWILIO_AUTH_TOKEN_FILE", "TWILIO_ACCOUNT_SID",
                "TWILIO_PHONE_NUMBER", "ULTRAVOX_API_KEY", "PUBLIC_BASE_URL", "API_KEYS", "PORT", "JOURNAL",
                "TWILIO_API_KEY_SID",
            ]
        )
        let lines = error.description.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == error.problems.count + 1)
        #expect(lines.first == "The configuration has 12 problems:")
        #expect(lines.contains("  - PUBLIC_BASE_URI is not a setting: did you mean PUBLIC_BASE_URL?"))
        #expect(lines.contains("  - PORT is not a whole number from 0 to 65535"))
        #expect(
            error.description.contains(
                "API_KEYS is a list in which part 1 has a secret of fewer than 16 characters behind the colon; part 2 is empty"
            )
        )
        #expect(
            error.description.contains("asks for a Redis journal, which comes with a later version: use sqlite:PATH")
        )
    }

    @Test("A number without a country, options that are wrong, and templates are listed with all others")
    func allAtOnceOfSeveral() throws {
        let folder = try Folder()
        try folder.makeDirectory("twiml")
        try folder.write("twiml/connect.xml", Data("<Response>".utf8))
        try folder.write("twiml/reject.xml", Data("<Response>{{name}}</Response>".utf8))
        let environment = SettingsRig.required.merging(["TWILIO_PHONE_NUMBER": "+881600000000", "PORT": "x"]) { $1 }
        let options = GivenOptions(values: [:], problems: [SettingProblem(name: "--set", wrong: "is wrong")])
        let error = try #require(throws: SettingsProblems.self) {
            _ = try Settings.load(
                environment: environment,
                options: options,
                workingDirectory: folder.url,
                withTemplates: true
            )
        }
        #expect(error.problems.prefix(3).map(\.name) == ["--set", "PORT", "ALLOWED_COUNTRIES"])
        let files = error.problems.dropFirst(3).map(\.description)
        #expect(files.count == 2)
        #expect(files.first?.contains("twiml/connect.xml:1: ") == true, "\(files)")
        #expect(files.last?.contains("twiml/reject.xml:1: {{name}} is not a placeholder") == true, "\(files)")
        #expect(files.allSatisfy { $0.contains("correct the file") })
        // Elsewhere templates are nobody's business: new secrets do not wait for them.
        #expect(SettingsRig.problems([:], in: folder) == [])
    }

    @Test("A problem of its own is not told a second time as one of several")
    func notTwice() throws {
        let folder = try Folder(["file": ""])
        #expect(SettingsRig.problems(["TWILIO_PHONE_NUMBER": "123"]).map(\.name) == ["TWILIO_PHONE_NUMBER"])
        let number: [String: String?] = ["TWILIO_PHONE_NUMBER": "+881600000000"]
        #expect(
            SettingsRig.problems(number.merging(["ALLOWED_COUNTRIES": "UK"]) { $1 }).map(\.name)
                == ["ALLOWED_COUNTRIES"]
        )
        #expect(
            SettingsRig.problems(number.merging(["ALLOWED_COUNTRIES_FILE": "missing"]) { $1 }, in: folder).map(\.name)
                == ["ALLOWED_COUNTRIES_FILE"]
        )
        let error = try #require(throws: SettingsProblems.self) {
            _ = try Settings.load(
                environment: SettingsRig.required.merging(["TWIML_DIR": "file"]) { $1 },
                workingDirectory: folder.url,
                withTemplates: true
            )
        }
        #expect(error.problems.map(\.name) == ["TWIML_DIR"])
    }

    @Test("No message repeats a value, whatever is wrong with it")
    func valuesStayOutOfMessages() throws {
        let canary = "CANARY7"
        let values = [
            canary, " \(canary)", "\(canary)\n", "1\(canary)", "https://u:\(canary)@x",
            "http://\(canary).example/\(canary)",
            "a:\(canary),\(canary)", "sqlite:\(canary)", "redis://\(canary)", "/\(canary)/x",
            "\(canary)é-and-some-more-text",
            "your-\(canary)-and-more-text",
        ]
        for name in SettingCatalogue.all.map(\.name) {
            for value in values {
                let text = SettingsRig.problems([name: value]).map(\.description).joined()
                #expect(!text.contains(canary), "\(name)")
            }
        }
    }

    @Test("Nor does a message repeat a line of .env, the content of a file, or its path")
    func filesStayOutOfMessages() throws {
        let canary = "CANARY7"
        let folder = try Folder([
            ".env": """
            API_KEYS='\(canary)
            \(canary) \(canary)
            MIIEvQ\(canary)x==
            \(canary)abcdefghijklmnopqrstuvwxyz=
            TWILIO_AUTH_TOKN=\(canary)
            PORT=\(canary)
            UPSTREAM_PROXY_FILE=\(canary)
            """,
            "secret": canary,
        ])
        let problems = SettingsRig.problems(
            ["TWILIO_AUTH_TOKEN": nil, "TWILIO_AUTH_TOKEN_FILE": "secret", "ULTRAVOX_API_KEY_FILE": "/\(canary)"],
            in: folder
        )
        #expect(problems.count == 7)
        #expect(!problems.map(\.description).joined().contains(canary), "\(problems)")

        try folder.write(".env", Data("MIIEvQ\(canary)x==\n".utf8))
        let warnings = try SettingsRig.load(in: folder).warnings
        #expect(warnings == [".env line 1 sets a name, which is not a setting of this gateway"])
    }

    @Test("The description shows what counts and where it came from, with secrets redacted and numbers masked")
    func redactedDescription() throws {
        let folder = try Folder([".env": "PORT=9090\n", "token": "0123456789abcdef\n"])
        let settings = try SettingsRig.load(
            ["UPSTREAM_PROXY": "http://u:p4ssw0rd@proxy:1", "TWILIO_AUTH_TOKEN_SECONDARY_FILE": "token"],
            in: folder
        )
        var shown = ""
        dump(settings, to: &shown)
        for text in [settings.redactedDescription, "\(settings)", String(reflecting: settings), shown] {
            for secret in [
                SettingsRig.authToken, SettingsRig.ultravoxAPIKey, SettingsRig.apiKey, "p4ssw0rd", "0123456789abcdef",
            ] {
                #expect(!text.contains(secret))
            }
        }
        #expect(!settings.redactedDescription.contains("+12025550143"))
        let lines = Dictionary(uniqueKeysWithValues: settings.lines.map { ($0.name, "\($0.shown) \($0.origin)") })
        #expect(lines.count == SettingCatalogue.all.count)
        #expect(lines["PORT"] == "9090 .env")
        #expect(lines["TWILIO_AUTH_TOKEN"] == "[redacted] environment")
        #expect(lines["TWILIO_AUTH_TOKEN_SECONDARY"] == "[redacted] TWILIO_AUTH_TOKEN_SECONDARY_FILE")
        #expect(lines["TWILIO_PHONE_NUMBER"] == "…0143 environment")
        #expect(lines["HOST"] == "127.0.0.1 default")
    }

    @Test("What is shown are the values that count, in one spelling, and nothing where nothing counts")
    func valuesInForce() throws {
        func values(_ variables: [String: String] = [:]) throws -> [String: String?] {
            let lines = try SettingsRig.load(variables).lines
            return Dictionary(uniqueKeysWithValues: lines.map { ($0.name, $0.value) })
        }
        let usual = try values()
        #expect(usual["ALLOWED_COUNTRIES"] == "US")
        #expect(usual["LOG_FORMAT"] == "json" || usual["LOG_FORMAT"] == "text")
        for name in ["MAX_CALLS_PER_DAY", "INBOUND_AGENT_ID", "CORS_ORIGINS", "TWIML_DIR", "UPSTREAM_CA_FILE"] {
            #expect(usual[name] == .some(nil), "\(name)")
        }
        // No words: what is shown reads like a value of the setting.
        for entry in SettingCatalogue.all where entry.name != "TWILIO_PHONE_NUMBER" {
            guard let value = usual[entry.name] ?? nil else { continue }
            #expect(throws: Never.self, "\(entry.name)") {
                try entry.check(value, Surroundings(workingDirectory: nil))
            }
        }
        let given = try values([
            "MAX_CALL_DURATION": "240m", "CALLS_PER_SECOND": "0.50", "QUEUE_LIMIT": "007", "LOG_LEVEL": "INFO",
            "PARALLEL_CALLS_TO_NUMBER": "True", "ALLOWED_COUNTRIES": "US, CA,US", "ENVIRONMENT": "Development",
            "CORS_ORIGINS": "https://App.example:443", "PUBLIC_BASE_URL": "https://a.example/x/",
            "KEEP_ALIVE": "620000ms",
        ])
        #expect(given["MAX_CALL_DURATION"] == "4h" && given["CALLS_PER_SECOND"] == "0.5")
        #expect(given["QUEUE_LIMIT"] == "7" && given["LOG_LEVEL"] == "info")
        #expect(given["PARALLEL_CALLS_TO_NUMBER"] == "true" && given["ALLOWED_COUNTRIES"] == "CA,US")
        #expect(given["ENVIRONMENT"] == "development" && given["LOG_FORMAT"] == "text")
        #expect(given["CORS_ORIGINS"] == "https://app.example" && given["PUBLIC_BASE_URL"] == "https://a.example/x")
        #expect(given["KEEP_ALIVE"] == "620s")
    }

    @Test("No example of a setting, and no sample of the README, is anybody's secret")
    func placeholders() {
        let samples = SettingCatalogue.all.map(\.example) + ["at-least-sixteen-characters"]
        for sample in samples where sample.utf8.count >= 16 {
            for name in ["TWILIO_AUTH_TOKEN", "ULTRAVOX_API_KEY", "SWITCHBOARD_API_KEY"] {
                #expect(SettingsRig.problems([name: sample]).map(\.name) == [name], "\(sample)")
            }
            #expect(SettingsRig.problems(["API_KEYS": "a:\(sample)"]).map(\.name) == ["API_KEYS"], "\(sample)")
        }
    }

    @Test("Settings that this version does not act upon are named, and only if they are set")
    func withoutEffect() throws {
        let settings = try SettingsRig.load([
            "RECONCILE_AFTER": "2m", "CORS_ORIGINS": "https://a.example", "QUEUE_LIMIT": "", "PORT": "1",
            "JOURNAL": "none",
            "INBOUND_AGENT_ID": "11111111-2222-4333-8444-555555555555", "LOG_LEVEL": "debug",
        ])
        #expect(settings.withoutEffect == ["RECONCILE_AFTER"])
        let effective = SettingCatalogue.all.filter(\.isInEffect).map(\.name)
        #expect(Set(effective).isSuperset(of: SettingsRig.required.keys))
    }

    @Test("Client commands need no vendor's account")
    func clientSettings() throws {
        let none = try ClientSettings.load(environment: [:], workingDirectory: nil)
        #expect(none.url == nil && none.apiKey == nil)
        let folder = try Folder([
            ".env": "SWITCHBOARD_URL=https://g.example/\nSWITCHBOARD_API_KEY=\(SettingsRig.apiKey)"
        ])
        let both = try ClientSettings.load(environment: [:], workingDirectory: folder.url)
        #expect(both.url == "https://g.example")
        #expect(both.apiKey?.exposed == SettingsRig.apiKey)
        let error = try #require(throws: SettingsProblems.self) {
            _ = try ClientSettings.load(
                environment: ["SWITCHBOARD_URL": "x", "SWITCHBOARD_API_KEY": "y", "API_KEY": "z"],
                workingDirectory: nil
            )
        }
        #expect(error.problems.map(\.name) == ["SWITCHBOARD_URL", "SWITCHBOARD_API_KEY"])
    }
}
