import CallDomain
import HTTPTypes
import OrderedCollections
import OutboundHTTP

/// A client of a running gateway.
struct GatewayClient: Sendable {
    let baseURL: String
    let apiKey: Secret
    let transport: any HTTPTransport

    struct Answer: Sendable {
        let status: Int
        let body: JSONValue
    }

    /// Why there is no usable answer.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    func get(_ path: String) async throws -> Answer { try await send(.get, path, body: nil) }

    func post(_ path: String, _ body: JSONValue? = nil) async throws -> Answer {
        try await send(.post, path, body: body)
    }

    private func send(_ method: HTTPRequest.Method, _ path: String, body: JSONValue?) async throws -> Answer {
        var headers: HTTPFields = [.authorization: "Bearer \(apiKey.exposed)"]
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
        return Answer(status: response.status, body: value)
    }
}
