import CallDomain
import Foundation
import TestSupport
import Testing

@testable import CommandLineTool

@Suite("Values of settings")
struct SettingValueTests {
    @Test("Every variable has a row in the table, or tests of its own")
    func tableIsComplete() {
        let own: Set = ["TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET", "UPSTREAM_CA_FILE", "TWIML_DIR"]
        #expect(Set(SettingTable.rows.map(\.name)).union(own) == Set(SettingCatalogue.all.map(\.name)))
        #expect(SettingTable.rows.allSatisfy { !$0.good.isEmpty && !$0.bad.isEmpty })
    }

    @Test("Good values start", arguments: SettingTable.rows)
    func goodValues(row: SettingRow) {
        for value in row.good {
            #expect(SettingsRig.problems([row.name: value]) == [], "\(value)")
        }
    }

    @Test("Bad values stop the start, with one problem that names the variable", arguments: SettingTable.rows)
    func badValues(row: SettingRow) {
        for value in row.bad {
            let problems = SettingsRig.problems([row.name: value])
            #expect(problems.map(\.name) == [row.name], "\(value)")
        }
    }

    @Test("White space around a value and control characters in it stop the start", arguments: SettingTable.rows)
    func uncleanValues(row: SettingRow) throws {
        let value = try #require(row.good.first)
        for unclean in [" \(value)", "\(value) ", "\(value)\n", "\(value)\u{0}", " ", "\t", "\(value)\u{85}"] {
            #expect(SettingsRig.problems([row.name: unclean]).map(\.name) == [row.name], "\(unclean.debugDescription)")
        }
    }

    @Test("A required variable that is missing or empty stops the start")
    func requiredValues() {
        for name in SettingsRig.required.keys {
            #expect(SettingsRig.problems([name: nil]).map(\.name) == [name])
            #expect(SettingsRig.problems([name: nil]).map(\.wrong) == ["is required, but not set"])
            #expect(SettingsRig.problems([name: ""]).map(\.wrong) == ["is required, but empty"])
        }
        #expect(Set(SettingCatalogue.all.filter(\.isRequired).map(\.name)) == Set(SettingsRig.required.keys))
    }

    @Test("An API key of Twilio is set whole or not at all, and then signs in")
    func apiKeyOfTwilio() throws {
        let (sid, secret) = ("SK5f0c1b7de1a94c7fb1d9a7c4e0b2d836", "Qb7hVn3zKc9sWd5x")
        #expect(SettingsRig.problems(["TWILIO_API_KEY_SID": sid]).map(\.name) == ["TWILIO_API_KEY_SECRET"])
        #expect(SettingsRig.problems(["TWILIO_API_KEY_SECRET": secret]).map(\.name) == ["TWILIO_API_KEY_SID"])
        #expect(
            SettingsRig.problems(["TWILIO_API_KEY_SECRET": secret, "TWILIO_API_KEY_SID": ""]).map(\.name)
                == ["TWILIO_API_KEY_SID"]
        )
        for bad in ["AC5f0c1b7de1a94c7fb1d9a7c4e0b2d836", "SK1", "sk5f0c1b7de1a94c7fb1d9a7c4e0b2d836"] {
            let problems = SettingsRig.problems(["TWILIO_API_KEY_SID": bad, "TWILIO_API_KEY_SECRET": secret])
            #expect(problems.map(\.name) == ["TWILIO_API_KEY_SID"])
        }
        let short = SettingsRig.problems(["TWILIO_API_KEY_SID": sid, "TWILIO_API_KEY_SECRET": "short"])
        #expect(short.map(\.name) == ["TWILIO_API_KEY_SECRET"])

        // The cases' payloads, by reflection: the module of the type is no dependency of these tests.
        let without = try SettingsRig.load()
        let token = Mirror(reflecting: without.twilioCredentials).children.first
        #expect(token?.label == "authToken")
        #expect((token?.value as? Secret)?.exposed == SettingsRig.authToken)
        let with = try SettingsRig.load(["TWILIO_API_KEY_SID": sid, "TWILIO_API_KEY_SECRET": secret])
        let key = Mirror(reflecting: with.twilioCredentials).children.first
        #expect(key?.label == "apiKey")
        let pair = key?.value as? (sid: String, secret: Secret)
        #expect(pair?.sid == sid)
        #expect(pair?.secret.exposed == secret)
        #expect(with.authTokens.map(\.exposed) == [SettingsRig.authToken])
    }

    @Test("UPSTREAM_CA_FILE names a readable file with a certificate, from the working directory on")
    func certificateFile() throws {
        let authority = String(decoding: try Fixture.bytes("tls/ca.pem"), as: UTF8.self)
        let garbage = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"
        let folder = try Folder(["ca.pem": authority, "empty.pem": "", "garbage.pem": garbage])
        try folder.makeDirectory("directory")
        for path in ["ca.pem", folder.path("ca.pem")] {
            let settings = try SettingsRig.load(["UPSTREAM_CA_FILE": path], in: folder)
            #expect(settings.upstreamCAFile == folder.path("ca.pem"))
        }
        for path in ["missing.pem", "empty.pem", "garbage.pem", "directory", folder.path("missing.pem")] {
            #expect(
                SettingsRig.problems(["UPSTREAM_CA_FILE": path], in: folder).map(\.name) == ["UPSTREAM_CA_FILE"],
                "\(path)"
            )
        }
        #expect(try SettingsRig.load(in: folder).upstreamCAFile == nil)
    }

    @Test("TWIML_DIR names a directory; without it twiml counts, if it is there")
    func twimlDirectory() throws {
        let folder = try Folder(["file": ""])
        #expect(try SettingsRig.load(in: folder).twimlDirectory == nil)
        #expect(SettingsRig.problems(["TWIML_DIR": "twiml"], in: folder).map(\.name) == ["TWIML_DIR"])
        #expect(SettingsRig.problems(["TWIML_DIR": "file"], in: folder).map(\.name) == ["TWIML_DIR"])
        try folder.makeDirectory("twiml")
        try folder.makeDirectory("other")
        #expect(try SettingsRig.load(in: folder).twimlDirectory == folder.path("twiml"))
        #expect(try SettingsRig.load(["TWIML_DIR": "other"], in: folder).twimlDirectory == folder.path("other"))
        #expect(try SettingsRig.load(["TWIML_DIR": ""], in: folder).twimlDirectory == folder.path("twiml"))
    }
}
