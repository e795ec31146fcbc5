import CurlTransport
import FoundationEssentials
import HTTPTypes
import Logging
import OutboundHTTP
import TestSupport

extension CurlConfiguration {
    /// Trusts the authority of `fixtures/tls/` too.
    static var trustingTestAuthority: CurlConfiguration {
        CurlConfiguration(additionalCAFile: Fixture.root.appending(path: "tls/ca.pem").path)
    }
}

let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs an engine while `body` runs. When it returns, the engine's thread has ended and its connections are closed.
func withEngine<Value: Sendable>(
    _ configuration: CurlConfiguration = .trustingTestAuthority,
    _ body: (CurlEngine) async throws -> Value
) async throws -> Value {
    let engine = try CurlEngine(configuration: configuration, logger: quietLogger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await engine.run() }
        let value = try await body(engine)
        group.cancelAll()
        try await group.waitForAll()
        return value
    }
}

extension HTTPTransport {
    /// What ``send(_:)`` returned or threw.
    func outcome(_ request: OutboundRequest) async -> Result<OutboundResponse, TransportError> {
        do throws(TransportError) {
            return .success(try await send(request))
        } catch {
            return .failure(error)
        }
    }
}

extension Result where Success == OutboundResponse, Failure == TransportError {
    var error: TransportError? {
        if case .failure(let error) = self { error } else { nil }
    }

    var status: Int? {
        if case .success(let response) = self { response.status } else { nil }
    }
}

extension OutboundRequest {
    static func get(_ url: String, timeout: Duration = .seconds(30)) -> OutboundRequest {
        OutboundRequest(method: .get, url: url, timeout: timeout, connectTimeout: .seconds(30))
    }

    static func post(_ url: String, body: String = "a=b", timeout: Duration = .seconds(30)) -> OutboundRequest {
        OutboundRequest(
            method: .post,
            url: url,
            body: Array(body.utf8),
            timeout: timeout,
            connectTimeout: .seconds(30)
        )
    }
}
