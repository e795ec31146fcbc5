import CallDomain
import HTTPTypes
import OutboundHTTP

/// A client of a running gateway.
struct GatewayClient: Sendable {
    let baseURL: String
    let apiKey: Secret
    let transport: any HTTPTransport

    struct Answer: Sendable {
        let status: Int
        /// Given before, to the same request.
        let isReplay: Bool
        let body: JSONValue
    }

    /// Why there is no usable answer.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    func get(_ path: String) async throws -> Answer { try await send(.get, path, body: nil) }

    func post(_ path: String, _ body: JSONValue? = nil, idempotencyKey: String? = nil) async throws -> Answer {
        try await send(.post, path, body: body, idempotencyKey: idempotencyKey)
    }

    private func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: JSONValue?,
        idempotencyKey: String? = nil
    ) async throws -> Answer {
        var headers: HTTPFields = [.authorization: "Bearer \(apiKey.exposed)"]
        if let idempotencyKey, let name = HTTPField.Name("Idempotency-Key") { headers[name] = idempotencyKey }
        if body != nil { headers[.contentType] = "application/json" }
        let request = OutboundRequest(
            method: method,
            url: baseURL + path,
            headers: headers,
            body: body?.encoded ?? (method == .post ? [] : nil),
            timeout: .seconds(40)
        )
        let response: OutboundResponse
        do {
            response = try await transport.send(request)
        } catch {
            throw Failure(description: "\(method) \(path): no answer from the gateway (\(error.detail))")
        }
        let value = response.body.isEmpty ? JSONValue.null : try JSONParser.parse(response.body)
        let isReplay = HTTPField.Name("Idempotent-Replayed").map { response.headers[$0] == "true" } ?? false
        return Answer(status: response.status, isReplay: isReplay, body: value)
    }
}
