import ArgumentParser

/// The `switchboard` executable.
@main
struct Switchboard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switchboard",
        abstract: "A gateway between Twilio phone calls and Ultravox AI voice agents.",
        discussion: "Try `switchboard demo`: it needs no account.",
        version: version,
        subcommands: [
            ServeCommand.self, CheckCommand.self, SignCommand.self, HealthCommand.self, JournalCommand.self,
            DemoCommand.self, SandboxCommand.self,
        ]
    )

    static func main() async {
        StandardStreams.openMissing()
        await main(nil)
    }

    static let version = "0.1.0"
}
