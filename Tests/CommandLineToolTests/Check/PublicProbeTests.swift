import CallDomain
import HTTPTypes
import OrderedCollections
import OutboundHTTP
import Testing

@testable import CommandLineTool

@Suite struct `The signed probe` {
    /// A gateway that takes everything, or refuses it without a word, and tells what arrived.
    private func gateway(
        takes: Bool = true,
        tells: @escaping @Sendable (inout JSONObject) -> Void = { _ in }
    ) -> ScriptedAnswers {
        ScriptedAnswers { request in
            let target = String(request.url.dropFirst("https://calls.example.com".count))
            if target == ProbeMessage.path {
                let problem: JSONValue = ["type": "urn:switchboard:problem:unauthorized", "instance": .string(target)]
                return .success(.json(405, problem))
            }
            guard target.hasPrefix(ProbeMessage.path) else { return .success(.init(status: takes ? 204 : 403)) }
            return .success(.json(200, .object(Self.report(of: request, target, tells))))
        }
    }

    private static func report(
        of request: OutboundRequest,
        _ target: String,
        _ tells: (inout JSONObject) -> Void
    ) -> JSONObject {
        guard let settings = try? SettingsRig.load() else { return [:] }
        let nonce = String(target.split(separator: "?")[1].dropFirst("nonce=".count).prefix { $0 != "&" })
        let keys = settings.webhookKeys(nonce: nonce)
        var report: JSONObject = [
            "target": .string(target),
            "body_sha256": .string(ProbeMessage.digest(of: request.body ?? [])),
            "content_type": .optional(request.headers[.contentType]),
            "twilio_signatures": 1,
            "ultravox_verdict": "ok",
            "twilio_keys": .array(keys.filter { $0.vendor == .twilio }.map { .string($0.fingerprint) }),
            "ultravox_keys": .array(keys.filter { $0.vendor == .ultravox }.map { .string($0.fingerprint) }),
            "account_sid": .string(settings.accountSid.text),
            "public_base_url": .string(settings.publicBaseURL),
            "time": .string(FixedClock().now.rfc3339),
        ]
        tells(&report)
        return report
    }

    private func finding(_ transport: ScriptedAnswers, _ variables: [String: String] = [:]) async throws -> Finding {
        let settings = try SettingsRig.load(variables.merging(["PORT": "0"]) { given, _ in given })
        return await PublicProbe(settings: settings, transport: transport, clock: FixedClock()).finding()
    }

    @Test func `shows the API key to nothing but the gateway's own path`() async throws {
        let transport = gateway()
        #expect(try await finding(transport).outcome == .ok)
        for request in transport.requests {
            let shows = request.headers[.xAPIKey] != nil
            #expect(shows == (request.method == .post && request.url.contains(ProbeMessage.path + "?")))
        }
        #expect(transport.requests.count == 4)
    }

    @Test(arguments: [
        ("account_sid", "AC00000000000000000000000000000000", "account"),
        ("public_base_url", "http://calls.example.com", "scheme"),
        ("public_base_url", "https://www.example.com", "host"),
        ("public_base_url", "https://calls.example.com:8443", "port"),
        ("public_base_url", "https://calls.example.com/voice", "path prefix"),
        ("time", "2026-11-18T00:00:00.000Z", "clock"),
        ("body_sha256", "00", "body"),
        ("target", "/webhooks/probe", "query"),
        ("target", "/other/probe", "path"),
        ("content_type", "text/plain", "header"),
    ])
    func `names what differs`(member: String, value: String, name: String) async throws {
        for takes in [true, false] {
            let found = try await finding(gateway(takes: takes) { $0[member] = .string(value) })
            #expect(found.outcome == .failed)
            #expect(found.text.hasPrefix(name + ": "), "\(found.text)")
        }
    }

    @Test(arguments: [("twilio_keys", "TWILIO_AUTH_TOKEN"), ("ultravox_keys", "ULTRAVOX_API_KEY")])
    func `names the secret that the gateway does not have`(member: String, setting: String) async throws {
        let found = try await finding(gateway(takes: false) { $0[member] = ["0123456789abcdef"] })
        #expect(found.text.hasPrefix("token: "))
        #expect(found.text.contains("another \(setting) than"))
    }

    @Test func `says so where nothing differs and the message is refused all the same`() async throws {
        let found = try await finding(gateway(takes: false))
        #expect(found.text.hasPrefix("path: the message was refused (status 403)"))
    }

    @Test func `tells that a machine may not reach its own public address`() async throws {
        let transport = ScriptedAnswers { request in
            request.url == "http://127.0.0.1:8080/health/live"
                ? .success(OutboundResponse(status: 200)) : .failure(TransportError(.timeout))
        }
        let found = try await finding(transport, ["PORT": "8080", "HOST": "0.0.0.0"])
        #expect(found.text.contains("The gateway itself answers at http://127.0.0.1:8080"))
        #expect(found.text.contains("elsewhere"))
    }

    @Test func `looks for the gateway in the clear on this machine alone`() async throws {
        let transport = ScriptedAnswers { _ in .failure(TransportError(.timeout)) }
        _ = try await finding(transport, ["PORT": "8080", "HOST": "10.1.2.3"])
        #expect(!transport.requests.contains { $0.url.hasPrefix("http:") })
    }
}
