import CallDomain
import Foundation
import Testing

@testable import CommandLineTool

@Suite("Sources of settings")
struct SettingsSourceTests {
    @Test("The environment wins over .env, and .env over defaults")
    func precedence() throws {
        let folder = try Folder([".env": "PORT=1\nMAX_CONNECTIONS=2\n"])
        let settings = try SettingsRig.load(["PORT": "3"], in: folder)
        #expect(settings.port == 3 && settings.maxConnections == 2 && settings.host == "127.0.0.1")
    }

    @Test("An empty variable of the environment hides the value in .env")
    func emptyWins() throws {
        let folder = try Folder([".env": "PORT=1\nTWILIO_AUTH_TOKEN=\(SettingsRig.authToken)\n"])
        #expect(try SettingsRig.load(["PORT": ""], in: folder).port == 8080)
        #expect(SettingsRig.problems(["TWILIO_AUTH_TOKEN": ""], in: folder).map(\.wrong) == ["is required, but empty"])
        #expect(SettingsRig.problems(["TWILIO_AUTH_TOKEN": nil], in: folder) == [])
    }

    @Test("A .env alone can hold everything, with comments, quotes, export and CRLF")
    func dotEnvAlone() throws {
        let lines = SettingsRig.required.map { "export \($0.key)=\"\($0.value)\" # needed" } + ["PORT='0'", "# end"]
        let folder = try Folder([".env": lines.joined(separator: "\r\n")])
        let settings = try Settings.load(environment: ["PATH": "/bin", "HOME": "/"], workingDirectory: folder.url)
        #expect(settings.port == 0)
        #expect(settings.apiKeys.map(\.secret.exposed) == [SettingsRig.apiKey])
        #expect(settings.warnings.isEmpty)
    }

    @Test("Without a working directory no .env is read")
    func noWorkingDirectory() throws {
        #expect(try SettingsRig.load().port == 8080)
    }

    @Test("A foreign name in .env is a warning, a near miss a problem, each with its line")
    func foreignNames() throws {
        let folder = try Folder([".env": "COMPOSE_PROJECT_NAME=x\n"])
        #expect(
            try SettingsRig.load(in: folder).warnings
                == [".env line 1 sets COMPOSE_PROJECT_NAME, which is not a setting of this gateway"]
        )
        try folder.write(".env", Data("PORT=1\nport=2\nTWILIO_AUTH_TOKN=x\n".utf8))
        #expect(
            SettingsRig.problems([:], in: folder).map(\.description) == [
                ".env line 2 sets port, which is not a setting: did you mean PORT?",
                ".env line 3 sets TWILIO_AUTH_TOKN, which is not a setting: did you mean TWILIO_AUTH_TOKEN?",
            ]
        )
    }

    @Test("A name that stands twice in .env is a problem")
    func doubleNames() throws {
        let folder = try Folder([".env": "PORT=1\nOTHER=1\nPORT=1\nOTHER=2\n"])
        #expect(
            SettingsRig.problems([:], in: folder).map(\.description)
                == [".env line 3 sets PORT a second time, after line 1"]
        )
    }

    @Test("A .env that cannot be read as text is a problem")
    func unreadableDotEnv() throws {
        let directory = try Folder()
        try directory.makeDirectory(".env")
        #expect(SettingsRig.problems([:], in: directory).map(\.description) == [".env is a directory"])
        let binary = try Folder()
        try binary.write(".env", Data([0x50, 0x3D, 0xFF, 0xFE]))
        #expect(SettingsRig.problems([:], in: binary).map(\.description) == [".env is not UTF-8 text"])
    }

    @Test(
        "NAME_FILE gives the content of a file without the line end",
        arguments: ["", "\n", "\r\n", "\n\n"]
    )
    func files(end: String) throws {
        let folder = try Folder(["token": SettingsRig.authToken + end, "port": "81" + end])
        for path in ["token", folder.path("token")] {
            var environment = SettingsRig.required.merging(
                ["TWILIO_AUTH_TOKEN_FILE": path, "PORT_FILE": "port"]
            ) { $1 }
            environment["TWILIO_AUTH_TOKEN"] = nil
            let settings = try Settings.load(environment: environment, workingDirectory: folder.url)
            #expect(settings.authTokens.map(\.exposed) == [SettingsRig.authToken])
            #expect(settings.port == 81)
        }
    }

    @Test("A content is checked as any other value: lines inside it stop the start")
    func severalLines() throws {
        let folder = try Folder(["token": "0123456789abcdef\n0123456789abcdef\n"])
        let problems = SettingsRig.problems(
            ["TWILIO_AUTH_TOKEN": nil, "TWILIO_AUTH_TOKEN_FILE": "token"],
            in: folder
        )
        #expect(problems.map(\.name) == ["TWILIO_AUTH_TOKEN"])
    }

    @Test("A file that cannot be read is one problem, not also a missing value")
    func unreadableFiles() throws {
        let folder = try Folder()
        try folder.makeDirectory("directory")
        try folder.write("binary", Data([0xFF, 0xFE, 0x00]))
        try folder.write("large", Data(repeating: 0x61, count: (1 << 20) + 1))
        let expected = [
            "missing": "does not exist", "directory": "is a directory", "binary": "is not UTF-8 text",
            "large": "is larger than 1 MiB",
        ]
        for (path, wrong) in expected {
            let problems = SettingsRig.problems(
                ["TWILIO_AUTH_TOKEN": nil, "TWILIO_AUTH_TOKEN_FILE": path],
                in: folder
            )
            #expect(problems.map(\.description) == ["TWILIO_AUTH_TOKEN_FILE names a file that \(wrong)"])
        }
    }

    @Test("NAME and NAME_FILE together are a problem, in one source")
    func bothForms() throws {
        let folder = try Folder(["port": "1", ".env": "PORT=1\nPORT_FILE=port\n"])
        let wrong = "PORT and PORT_FILE are both set: remove one of them"
        #expect(SettingsRig.problems([:], in: folder).map(\.description) == [wrong])
        #expect(SettingsRig.problems(["PORT": "1", "PORT_FILE": folder.path("port")]).map(\.description) == [wrong])
        // The environment wins as a whole.
        #expect(try SettingsRig.load(["PORT": "2"], in: folder).port == 2)
        #expect(try SettingsRig.load(["PORT_FILE": "port"], in: folder).port == 1)
        // An empty one counts as not set.
        #expect(try SettingsRig.load(["PORT": "", "PORT_FILE": "port"], in: folder).port == 1)
        #expect(try SettingsRig.load(["PORT": "5", "PORT_FILE": ""], in: folder).port == 5)
    }

    @Test("An empty file leaves an optional setting unset, without a word, and stops the start of a required one")
    func emptyFiles() throws {
        let folder = try Folder(["empty": "\n"])
        let settings = try SettingsRig.load(["TWILIO_AUTH_TOKEN_SECONDARY_FILE": "empty"], in: folder)
        #expect(settings.authTokens.count == 1)
        #expect(settings.warnings.isEmpty)
        let problems = SettingsRig.problems(["API_KEYS": nil, "API_KEYS_FILE": "empty"], in: folder)
        #expect(problems.map(\.name) == ["API_KEYS"])
        #expect(problems.map(\.wrong) == ["is required, but empty"])
    }

    @Test("A near miss in the environment stops the start where the setting it resembles is required and missing")
    func nearMissOfMissing() throws {
        let folder = try Folder(["keys": "frontend:\(SettingsRig.apiKey)"])
        for name in ["API_KEY", "API_KEY_FILE"] {
            #expect(
                SettingsRig.problems(["API_KEYS": nil, name: "x"]).map(\.description).first
                    == "\(name) is not a setting: did you mean \(name.replacing("KEY", with: "KEYS"))?"
            )
            #expect(SettingsRig.problems(["API_KEYS": "", name: "x"]).map(\.name) == [name, "API_KEYS"])
            #expect(SettingsRig.problems([name: "x"]) == [])
            let inFile: [String: String?] = ["API_KEYS": nil, "API_KEYS_FILE": folder.path("keys"), name: "x"]
            #expect(SettingsRig.problems(inFile) == [])
        }
        try folder.write(".env", Data("API_KEYS=frontend:\(SettingsRig.apiKey)".utf8))
        #expect(SettingsRig.problems(["API_KEYS": nil, "API_KEY": "x"], in: folder) == [])
        // Empty in the environment, it hides that of .env.
        #expect(
            SettingsRig.problems(["API_KEYS": "", "API_KEY": "x"], in: folder).map(\.name) == ["API_KEY", "API_KEYS"]
        )
    }

    @Test("Elsewhere a near miss in the environment is a warning, and an ordinary variable is nothing")
    func nearMissInEnvironment() throws {
        for (name, meant) in [
            ("API_KEY", "API_KEYS"), ("CORS_ORIGIN", "CORS_ORIGINS"), ("LOGLEVEL", "LOG_LEVEL"),
            ("ULTRAVOX_WEBHOOK_SECRET", "ULTRAVOX_WEBHOOK_SECRETS"),
            ("TWILIO_AUTH_TOKEN_SECONDRY_FILE", "TWILIO_AUTH_TOKEN_SECONDARY_FILE"),
        ] {
            let settings = try SettingsRig.load([name: "CANARY7"])
            #expect(
                settings.warnings
                    == [
                        "\(name) in the environment is not a setting. It resembles \(meant): rename it if you meant that"
                    ]
            )
        }
        #expect(try SettingsRig.load(["TWILIO_REGION": "ie1", "FOO": "bar", "HOSTNAME": "h"]).warnings == [])
    }

    @Test("The content of a file in quotes is a problem: nothing takes them away there", arguments: ["\"", "'"])
    func quotedFiles(quote: String) throws {
        let folder = try Folder(["token": quote + SettingsRig.authToken + quote + "\n"])
        let problems = SettingsRig.problems(
            ["TWILIO_AUTH_TOKEN": nil, "TWILIO_AUTH_TOKEN_FILE": "token"],
            in: folder
        )
        #expect(problems.map(\.name) == ["TWILIO_AUTH_TOKEN"])
        #expect(problems.first?.wrong.contains("in quotes") == true)
        // In .env they are the file's, unless there are two pairs.
        try folder.write(".env", Data("PORT=\(quote)81\(quote)".utf8))
        #expect(try SettingsRig.load(in: folder).port == 81)
        let other = quote == "'" ? "\"" : "'"
        try folder.write(".env", Data("PORT=\(other)\(quote)81\(quote)\(other)".utf8))
        #expect(SettingsRig.problems([:], in: folder).map(\.name) == ["PORT"])
    }
}
