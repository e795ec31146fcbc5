import Foundation
import Logging
import NIOCore
import ServiceLifecycle
import Testing

@testable import CommandLineTool

@Suite struct `A gateway that cannot listen` {
    @Test(arguments: [
        (EADDRINUSE, "127.0.0.1", "another program listens on 127.0.0.1:80;", "PORT"),
        (EACCES, "0.0.0.0", "does not let this program listen on 0.0.0.0:80;", "PORT"),
        (EACCES, "::", "listen on [::]:80;", "CAP_NET_BIND_SERVICE"),
        (EADDRNOTAVAIL, "203.0.113.1", "203.0.113.1:80 is not an address of this machine;", "HOST"),
        (EAFNOSUPPORT, "::1", "[::1]:80 is not an address of this machine;", "HOST"),
    ])
    func `says what is wrong with the address, and which setting names another one`(
        code: Int32,
        host: String,
        words: String,
        setting: String
    ) throws {
        let settings = try SettingsRig.load(["HOST": host, "PORT": "80"])
        let problem = try #require(CannotListen(IOError(errnoCode: code, reason: "bind"), settings))
        #expect(problem.description.contains(words))
        #expect(problem.description.contains(setting))
    }

    @Test func `says so of a name that has no address`() throws {
        // No name at all, so that nobody is asked for it.
        let error = try #require(throws: SocketAddressError.UnknownHost.self) {
            _ = try SocketAddress.makeAddressResolvingHost("a..b", port: 80)
        }
        let settings = try SettingsRig.load(["HOST": "gateway.internal", "PORT": "80"])
        let problem = try #require(CannotListen(error, settings))
        #expect(problem.cause == .unknownHost)
        #expect(problem.description.contains("gateway.internal:80 is a name without an address; set HOST"))
    }

    @Test func `leaves other errors as they are`() throws {
        let settings = try SettingsRig.load()
        #expect(CannotListen(IOError(errnoCode: EMFILE, reason: "accept"), settings) == nil)
        #expect(CannotListen(CancellationError(), settings) == nil)
    }

    @Test(.timeLimit(.minutes(1))) func `ends with that error`() async throws {
        // An address of the block for documentation: no machine has it, and nothing is sent there.
        let settings = try SettingsRig.load([
            "HOST": "203.0.113.1", "PORT": "0", "TWILIO_BASE_URL": "http://127.0.0.1:9",
            "ULTRAVOX_BASE_URL": "http://127.0.0.1:9", "SHUTDOWN_GRACE": "0s", "JOURNAL": "none",
        ])
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let gateway = try GatewayProcess(settings: settings, logger: logger)
        let group = ServiceGroup(services: gateway.services, logger: logger)
        let error = try await #require(throws: CannotListen.self) { try await group.run() }
        #expect(error.cause == .foreignAddress)
    }
}
