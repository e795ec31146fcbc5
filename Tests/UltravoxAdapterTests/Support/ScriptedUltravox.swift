import CallDomain
import Foundation
import HTTPTypes
import Logging
import OutboundHTTP
import Synchronization
import TestSupport
import Testing

@testable import UltravoxAdapter

/// A transport that answers what it was told to, in order, and remembers what it was asked.
final class ScriptedUltravox: HTTPTransport {
    typealias Outcome = Result<OutboundResponse, TransportError>

    private let state: Mutex<(outcomes: [Outcome], requests: [OutboundRequest])>

    init(_ outcomes: [Outcome]) { state = Mutex((outcomes, [])) }

    var requests: [OutboundRequest] { state.withLock { $0.requests } }

    func send(_ request: OutboundRequest) async throws(TransportError) -> OutboundResponse {
        let outcome = state.withLock { state -> Outcome in
            state.requests.append(request)
            guard !state.outcomes.isEmpty else {
                return .failure(TransportError(delivery: .maybeSent, cause: .stopped, detail: "the script is over"))
            }
            return state.outcomes.removeFirst()
        }
        return try outcome.get()
    }
}

extension Result where Success == OutboundResponse, Failure == TransportError {
    static func answer(_ status: Int, _ body: String = "", _ headers: HTTPFields = [:]) -> Self {
        .success(OutboundResponse(status: status, headers: headers, body: Array(body.utf8)))
    }

    static func answer(_ status: Int, _ body: JSONValue, _ headers: HTTPFields = [:]) -> Self {
        .success(OutboundResponse(status: status, headers: headers, body: body.encoded))
    }

    static func fault(_ delivery: TransportError.Delivery, _ cause: TransportError.Cause) -> Self {
        .failure(TransportError(delivery: delivery, cause: cause, detail: "192.0.2.7:443"))
    }
}

/// A clock that stands still until it is moved.
final class StandingClock: TimeSource {
    var moment: Moment { Moment(elapsed: .milliseconds(now.milliseconds)) }

    private let time: Mutex<Timestamp>

    init(_ text: String) {
        guard let time = Timestamp(iso8601: text) else { fatalError("\(text) is no time") }
        self.time = Mutex(time)
    }

    var now: Timestamp { time.withLock { $0 } }

    func sleep(for duration: Duration) async throws { time.withLock { $0 = $0 + duration } }
}

/// A client with a scripted Ultravox behind it; all ids are made up.
struct ClientRig {
    static let apiKey = "Zk3TnQ8w.abcdefghijABCDEFGHIJ0123456789xy"
    static let agentText = "6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921"
    static let conversationText = "b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b"

    let client: UltravoxClient
    let transport: ScriptedUltravox
    let clock = StandingClock("2026-07-20T15:00:00Z")
    let agentID: AgentID
    let conversation: UltravoxCallID
    let callID: CallID

    init(_ outcomes: ScriptedUltravox.Outcome..., publicBaseURL: String = "https://gateway.example/prefix") throws {
        transport = ScriptedUltravox(outcomes)
        client = UltravoxClient(
            apiKey: Rotating(Secret(Self.apiKey)),
            baseURL: "https://api.ultravox.ai",
            callbackURL: { "\(publicBaseURL)/webhooks/ultravox?call=\($0.text)" },
            transport: transport,
            clock: clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        agentID = try #require(AgentID(Self.agentText))
        conversation = try #require(UltravoxCallID(Self.conversationText))
        callID = try #require(CallID("call_01jd9z7q0v3r2m8k4t6w5x1y0a"))
    }

    func callRequest(
        greeting: String? = nil,
        firstSpeaker: AgentConfiguration.FirstSpeaker = .user,
        context: JSONValue = [:]
    ) throws -> AgentCallRequest {
        let configuration = AgentConfiguration(
            name: "reminder",
            prompt: "Remind {{name}}.",
            firstSpeaker: firstSpeaker,
            greeting: greeting
        )
        return AgentCallRequest(
            callID: callID,
            agent: Agent(
                id: agentID,
                configuration: configuration,
                status: .active,
                createdAt: nil,
                updatedAt: nil,
                contextSchema: ContextSchema(variables: [:], required: [], isClosed: true)
            ),
            templateContext: try #require(context.objectValue),
            joinTimeout: .seconds(50),
            maxDuration: .seconds(600)
        )
    }

    /// The body of the request of that number, after a check against the table of what Ultravox takes.
    func body(of index: Int, as type: String) throws -> JSONValue {
        let requests = transport.requests
        try #require(requests.indices.contains(index))
        let body = try #require(requests[index].body)
        #expect(ParameterTable.ultravoxRequests.violations(inJSON: Data(body), as: type) == [])
        return try JSONParser.parse(body)
    }

    /// An agent as Ultravox answers.
    static func agent(
        id: String = agentText,
        name: String = "reminder",
        template: JSONValue = ["systemPrompt": "Be kind."],
        revision: JSONValue = "9a99b274-78f1-4dac-a613-cc8e381bd7a9"
    ) -> JSONValue {
        [
            "agentId": .string(id), "publishedRevisionId": revision, "name": .string(name),
            "created": "2026-03-08T19:04:22.602008Z", "callTemplate": template, "statistics": ["calls": 29],
        ]
    }

    /// A call as Ultravox answers, as far as we look at it.
    static func call(
        id: JSONValue = .string(conversationText),
        joinURL: JSONValue = "wss://voice.ultravox.ai/c/1/telephony"
    )
        -> JSONValue
    {
        ["callId": id, "created": "2026-07-20T15:00:00.482913Z", "joined": nil, "ended": nil, "joinUrl": joinURL]
    }
}

/// The failure of a request, which must fail.
func failure(_ request: () async throws(VendorFailure) -> some Any) async throws -> VendorFailure {
    do throws(VendorFailure) {
        _ = try await request()
    } catch {
        return error
    }
    throw UnexpectedSuccess()
}

struct UnexpectedSuccess: Error {}

extension VendorRefusal {
    /// A refusal of Ultravox's with the meaning that our table gives it.
    static func ultravox(_ status: Int, _ message: String) -> VendorRefusal {
        VendorRefusal(
            vendor: .ultravox,
            status: status,
            message: message,
            meaning: UltravoxRefusals.meaning(status: status, message: message)
        )
    }
}
