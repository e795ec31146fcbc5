import Foundation
import Testing

@testable import CommandLineTool

@Suite struct `A gateway on this machine` {
    @Test(arguments: [
        ("127.0.0.1", 8080, "http://127.0.0.1:8080"), ("0.0.0.0", 80, "http://127.0.0.1:80"),
        ("::", 8080, "http://[::1]:8080"), ("::1", 8080, "http://[::1]:8080"),
        ("localhost", 1, "http://localhost:1"), ("127.0.0.2", 65_535, "http://127.0.0.2:65535"),
    ])
    func `is asked where it listens`(host: String, port: Int, url: String) {
        #expect(LocalAddress(host: host, port: port)?.url == url)
    }

    @Test(arguments: [("127.0.0.1", 0), ("10.1.2.3", 8080), ("gateway.internal", 8080), ("fe80::1", 8080)])
    func `is not asked where that is not known, or not in the clear`(host: String, port: Int) {
        #expect(LocalAddress(host: host, port: port) == nil)
    }

    private func url(_ environment: [String: String], in folder: Folder? = nil) throws(SettingsProblems) -> String {
        try LocalAddress.load(environment: environment, workingDirectory: folder?.url).url
    }

    @Test func `is found by HOST and PORT wherever they stand`() throws {
        #expect(try url([:]) == "http://127.0.0.1:8080")
        #expect(try url(["HOST": "0.0.0.0", "PORT": "81"]) == "http://127.0.0.1:81")
        let folder = try Folder([".env": "export HOST='::'\nPORT_FILE=port\n", "port": "82\n"])
        #expect(try url([:], in: folder) == "http://[::1]:82")
        #expect(try url(["PORT": "83"], in: folder) == "http://[::1]:83")
    }

    @Test func `is found whatever is wrong with other settings`() throws {
        let folder = try Folder([".env": "PORT=82\noops\nAPI_KEYS=short\nTWILIO_AUTH_TOKEN_FILE=missing\n"])
        #expect(try url(["TWILIO_ACCOUNT_SID": "x", "TWILIO_AUTHTOKEN": "x"], in: folder) == "http://127.0.0.1:82")
    }

    @Test func `is not found where HOST or PORT are wrong or do not tell`() throws {
        let bad: [[String: String]: String] = [
            ["PORT": "x"]: "PORT", ["PORT": "0"]: "PORT", ["HOST": "a b"]: "HOST", ["HOST": "10.1.2.3"]: "HOST",
            ["PORT_FILE": "/missing"]: "PORT_FILE", ["PORT": "1", "PORT_FILE": "/missing"]: "PORT",
        ]
        for (environment, name) in bad {
            let error = try #require(throws: SettingsProblems.self) { _ = try url(environment) }
            #expect(error.problems.map(\.name) == [name])
        }
    }
}
