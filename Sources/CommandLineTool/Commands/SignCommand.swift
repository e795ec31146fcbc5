import ArgumentParser
import CallDomain
import Foundation
import TwilioAdapter

/// `switchboard sign`: prints a webhook, signed with the configured secrets, as a curl command.
struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Prints a signed webhook as a curl command, to try a gateway by hand.",
        discussion: """
            Reads the same environment and .env as serve. The gateway accepts the printed message like the vendor's own: \
            Twilio's until the auth token changes, Ultravox's for ULTRAVOX_TIMESTAMP_TOLERANCE.

              switchboard sign status --call call_0… --call-sid CA… --status completed
              switchboard sign voice --call-sid CA… --param From=+12125550100
              switchboard sign ultravox --call call_0… --event call.ended
              sh -c "$(switchboard sign status --to http://127.0.0.1:8080)"
            """
    )

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case voice, fallback, status, amd, stream, recording, ultravox
    }

    @Argument(help: "What to sign: \(Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var kind: Kind

    @Option(help: "Our id of the call; without it the message is about an inbound call.")
    var call: String?

    @Option(help: "Twilio's id of the call; generated if not given.")
    var callSid: String?

    @Option(help: "The value of CallStatus, AnsweredBy, StreamEvent or RecordingStatus, depending on the kind.")
    var status: String?

    @Option(help: "Ultravox's event: call.started, call.joined, call.ended or call.billed.")
    var event: String?

    @Option(help: "Ultravox's id of the call; generated if not given.")
    var ultravoxCall: String?

    @Option(
        name: .customLong("param"),
        help: ArgumentHelp("Adds or replaces a parameter of a Twilio webhook.", valueName: "NAME=VALUE")
    )
    var parameters: [String] = []

    @Option(
        help: ArgumentHelp(
            "The address to send to, such as http://127.0.0.1:8080; the signature is for PUBLIC_BASE_URL in any case.",
            valueName: "URL"
        )
    )
    var to: String?

    @OptionGroup var options: SettingOptions

    /// The options, read.
    private struct Inputs {
        let destination: String?
        let callID: CallID?
        let callSid: CallSid?
        let ultravoxCallID: UltravoxCallID?
        let parameters: [(name: String, value: String)]
    }

    /// Here and not in ``run()``, so that a mistake is answered with the usage of this command.
    func validate() throws {
        _ = try inputs()
        if TwilioWebhook.Kind(rawValue: kind.rawValue) != nil {
            guard event == nil, ultravoxCall == nil else {
                throw ValidationError("--event and --ultravox-call are for ultravox; for Twilio use --status")
            }
        } else {
            guard status == nil, callSid == nil, parameters.isEmpty else {
                throw ValidationError("--status, --call-sid and --param are for Twilio; for ultravox use --event")
            }
        }
    }

    private func inputs() throws -> Inputs {
        Inputs(
            destination: try to.map { try GatewayAddress.checked($0, option: "--to") },
            callID: try Self.identifier("--call", call, "call_ followed by 26 characters", CallID.init(_:)),
            callSid: try Self.identifier(
                "--call-sid",
                callSid,
                "CA followed by 32 hexadecimal digits",
                CallSid.init(_:)
            ),
            ultravoxCallID: try Self.identifier("--ultravox-call", ultravoxCall, "a UUID", UltravoxCallID.init(_:)),
            parameters: try parameters.map(Self.parameter)
        )
    }

    func run() throws {
        let inputs = try inputs()
        let settings = try Settings.loadOrExit(options)
        let sample = SampleWebhook(settings: settings, callID: inputs.callID, now: SystemClock().now)
        let message =
            if let twilio = TwilioWebhook.Kind(rawValue: kind.rawValue) {
                sample.twilio(twilio, callSid: inputs.callSid, status: status, parameters: inputs.parameters)
            } else {
                sample.ultravox(event ?? "call.started", ultravoxCallID: inputs.ultravoxCallID)
            }
        Terminal().line(message.curl(to: inputs.destination ?? settings.publicBaseURL))
    }

    private static func identifier<ID>(
        _ option: String,
        _ text: String?,
        _ good: String,
        _ make: (String) -> ID?
    ) throws -> ID? {
        guard let text else { return nil }
        guard let id = make(text) else { throw ValidationError("\(option) is not \(good)") }
        return id
    }

    private static func parameter(_ text: String) throws -> (name: String, value: String) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw ValidationError("--param must be NAME=VALUE")
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}
