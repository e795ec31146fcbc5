import CurlTransport
import HTTPTypes
import OutboundHTTP
import Testing

@testable import CurlTransport

@Suite
struct RequestCheckTests {
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
}
