import CurlTransport
import Foundation
import HTTPTypes
import Logging
import OutboundHTTP
import Sandbox
import ServiceLifecycle

/// An answer of a stand-in.
struct Reply: Sendable {
    let status: Int
    let headers: HTTPFields
    let body: Data

    var object: [String: Any] { (try? JSONSerialization.jsonObject(with: body) as? [String: Any]) ?? [:] }

    func string(_ name: String) -> String? { object[name] as? String }
    func int(_ name: String) -> Int? { object[name] as? Int }
    func member(_ name: String) -> [String: Any] { object[name] as? [String: Any] ?? [:] }
    func list(_ name: String) -> [[String: Any]] { object[name] as? [[String: Any]] ?? [] }
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// A running sandbox, a client for it, and an application that it calls.
struct SandboxRig: Sendable {
    static let accountSid = "AC0123456789abcdef0123456789abcdef"
    static let authToken = "0123456789abcdef0123456789abcdef"
    static let ownNumber = "+12025550143"

    let sandbox: Sandbox
    let addresses: SandboxAddresses
    let client: any HTTPTransport
    let receiver: Receiver
    /// `http://127.0.0.1:PORT` of the receiver.
    let callbackBase: String

    static var configuration: SandboxConfiguration {
        SandboxConfiguration(
            accountSid: accountSid,
            authToken: authToken,
            apiKeySid: "SK0123456789abcdef0123456789abcdef",
            apiKeySecret: "key-secret",
            phoneNumbers: [ownNumber, "+442079460123"],
            ultravoxAPIKey: "abcdefgh.0123456789abcdef0123456789abcdef",
            tempo: 0.01
        )
    }

    func request(
        _ method: HTTPRequest.Method,
        _ url: String,
        headers: HTTPFields,
        body: String? = nil
    ) async throws -> Reply {
        let request = OutboundRequest(method: method, url: url, headers: headers, body: body.map { Array($0.utf8) })
        let answer = try await client.send(request)
        return Reply(status: answer.status, headers: answer.headers, body: Data(answer.body))
    }

    /// A request to Twilio's API below the account: `Calls.json`.
    func twilio(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ form: [(String, String)] = [],
        user: String = accountSid,
        password: String = authToken
    ) async throws -> Reply {
        let credentials = Data("\(user):\(password)".utf8).base64EncodedString()
        var headers: HTTPFields = [.authorization: "Basic \(credentials)"]
        if method == .post { headers[.contentType] = "application/x-www-form-urlencoded" }
        let url = path.hasPrefix("/") ? path : "/2010-04-01/Accounts/\(Self.accountSid)/\(path)"
        return try await request(
            method,
            addresses.twilio + url,
            headers: headers,
            body: method == .post ? Self.encode(form) : nil
        )
    }

    /// A request to Ultravox's API: `agents`.
    func ultravox(_ method: HTTPRequest.Method, _ path: String, _ json: String? = nil) async throws -> Reply {
        var headers = HTTPFields()
        if let name = HTTPField.Name("X-API-Key") { headers[name] = Self.configuration.ultravoxAPIKey }
        if json != nil { headers[.contentType] = "application/json" }
        let url = path.hasPrefix("http") ? path : addresses.ultravox + "/api/" + path
        return try await request(method, url, headers: headers, body: json)
    }

    /// Creates an agent with a phone medium and returns its id. Its calls wait longer to be joined than the default
    /// of 30 s, of which the tempo of a test would leave only 3.
    func agent(
        _ name: String = "caller",
        template: String = #"{"systemPrompt":"Call {{name}}.","medium":{"twilio":{}},"joinTimeout":"3000s"}"#
    ) async throws -> String {
        let reply = try await ultravox(.post, "agents", #"{"name":"\#(name)","callTemplate":\#(template)}"#)
        return reply.string("agentId") ?? reply.text
    }

    /// Prepares an Ultravox call whose join URL the TwiML of `/voice` serves; returns its id.
    func prepareConversation(_ settings: String = #"{"templateContext":{"name":"Ada"}}"#) async throws -> String {
        let agent = try await agent()
        let call = try await ultravox(.post, "agents/\(agent)/calls", settings)
        serve(joinURL: call.string("joinUrl") ?? "")
        return call.string("callId") ?? call.text
    }

    func serve(joinURL: String) {
        let stream = #"<Stream url="\#(joinURL)" statusCallback="\#(callbackBase)/stream"/>"#
        receiver.answer(
            "/voice",
            .twiml(#"<?xml version="1.0" encoding="UTF-8"?><Response><Connect>\#(stream)</Connect></Response>"#)
        )
    }

    /// The form of a call with every status event, from a number of the account.
    func order(_ suffix: String, _ more: [(String, String)] = []) -> [(String, String)] {
        [
            ("To", "+1212555\(suffix)"), ("From", Self.ownNumber), ("Url", callbackBase + "/voice?call=7"),
            ("FallbackUrl", callbackBase + "/fallback"), ("StatusCallback", callbackBase + "/status"),
            ("StatusCallbackEvent", "initiated"), ("StatusCallbackEvent", "ringing"),
            ("StatusCallbackEvent", "answered"), ("StatusCallbackEvent", "completed"),
        ] + more
    }

    /// Places a call and returns its CallSid.
    func place(_ suffix: String, _ more: [(String, String)] = []) async throws -> String {
        let reply = try await twilio(.post, "Calls.json", order(suffix, more))
        return reply.string("sid") ?? reply.text
    }

    static func encode(_ form: [(String, String)]) -> String {
        let safe = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")
        return form.map { name, value in
            [name, value].map { $0.addingPercentEncoding(withAllowedCharacters: safe) ?? "" }.joined(separator: "=")
        }.joined(separator: "&")
    }
}

/// What a test wants otherwise than the rig has it.
struct SandboxSettings: Sendable {
    var callsPerSecond: Double?
    var tempo = 0.01
    /// The secrets of an account webhook at the receiver's `/account`; without it there is none.
    var accountWebhookSecrets: [String]?
}

/// Runs a sandbox, its client and a receiver for the length of a test.
func withSandbox(
    _ settings: SandboxSettings = SandboxSettings(),
    _ body: @Sendable (SandboxRig) async throws -> Void
) async throws {
    var logger = Logger(label: "sandbox-tests", factory: { _ in SwiftLogNoOpLogHandler() })
    logger.logLevel = .critical
    let quiet = logger
    let engine = try CurlEngine(logger: quiet)
    let receiver = Receiver(logger: quiet)
    try await withServices([receiver, engine], quiet) {
        let callbackBase = "http://127.0.0.1:\(await receiver.port())"
        var configuration = SandboxRig.configuration
        configuration.callsPerSecond = settings.callsPerSecond
        configuration.tempo = settings.tempo
        if let secrets = settings.accountWebhookSecrets {
            configuration.ultravoxWebhooks = [AccountWebhook(url: callbackBase + "/account", secrets: secrets)]
        }
        let sandbox = Sandbox(configuration: configuration, transport: engine, logger: quiet)
        try await withServices([sandbox], quiet) {
            let rig = SandboxRig(
                sandbox: sandbox,
                addresses: try await sandbox.addresses(),
                client: engine,
                receiver: receiver,
                callbackBase: callbackBase
            )
            try await body(rig)
        }
    }
}

/// Runs services for the length of a body and then stops them in good order: NIO traps if a server is cancelled while it
/// has a connection that nobody has begun to handle.
private func withServices(
    _ services: [any Service],
    _ logger: Logger,
    _ body: @Sendable () async throws -> Void
) async throws {
    let group = ServiceGroup(services: services, logger: logger)
    try await withThrowingTaskGroup { tasks in
        tasks.addTask { try await group.run() }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body())
        } catch {
            outcome = .failure(error)
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        try outcome.get()
    }
}
