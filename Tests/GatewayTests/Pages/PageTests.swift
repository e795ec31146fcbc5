import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Gateway

private func application() -> some ApplicationProtocol {
    let router = Router(context: GatewayContext.self, options: [.autoGenerateHeadEndpoints])
    router.addMiddleware {
        SecurityHeaders(isSecure: true)
        ErrorMapping(clock: SetClock())
    }
    PageController().addRoutes(to: router)
    return Application(router: router)
}

@Suite struct `The reference page` {
    @Test func `comes with its own policy, and its files with the usual one`() async throws {
        try await application().test(.router) { client in
            try await client.execute(uri: "/docs", method: .get) { response in
                #expect(response.status == .ok)
                #expect(response.headers[.contentType] == "text/html; charset=utf-8")
                #expect(response.headers[values: .contentSecurityPolicy].count == 1)
                let policy = response.headers[.contentSecurityPolicy] ?? ""
                #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'; "))
                #expect(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"))
                #expect(response.headers[.xContentTypeOptions] == "nosniff")
            }
            for (name, type) in [
                ("base.css", "text/css; charset=utf-8"), ("page.js", "text/javascript; charset=utf-8"),
                ("icon.svg", "image/svg+xml"),
            ] {
                try await client.execute(uri: "/docs/\(name)", method: .get) { response in
                    #expect(response.status == .ok)
                    #expect(response.headers[.contentType] == type)
                    #expect(response.headers[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
                }
            }
        }
    }

    @Test func `is not sent again to whoever has it`() async throws {
        try await application().test(.router) { client in
            let tag = try await client.execute(uri: "/docs", method: .get) { $0.headers[.eTag] }
            let known = try #require(tag)
            try await client.execute(uri: "/docs", method: .get, headers: [.ifNoneMatch: known]) { response in
                #expect(response.status == .notModified)
                #expect(response.body.readableBytes == 0)
            }
            try await client.execute(uri: "/docs/page.js", method: .get, headers: [.ifNoneMatch: known]) { response in
                #expect(response.status == .ok)
            }
        }
    }

    @Test func `is at one address, relative to which its files are`() async throws {
        try await application().test(.router) { client in
            try await client.execute(uri: "/docs/", method: .get) { response in
                #expect(response.status == .permanentRedirect)
                #expect(response.headers[.location] == "../docs")
            }
            try await client.execute(uri: "/docs/nothing.css", method: .get) { response in
                #expect(response.status == .notFound)
            }
        }
    }

    @Test func `names each of its files, and no other`() throws {
        let document = String(decoding: Page.docs.document.bytes, as: UTF8.self)
        var named = Set(document.matches(of: /(?:href|src)="docs\/([^"]+)"/).map { String($0.1) })
        for (name, file) in Page.docs.files where name.hasSuffix(".js") {
            let imported = String(decoding: file.bytes, as: UTF8.self).matches(of: /from "\.\/([^"]+)"/)
            for match in imported { named.insert(String(match.1)) }
        }
        #expect(named == Set(Page.docs.files.keys))
        #expect(named.count > 15)
    }

    @Test func `asks nobody else, and makes no markup of text`() {
        for (name, file) in Page.docs.files {
            let text = String(decoding: file.bytes, as: UTF8.self)
            let forbidden =
                name.hasSuffix(".css")
                ? ["@import", "url("] : ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("]
            for word in forbidden {
                #expect(!text.contains(word), "\(name): \(word)")
            }
        }
    }
}
