import CallDomain
import HTTPTypes
import Logging
import OutboundHTTP
import Synchronization
import Testing

@testable import TwilioAdapter

/// A vendor that answers what it was told to, in order, and remembers what it was asked.
final class ScriptedTransport: HTTPTransport {
    private let state: Mutex<(answers: [Result<OutboundResponse, TransportError>], requests: [OutboundRequest])>

    init(_ answers: [Result<OutboundResponse, TransportError>]) { state = Mutex((answers, [])) }

    var requests: [OutboundRequest] { state.withLock { $0.requests } }

    func send(_ request: OutboundRequest) async throws(TransportError) -> OutboundResponse {
        let answer = state.withLock { state -> Result<OutboundResponse, TransportError> in
            state.requests.append(request)
            guard !state.answers.isEmpty else {
                return .failure(TransportError(delivery: .maybeSent, cause: .stopped, detail: "the script is over"))
            }
            return state.answers.removeFirst()
        }
        return try answer.get()
    }
}

extension Result where Success == OutboundResponse, Failure == TransportError {
    static func answer(_ status: Int, _ body: String = "", _ headers: HTTPFields = [:]) -> Self {
        .success(OutboundResponse(status: status, headers: headers, body: Array(body.utf8)))
    }

    static func fault(_ delivery: TransportError.Delivery, _ cause: TransportError.Cause) -> Self {
        .failure(TransportError(delivery: delivery, cause: cause, detail: "10.0.0.7:443"))
    }
}

/// A client of an account whose numbers and ids are made up.
struct ClientRig {
    static let account = "ACe268443e43d93dab7ebef303bbe9642f"
    static let sid = "CA70b67b8ba3a1ea14303d73e67e24f7b0"
    static let callsURL = "https://api.twilio.com/2010-04-01/Accounts/\(account)/Calls"

    let client: TwilioClient
    let transport: ScriptedTransport
    let callSid: CallSid
    let request: DialRequest

    init(
        _ answers: Result<OutboundResponse, TransportError>...,
        credentials: TwilioCredentials = .authToken(Secret("12345")),
        publicBaseURL: String = "https://gw.example.com",
        baseURL: String = "https://api.twilio.com",
        machineDetection: CallOrder.MachineDetection = .off,
        record: Bool = false
    ) throws {
        transport = ScriptedTransport(answers)
        callSid = try #require(CallSid(Self.sid))
        client = TwilioClient(
            configuration: TwilioConfiguration(
                accountSid: try #require(AccountSid(Self.account)),
                credentials: Rotating(credentials),
                baseURL: baseURL
            ),
            urls: WebhookURLs(publicBaseURL: publicBaseURL),
            transport: transport,
            logger: .init(label: "test")
        )
        request = DialRequest(
            callID: try #require(CallID("call_01jd9z7q0v3r2m8k4t6w5x1y0a")),
            order: CallOrder(
                agentID: try #require(AgentID("0b5e2a5c-7f8e-4d8a-9d6b-3c1f2e4a5b6c")),
                phoneNumber: try #require(PhoneNumber("+12125550187")),
                from: try #require(PhoneNumber("+12025550143")),
                ringTimeout: .seconds(30),
                maxDuration: .seconds(600),
                machineDetection: machineDetection,
                record: record
            ),
            timeLimit: .seconds(630)
        )
    }

    static func call(
        sid: String = "\"\(sid)\"",
        status: String = "\"queued\"",
        account: String = "\"\(account)\"",
        more: String = ""
    ) -> String {
        "{\"sid\":\(sid),\"status\":\(status),\"account_sid\":\(account)\(more)}"
    }
}

extension TwilioClient {
    func createCall(_ request: DialRequest) async throws(VendorFailure) -> TwilioCall {
        let beginning = Moment(elapsed: .zero)
        let permit = DialPermit(armedAt: beginning, until: beginning + .seconds(1), clock: BeginningClock())
        return try await createCall(request, permit: permit)
    }
}

/// A clock that stands at its beginning.
struct BeginningClock: TimeSource {
    var now: Timestamp { Timestamp(milliseconds: 0) }
    var moment: Moment { Moment(elapsed: .zero) }
    func sleep(for duration: Duration) async throws {}
}
