import ArgumentParser
import CallDomain
import CurlTransport
import Foundation
import Logging
import TwilioAdapter

/// `switchboard check`: shows the configuration and tests what can be tested without calling anybody.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Shows the configuration and tests it: templates, journal, vendors, phone number, inbound agent, clock, public address.",
        discussion: """
            Reads the same environment and .env as serve. The last test sends signed messages through PUBLIC_BASE_URL to \
            the running gateway and names the fault if they do not arrive unchanged; the gateway lists them as dead \
            letters. Exit code: 0 if all tests passed, 1 if a test failed, 78 if the configuration has problems.
            """
    )

    @OptionGroup var options: SettingOptions

    func run() async throws {
        let settings = try Settings.loadOrExit(options)
        let terminal = Terminal()
        let safe = SafeText(settings)
        terminal.line(settings.redactedDescription)
        terminal.line()
        var findings = settings.warnings.map { Finding("setting", .warning, $0) }
        if !settings.withoutEffect.isEmpty {
            let names = settings.withoutEffect.joined(separator: ", ")
            findings.append(Finding("setting", .warning, "without effect in this version: \(names)"))
        }
        findings.append(templates(settings))
        findings.append(.journal(settings.journal))
        for finding in findings { show(finding, safe, terminal) }
        for finding in try await connections(settings) {
            show(finding, safe, terminal)
            findings.append(finding)
        }
        let failed = findings.filter { $0.outcome == .failed }.count
        terminal.line()
        terminal.line(failed == 0 ? "All tests passed." : failed == 1 ? "1 test failed." : "\(failed) tests failed.")
        if failed > 0 { throw ExitCode(1) }
    }

    private func templates(_ settings: Settings) -> Finding {
        do throws(TwiMLTemplateError) {
            _ = try TwiMLTemplates(directory: settings.twimlDirectory)
            return Finding("templates", .ok, settings.twimlDirectory ?? "the built-in copies")
        } catch {
            let problems = error.description.replacing("\n", with: "; ")
            return Finding("templates", .failed, "\(problems): correct the file, or remove it to use the built-in copy")
        }
    }

    private func connections(_ settings: Settings) async throws -> [Finding] {
        let logger = Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }
        let vendors: CurlEngine
        let direct: CurlEngine
        do throws(CurlEngineError) {
            vendors = try CurlEngine(
                configuration: CurlConfiguration(
                    additionalCAFile: settings.upstreamCAFile,
                    proxy: settings.upstreamProxy
                ),
                logger: logger
            )
            // UPSTREAM_PROXY is the way to the vendors alone; who trusts the gateway are the vendors.
            direct = try CurlEngine(logger: logger)
        } catch {
            try FileHandle.standardError.write(contentsOf: Data("switchboard cannot start: \(error)\n".utf8))
            throw ExitCode(78)
        }
        let clock = SystemClock()
        async let probe = PublicProbe(settings: settings, transport: direct, clock: clock).finding()
        let checks = VendorChecks(settings: settings, transport: vendors, clock: clock, logger: logger)
        return await checks.findings() + [await probe]
    }

    private func show(_ finding: Finding, _ safe: SafeText, _ terminal: Terminal) {
        let style: Terminal.Style =
            switch finding.outcome {
            case .ok: .green
            case .warning, .skipped: .yellow
            case .failed: .red
            }
        let word = Terminal.column(finding.outcome.rawValue, 9)
        terminal.line("\(terminal.styled(word, style))\(Terminal.column(finding.name, 14))\(safe(finding.text))")
    }
}

extension Settings {
    /// The settings as `serve` would read them; problems are written to standard error.
    /// - Throws: `ExitCode` 78 if there are problems.
    static func loadOrExit(_ options: SettingOptions) throws -> Settings {
        do throws(SettingsProblems) {
            return try Settings.load(
                environment: ProcessInfo.processInfo.environment,
                options: options.given,
                workingDirectory: URL(filePath: FileManager.default.currentDirectoryPath)
            )
        } catch {
            try FileHandle.standardError.write(contentsOf: Data("\(error)\n".utf8))
            throw ExitCode(78)
        }
    }
}
