import CurlTransport
import HTTPTypes
import OutboundHTTP
import Testing

@testable import CurlTransport

@Suite
struct RequestCheckTests {
    @Test(arguments: [
        "https://api.twilio.com/2010-04-01/Accounts.json", "HTTPS://api.twilio.com", "https://a:8443?x=1",
        "https://[2001:db8::1]:443/", "http://localhost:8080/", "http://LOCALHOST/", "http://127.0.0.1:1/",
        "http://127.255.0.9", "http://[::1]:80/", "https://a/b/..c/.d/%2e%2e%2e", "https://a/?next=/../x@y",
    ])
    func `URLs that are sent`(url: String) throws {
        #expect(try RequestURL(url).text == url)
    }

    @Test(arguments: [
        ("", RequestURL.Problem.scheme), ("api.twilio.com/", .scheme), ("ftp://a/", .scheme),
        ("file:///etc/passwd", .scheme),
        ("https:/a", .scheme), ("https://", .host), ("https:///x", .host), ("https://:443/", .host),
        ("https://user@a/", .userinfo), ("https://a:b@c/", .userinfo), ("https://127.0.0.1:1@evil.example/", .userinfo),
        ("https://a/#x", .fragment), ("https://a\\@b/", .backslash), ("https://a b/", .notVisibleASCII),
        ("https://a/\r\nX: y", .notVisibleASCII), ("https://a/\u{0}", .notVisibleASCII),
        ("https://ä/", .notVisibleASCII),
        ("https://a%2eb/", .host), ("https://a;b/", .host), ("https://[::1/", .host), ("https://[::1]x/", .host),
        ("https://a:/", .port), ("https://a:0/", .port), ("https://a:65536/", .port), ("https://a:+1/", .port),
        ("https://a/..", .path), ("https://a/x/../y", .path), ("https://a/%2E%2e/y", .path), ("https://a/./y", .path),
        ("http://api.twilio.com/", .plainToRemoteHost), ("http://127.0.0.1.example.com/", .plainToRemoteHost),
        ("http://128.0.0.1/", .plainToRemoteHost), ("http://127.1/", .plainToRemoteHost),
        ("http://0177.0.0.1/", .plainToRemoteHost), ("http://127.0.0.01/", .plainToRemoteHost),
        ("http://2130706433/", .plainToRemoteHost), ("http://localhost.example/", .plainToRemoteHost),
        ("http://[::2]/", .plainToRemoteHost), ("http://0.0.0.0/", .plainToRemoteHost),
    ])
    func `URLs that are refused`(url: String, problem: RequestURL.Problem) {
        #expect(throws: problem) { try RequestURL(url) }
    }

    @Test
    func `a refused request says so and reaches nobody`() async throws {
        try await withEngine { engine in
            for url in ["http://api.twilio.com/", "https://user:pass@127.0.0.1/", "https://127.0.0.1/\r\nX: y"] {
                let error = await engine.outcome(.post(url)).error
                #expect(error?.cause == .invalidRequest)
                #expect(error?.delivery == .notSent)
            }
        }
    }

    @Test(arguments: ["a\r\nX: y", "a\nb", "a\rb", "a\u{0}b", "a\u{7F}", "a\u{1}"])
    func `control characters in a header's value are refused`(value: String) {
        #expect(throws: TransportError.self) { try WireRequest.headerLine(name: "X-A", value: value) }
    }

    @Test(arguments: ["", "X A", "X:", "X\r\nY", "X\u{0}", "Ä"])
    func `a header's name is a token`(name: String) {
        #expect(throws: TransportError.self) { try WireRequest.headerLine(name: name, value: "a") }
    }

    @Test
    func `header lines are written as libcurl reads them`() throws {
        #expect(try WireRequest.headerLine(name: "X-A", value: "b\tc é") == "X-A: b\tc é")
        #expect(try WireRequest.headerLine(name: "X-A", value: "") == "X-A;")
    }

    @Test(arguments: ["Host", "Transfer-Encoding", "Connection", "Expect", "Upgrade", "te", "Proxy-Authorization"])
    func `headers that decide on framing or routing are refused`(name: String) throws {
        var request = OutboundRequest.post("https://a/")
        request.headers[try #require(.init(name))] = "x"
        let error = #expect(throws: TransportError.self) { try WireRequest(request) }
        #expect(error?.cause == .invalidRequest)
        #expect(error?.delivery == .notSent)
    }

    @Test
    func `a Content-Length is taken only if it is true`() throws {
        var request = OutboundRequest.post("https://a/", body: "abc")
        request.headers[.contentLength] = "3"
        #expect(try !WireRequest(request).headerLines.contains { $0.hasPrefix("Content-Length") })
        request.headers[.contentLength] = "4"
        #expect(throws: TransportError.self) { try WireRequest(request) }
    }

    @Test
    func `only some methods are sent and only some may be repeated`() throws {
        for (name, isIdempotent) in [
            "GET": true, "HEAD": true, "PUT": true, "DELETE": true, "POST": false, "PATCH": false,
        ] {
            let method = try #require(HTTPRequest.Method(name))
            #expect(try WireRequest(OutboundRequest(method: method, url: "https://a/")).isIdempotent == isIdempotent)
        }
        for name in ["CONNECT", "TRACE", "get", "BREW"] {
            let method = try #require(HTTPRequest.Method(name))
            #expect(throws: TransportError.self) { try WireRequest(OutboundRequest(method: method, url: "https://a/")) }
        }
        #expect(throws: TransportError.self) {
            try WireRequest(OutboundRequest(method: .head, url: "https://a/", body: [1]))
        }
    }

    @Test(arguments: [
        [8, 8, 8, 8], [1, 1, 1, 1], [172, 32, 0, 1], [100, 128, 0, 1],
        [0x26, 0x06, 0x47, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 8, 8, 8, 8],
    ])
    func `public addresses`(address: [UInt8]) {
        #expect(PeerAddresses.publicOnly.permits(address))
    }

    @Test(arguments: [
        [0, 0, 0, 0], [10, 1, 2, 3], [100, 64, 0, 1], [127, 0, 0, 1], [169, 254, 169, 254], [172, 31, 0, 1],
        [192, 168, 1, 1], [198, 19, 0, 1], [224, 0, 0, 1], [255, 255, 255, 255], [],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 1],
        [0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        [0x20, 0x02, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1],
    ])
    func `addresses that are not public`(address: [UInt8]) {
        #expect(!PeerAddresses.publicOnly.permits(address))
    }
}
