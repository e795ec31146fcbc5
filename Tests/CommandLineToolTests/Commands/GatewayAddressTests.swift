import ArgumentParser
import Testing

@testable import CommandLineTool

@Suite struct `The address of a gateway as an option` {
    @Test(arguments: ["127.0.0.1:8080", "ftp://127.0.0.1", "http://gateway.example.com"])
    func `is refused with the usage of its command unless it is https or of this machine`(address: String) throws {
        for arguments in [["health", "--url", address], ["sign", "status", "--to", address]] {
            let error = try #require(throws: (any Error).self) { _ = try Switchboard.parseAsRoot(arguments) }
            let message = Switchboard.fullMessage(for: error)
            #expect(message.contains(arguments[arguments.count - 2]))
            #expect(message.contains("Usage: switchboard \(arguments[0])"))
            #expect(Switchboard.exitCode(for: error) == .validationFailure)
        }
    }

    @Test(arguments: ["http://127.0.0.1:8080", "https://gateway.example.com/below"])
    func `may be one of this machine, or https`(address: String) throws {
        #expect(try GatewayAddress.checked(address, option: "--url") == address)
    }
}
