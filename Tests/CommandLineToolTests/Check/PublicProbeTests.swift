import CallDomain
import Gateway
import HTTPTypes
import OutboundHTTP
import Testing

@testable import CommandLineTool

@Suite struct `The signed probe` {
    /// Which of the vendors' messages a gateway takes; it refuses the others without a word.
    private enum Taking {
        case all
        case twiliosAlone
        case none

        func includes(_ target: String) -> Bool {
            switch self {
            case .all: true
            case .twiliosAlone: target.hasPrefix("/webhooks/twilio/")
            case .none: false
            }
        }
    }

    /// A gateway that tells what arrived.
    private func gateway(
        takes: Taking = .all,
        tells: @escaping @Sendable (inout JSONObject) -> Void = { _ in }
    ) -> ScriptedAnswers {
        ScriptedAnswers { request in
            let target = String(request.url.dropFirst("https://calls.example.com".count))
            if target == ProbeMessage.path { return .success(.problem(405, at: target)) }
            guard target.hasPrefix(ProbeMessage.path) else {
                return .success(.init(status: takes.includes(target) ? 204 : 403))
            }
            guard let settings = try? SettingsRig.load(), let text = request.headers[.probeProof],
                let (proof, key) = ProbeProof.read(text, keys: settings.namedKeys)
            else { return .success(.problem(401, at: ProbeMessage.path)) }
            let report = Self.report(of: request, target, settings, proof, tells)
            var answer = OutboundResponse.json(200, .object(report))
            answer.headers[.probeProof] = proof.answer(answer.body, by: key.secret)
            return .success(answer)
        }
    }

    private static func report(
        of request: OutboundRequest,
        _ target: String,
        _ settings: Settings,
        _ proof: ProbeProof,
        _ tells: (inout JSONObject) -> Void
    ) -> JSONObject {
        let keys = settings.webhookKeys(nonce: proof.nonce)
        var report: JSONObject = [
            "target": .string(target),
            "body_sha256": .string(ProbeMessage.digest(of: request.body ?? [])),
            "content_type": .optional(request.headers[.contentType]),
            "twilio_signatures": 1,
            "ultravox_verdict": "ok",
            "twilio_keys": .array(keys.filter { $0.vendor == .twilio }.map { .string($0.fingerprint) }),
            "ultravox_keys": .array(keys.filter { $0.vendor == .ultravox }.map { .string($0.fingerprint) }),
            "api_keys": .array(settings.apiKeys.map { .string(proof.fingerprint(of: $0.secret)) }),
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

    /// Whether a secret of ours stands in a request.
    private func shows(_ secret: String, _ request: OutboundRequest) -> Bool {
        request.url.contains(secret) || request.headers.contains { $0.value.contains(secret) }
            || String(decoding: request.body ?? [], as: UTF8.self).contains(secret)
    }

    @Test func `shows that it has the API key, and shows the key to nobody`() async throws {
        let transport = gateway()
        #expect(try await finding(transport).outcome == .ok)
        for request in transport.requests {
            #expect(!shows(SettingsRig.apiKey, request))
            let isProven = request.headers[.probeProof] != nil
            #expect(isProven == (request.method == .post && request.url.contains(ProbeMessage.path + "?")))
        }
        #expect(transport.requests.count == 4)
    }

    @Test(arguments: [nil, "", "0123456789abcdef", String(repeating: "0", count: 64)])
    func `gives nothing to what poses as a gateway, and does not believe it`(proof: String?) async throws {
        let transport = ScriptedAnswers { request in
            let target = String(request.url.dropFirst("https://calls.example.com".count))
            if target == ProbeMessage.path { return .success(.problem(405, at: target)) }
            guard target.hasPrefix(ProbeMessage.path) else {
                var answer = OutboundResponse(status: 204)
                answer.headers[.xRequestID] = request.headers[.xRequestID]
                return .success(answer)
            }
            guard let settings = try? SettingsRig.load() else { return .failure(TransportError(.stopped)) }
            // It may have seen everything of another gateway but its keys.
            let other = ProbeProof(nonce: "other", time: FixedClock().now)
            let seen = Self.report(of: request, target, settings, other) { _ in }
            var answer = OutboundResponse.json(200, .object(seen))
            answer.headers[.probeProof] = proof
            return .success(answer)
        }
        let found = try await finding(transport)
        #expect(found.outcome == .failed)
        #expect(found.text.hasPrefix("host: ") && found.text.contains("cannot prove"))
        #expect(!transport.requests.contains { shows(SettingsRig.apiKey, $0) })
    }

    @Test func `believes no answer that was changed on its way`() async throws {
        let honest = gateway()
        let transport = ScriptedAnswers { request in
            honest.answer(request).map { answer in
                var answer = answer
                if answer.headers[.probeProof] != nil { answer.body += [0x20] }
                return answer
            }
        }
        #expect(try await finding(transport).text.contains("cannot prove"))
    }

    @Test func `names the clock before it asks for a report that would be refused for it`() async throws {
        let transport = ScriptedAnswers { request in
            request.url.hasSuffix(ProbeMessage.path)
                ? .success(.problem(405, at: ProbeMessage.path, "2026-11-18T11:00:00.000Z"))
                : .success(.init(status: 204))
        }
        let found = try await finding(transport, ["ULTRAVOX_TIMESTAMP_TOLERANCE": "1h"])
        #expect(found.text.hasPrefix("clock: ") && found.text.contains("400 s apart"), "\(found.text)")
        #expect(!transport.requests.contains { $0.headers[.probeProof] != nil })
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
        for takes in [Taking.all, .none] {
            let found = try await finding(gateway(takes: takes) { $0[member] = .string(value) })
            #expect(found.outcome == .failed)
            #expect(found.text.hasPrefix(name + ": "), "\(found.text)")
        }
    }

    @Test(arguments: [("twilio_keys", "TWILIO_AUTH_TOKEN"), ("ultravox_keys", "ULTRAVOX_API_KEY")])
    func `names the secret that the gateway does not have`(member: String, setting: String) async throws {
        let found = try await finding(gateway(takes: .none) { $0[member] = ["0123456789abcdef"] })
        #expect(found.text.hasPrefix("token: "))
        #expect(found.text.contains("another \(setting) than"))
    }

    @Test func `names an API key that the gateway does not have`() async throws {
        let keys = "frontend:\(SettingsRig.apiKey),second:0123456789abcdef"
        let found = try await finding(gateway(), ["API_KEYS": keys])
        #expect(found.outcome == .failed)
        #expect(found.text.hasPrefix("API key: ") && found.text.contains("the key second of API_KEYS"))
    }

    @Test(arguments: [
        ("twilio_keys", "TWILIO_AUTH_TOKEN_SECONDARY"), ("ultravox_keys", "ULTRAVOX_WEBHOOK_SECRETS"),
        ("api_keys", "API_KEYS"),
    ])
    func `warns of a secret that the gateway still has`(member: String, setting: String) async throws {
        let found = try await finding(
            gateway { $0[member] = .array(($0[member]?.arrayValue ?? []) + ["0123456789abcdef"]) }
        )
        #expect(found.outcome == .warning)
        #expect(found.text.contains(setting) && found.text.contains("SIGHUP"), "\(found.text)")
    }

    @Test(arguments: [("stale_timestamp", "too old"), ("future_timestamp", "too new")])
    func `names the clock where the gateway alone finds a message out of time`(
        verdict: String,
        words: String
    ) async throws {
        let found = try await finding(gateway(takes: .twiliosAlone) { $0["ultravox_verdict"] = .string(verdict) })
        #expect(found.outcome == .failed)
        #expect(found.text.hasPrefix("clock: ") && found.text.contains(words), "\(found.text)")
        #expect(found.text.contains("ULTRAVOX_TIMESTAMP_TOLERANCE"))
    }

    @Test func `says so where nothing differs and the message is refused all the same`() async throws {
        let found = try await finding(gateway(takes: .none))
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

extension OutboundResponse {
    /// A problem as a gateway tells it.
    fileprivate static func problem(
        _ status: Int,
        at path: String,
        _ time: String = FixedClock().now.rfc3339
    ) -> OutboundResponse {
        .json(
            status,
            ["type": "urn:switchboard:problem:x", "instance": .string(path), "timestamp": .string(time)]
        )
    }
}
