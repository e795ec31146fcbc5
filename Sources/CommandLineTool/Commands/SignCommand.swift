import ArgumentParser
import CallDomain
import Foundation
import OrderedCollections
import TwilioAdapter

/// `switchboard sign`: prints a webhook, signed with the configured secrets, as a curl command.
struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Prints a signed webhook as a curl command, to try a gateway by hand.",
        discussion: """
            Reads the same environment and .env as serve. Examples:
              switchboard sign status --call call_0… --call-sid CA… --status ringing
              switchboard sign voice --call call_0… --param From=+12025550143
              switchboard sign ultravox --call call_0… --status call.ended
            """
    )

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case voice, fallback, status, amd, stream, recording, ultravox
    }

    @Argument(help: "What to sign: \(Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var kind: Kind

    @Option(help: "Our id of the call.")
    var call: String?

    @Option(help: "Twilio's id of the call; made up if there is none.")
    var callSid: String?

    @Option(help: "The CallStatus, or Ultravox's event, such as call.ended.")
    var status: String?

    @Option(help: "Ultravox's id of the call; made up if there is none.")
    var ultravoxCall: String?

    @Option(name: .customLong("param"), help: ArgumentHelp("Adds or replaces a parameter.", valueName: "NAME=VALUE"))
    var parameters: [String] = []

    @Option(
        help: ArgumentHelp("Sends it to that origin; it is signed for PUBLIC_BASE_URL in any case.", valueName: "URL")
    )
    var to: String?

    @OptionGroup var options: SettingOptions

    func run() throws {
        let settings: Settings
        do {
            settings = try Settings.load(
                environment: ProcessInfo.processInfo.environment.merging(try options.settings()) { $1 },
                workingDirectory: URL(filePath: FileManager.default.currentDirectoryPath)
            )
        } catch {
            try FileHandle.standardError.write(contentsOf: Data("\(error)\n".utf8))
            throw ExitCode(78)
        }
        if let call, CallID(call) == nil {
            throw ValidationError("--call is not an id of this gateway's: call_ and 26 or more characters")
        }
        if let callSid, CallSid(callSid) == nil {
            throw ValidationError("--call-sid is not CA and 32 hexadecimal digits")
        }
        let message = SignedWebhook(settings: settings, now: SystemClock().now)
        let command: String
        switch kind {
        case .ultravox:
            command = message.ultravox(
                event: status ?? "call.started",
                ultravoxCallID: ultravoxCall,
                callID: call,
                to: to
            )
        case .voice, .fallback, .status, .amd, .stream, .recording:
            command = message.twilio(
                kind.rawValue,
                callID: call,
                callSid: callSid ?? "CA" + SignedWebhook.hex(16),
                status: status,
                overrides: try overrides(),
                to: to
            )
        }
        Terminal().line(command)
    }

    private func overrides() throws -> [(name: String, value: String)] {
        try parameters.map { text in
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw ValidationError("--param is written NAME=VALUE")
            }
            return (String(text[..<equals]), String(text[text.index(after: equals)...]))
        }
    }
}
