import CallDomain
import Foundation
import TestSupport
import Testing
import TwilioAdapter

@testable import CommandLineTool

/// Files that could hold a reader up.
@Suite(.timeLimit(.minutes(1))) struct `A file that is no regular one` {
    private static let token = "0123456789abcdef0123456789abcdef"

    private func pipe(_ name: String, in folder: Folder) throws {
        try #require(mkfifo(folder.path(name), 0o600) == 0)
    }

    /// Loads settings whose secondary token stands in that file.
    private func load(_ path: String, in folder: Folder) throws(SettingsProblems) -> Settings {
        try SettingsRig.load(["TWILIO_AUTH_TOKEN_SECONDARY_FILE": path], in: folder)
    }

    private func problems(_ variables: [String: String?], in folder: Folder) -> [String] {
        SettingsRig.problems(variables, in: folder).map(\.description)
    }

    @Test(arguments: ["TWILIO_AUTH_TOKEN_SECONDARY_FILE", "PORT_FILE"])
    func `and that nobody writes to is a problem that says what to do`(name: String) throws {
        let folder = try Folder()
        try pipe("pipe", in: folder)
        let start = ContinuousClock.now
        let problems = problems([name: "pipe"], in: folder)
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("\(name) names a file that is a pipe") == true)
        #expect(problems.first?.contains("write the value into a regular file") == true)
    }

    @Test func `has one second for all of them at a reload`() throws {
        let folder = try Folder()
        var variables: [String: String?] = [:]
        for entry in SettingCatalogue.all where !entry.isRequired {
            try pipe(entry.name, in: folder)
            variables[entry.name + "_FILE"] = entry.name
        }
        let start = ContinuousClock.now
        #expect(problems(variables, in: folder).count == variables.count)
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test func `but a pipe that somebody writes to gives the value`() throws {
        let folder = try Folder()
        try pipe("pipe", in: folder)
        let path = folder.path("pipe")
        Thread.detachNewThread {
            let descriptor = open(path, O_WRONLY)
            defer { close(descriptor) }
            _ = Self.token.withCString { write(descriptor, $0, strlen($0)) }
        }
        #expect(try load("pipe", in: folder).authTokens.last?.exposed == Self.token)
    }

    @Test func `but has longer at the start, for a command that asks a server`() throws {
        let folder = try Folder()
        try pipe("pipe", in: folder)
        let path = folder.path("pipe")
        let beyondReload = Surroundings.patienceAtReload / .milliseconds(1) + 300
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(beyondReload))) {
            let descriptor = open(path, O_WRONLY)
            defer { close(descriptor) }
            _ = Self.token.withCString { write(descriptor, $0, strlen($0)) }
        }
        #expect(try load("pipe", in: folder).authTokens.last?.exposed == Self.token)
    }

    /// `NAME_FILE=<(command)` of a shell.
    @Test func `but the end of a process's output gives the value once, and then says why not`() throws {
        let folder = try Folder()
        var ends: [Int32] = [-1, -1]
        try #require(Foundation.pipe(&ends) == 0)
        defer { close(ends[0]) }
        _ = Self.token.withCString { write(ends[1], $0, strlen($0)) }
        close(ends[1])
        let path = "/dev/fd/\(ends[0])"
        #expect(try load(path, in: folder).authTokens.last?.exposed == Self.token)
        // What a reload finds: an unset token would be the wrong conclusion.
        let problem = problems(["TWILIO_AUTH_TOKEN_SECONDARY_FILE": path], in: folder).first
        #expect(problem?.contains("is a pipe that gives nothing") == true)
    }

    @Test func `is empty where that is what it is for`() throws {
        #expect(try load("/dev/null", in: Folder()).authTokens.count == 1)
    }

    @Test func `and that never ends is too large`() throws {
        let problem = problems(["TWILIO_AUTH_TOKEN_SECONDARY_FILE": "/dev/zero"], in: try Folder()).first
        #expect(problem?.hasSuffix("is larger than 1 MiB") == true)
    }

    @Test func `does not hold up the reading of .env`() throws {
        let folder = try Folder()
        try pipe(".env", in: folder)
        let problems = problems([:], in: folder)
        #expect(problems.count == 1 && problems.first?.hasPrefix(".env is a pipe") == true)
    }

    @Test func `has no certificates: they are read again`() throws {
        let folder = try Folder()
        try pipe("ca.pem", in: folder)
        let problem = problems(["UPSTREAM_CA_FILE": "ca.pem"], in: folder).first
        #expect(problem?.hasPrefix("UPSTREAM_CA_FILE names a file that is no regular file") == true)
        #expect(problem?.contains("copy the content into a regular file") == true)
    }

    @Test func `is no TwiML template`() throws {
        let folder = try Folder()
        try folder.makeDirectory("twiml")
        try pipe("twiml/hangup.xml", in: folder)
        let error = try #require(throws: TwiMLTemplateError.self) {
            _ = try TwiMLTemplates(directory: folder.path("twiml"))
        }
        #expect(error.problems.map(\.problem) == ["is no regular file"])
        // Files of a Kubernetes config map are symbolic links.
        let copy = try Folder(["kept.xml": "<Response><Hangup/></Response>"])
        try copy.makeDirectory("twiml")
        try #require(symlink(copy.path("kept.xml"), copy.path("twiml/hangup.xml")) == 0)
        _ = try TwiMLTemplates(directory: copy.path("twiml"))
    }
}
