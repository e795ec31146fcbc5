import ArgumentParser
import CallDomain
import CurlTransport
import Foundation
import Logging
import TwilioAdapter
import UltravoxAdapter

/// `switchboard check`: shows the configuration and tests what can be tested without calling anybody.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Shows the configuration and tests it: vendors, phone number, templates, clock, public address.",
        discussion: """
            Reads the same environment and .env as serve. The last test sends a signed message through PUBLIC_BASE_URL \
            to the running gateway and names what is wrong with the way there. Exit code: 0 if all is well, 1 if a test \
            failed, 78 if the configuration does not load.
            """
    )

    @OptionGroup var options: SettingOptions

    func run() async throws {
        let terminal = Terminal()
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
        terminal.line(settings.redactedDescription)
        terminal.line()
        for warning in settings.warnings { show(Finding("setting", .warning, warning), terminal) }
        let logger = Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }
        let engine = try CurlEngine(
            configuration: CurlConfiguration(additionalCAFile: settings.upstreamCAFile, proxy: settings.upstreamProxy),
            logger: logger
        )
        // The gateway itself is never behind the proxy for vendors.
        let direct = try CurlEngine(
            configuration: CurlConfiguration(additionalCAFile: settings.upstreamCAFile),
            logger: logger
        )
        let clock = SystemClock()
        let urls = WebhookURLs(publicBaseURL: settings.publicBaseURL)
        let checks = VendorChecks(
            settings: settings,
            twilio: TwilioClient(
                configuration: .init(
                    accountSid: settings.accountSid,
                    credentials: Rotating(settings.twilioCredentials),
                    baseURL: settings.twilioBaseURL
                ),
                urls: urls,
                transport: engine,
                logger: logger
            ),
            ultravox: UltravoxClient(
                apiKey: Rotating(settings.ultravoxAPIKey),
                baseURL: settings.ultravoxBaseURL,
                callbackURL: { urls.ultravox(callID: $0) },
                transport: engine,
                clock: clock,
                logger: logger
            ),
            transport: engine,
            clock: clock
        )
        async let probe = PublicProbe(settings: settings, transport: direct, clock: clock).finding()
        let findings = [templates(settings)] + (await checks.findings()) + [await probe]
        for finding in findings { show(finding, terminal) }
        if findings.contains(where: { $0.outcome == .failed }) { throw ExitCode(1) }
    }

    private func templates(_ settings: Settings) -> Finding {
        do throws(TwiMLTemplateError) {
            _ = try TwiMLTemplates(directory: settings.twimlDirectory)
            return Finding("templates", .ok, settings.twimlDirectory ?? "the built-in copies")
        } catch {
            return Finding("templates", .failed, "\(error)")
        }
    }

    private func show(_ finding: Finding, _ terminal: Terminal) {
        let style: Terminal.Style =
            switch finding.outcome {
            case .ok: .green
            case .warning, .skipped: .yellow
            case .failed: .red
            }
        let word = Terminal.column(finding.outcome.rawValue, 8)
        terminal.line("\(terminal.styled(word, style))\(Terminal.column(finding.name, 14))\(finding.text)")
    }
}
