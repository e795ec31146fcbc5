import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Gateway

private func application(origins: Set<String> = [], isSecure: Bool = true) -> some ApplicationProtocol {
    let router = Router(context: GatewayContext.self)
    router.addMiddleware {
        SecurityHeaders(isSecure: isSecure)
        CrossOrigin(origins: origins)
    }
    router.get("thing") { _, _ in "a thing" }
    for path in ["thing", "webhooks/twilio/status", "webhooks/ultravox"] {
        router.post(RouterPath(path)) { _, _ in Response(status: .noContent) }
    }
    router.post("webhooks/twilio/voice") { _, _ in Response(status: .forbidden) }
    return Application(router: router)
}

private let page = "https://app.example.com"

@Suite struct `What browsers are told` {
    @Test func `is to guess, run, frame and tell nothing, and to stay with https`() async throws {
        try await application().test(.router) { client in
            try await client.execute(uri: "/thing", method: .get) { response in
                #expect(response.headers[.xContentTypeOptions] == "nosniff")
                #expect(response.headers[.referrerPolicy] == "no-referrer")
                #expect(response.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
                #expect(response.headers[.strictTransportSecurity]?.hasPrefix("max-age=") == true)
                #expect(response.headers[.server] == nil)
            }
        }
        try await application(isSecure: false).test(.router) { client in
            try await client.execute(uri: "/thing", method: .get) { response in
                #expect(response.headers[.strictTransportSecurity] == nil)
            }
        }
    }

    @Test(arguments: [
        ("/thing", true), ("/webhooks/twilio/voice", true), ("/webhooks/twilio/status", false),
        ("/webhooks/ultravox", false),
    ])
    func `is left out of the empty answer to a vendor's webhook alone`(path: String, isTold: Bool) async throws {
        try await application().test(.router) { client in
            try await client.execute(uri: path, method: .post) { response in
                for field in SecurityHeaders.always { #expect(response.headers.contains(field.name) == isTold) }
                #expect(response.headers.contains(.strictTransportSecurity) == isTold)
            }
        }
    }

    @Test func `about other origins is nothing unless some are configured`() async throws {
        try await application().test(.router) { client in
            try await client.execute(uri: "/thing", method: .get, headers: [.origin: page]) { response in
                #expect(response.headers[.accessControlAllowOrigin] == nil)
                #expect(response.headers[.vary] == nil)
            }
        }
    }

    @Test(arguments: [
        (page, page), ("https://app.example.com.evil.example", nil), ("http://app.example.com", nil),
        ("https://APP.example.com", nil), ("null", nil), ("*", nil),
    ])
    func `is that pages of the configured origins may read answers, and no others`(
        origin: String,
        allowed: String?
    ) async throws {
        try await application(origins: [page]).test(.router) { client in
            try await client.execute(uri: "/thing", method: .get, headers: [.origin: origin]) { response in
                #expect(response.headers[.accessControlAllowOrigin] == allowed)
                #expect(response.headers[.vary] == "Origin")
            }
        }
    }

    @Test func `before a request is what they may send`() async throws {
        try await application(origins: [page]).test(.router) { client in
            let headers: HTTPFields = [.origin: page, .accessControlRequestMethod: "POST"]
            try await client.execute(uri: "/thing", method: .options, headers: headers) { response in
                #expect(response.status == .noContent)
                #expect(response.headers[.accessControlAllowOrigin] == page)
                #expect(response.headers[.accessControlAllowMethods]?.contains("POST") == true)
                #expect(response.headers[.accessControlAllowHeaders]?.contains("Idempotency-Key") == true)
            }
            let foreign: HTTPFields = [.origin: "https://evil.example", .accessControlRequestMethod: "POST"]
            try await client.execute(uri: "/thing", method: .options, headers: foreign) { response in
                #expect(response.status != .noContent)
                #expect(response.headers[.accessControlAllowOrigin] == nil)
            }
        }
    }
}
