import CallDomain
import HTTPTypes
import OutboundHTTP
import Testing

@testable import CommandLineTool

@Suite struct `A fault on the way to the gateway` {
    private let base: BaseURL

    init() throws { base = try BaseURL("https://calls.example.com/voice") }

    @Test(arguments: [
        (TransportError(.nameResolution), ProbeFault.Name.host, "DNS"),
        (TransportError(.connect), .port, "start the gateway"),
        (TransportError(.timeout), .reach, "firewall"),
        (TransportError(.connectionLost, "curl 52: Empty reply from server"), .reach, "curl 52"),
        (
            TransportError(.tls, "curl 60: SSL certificate problem: self-signed certificate"), .certificate,
            "self-signed"
        ),
        (
            TransportError(.tls, "curl 35: OpenSSL/3: error:0A00010B:SSL routines::wrong version number"), .scheme,
            "http"
        ),
        (TransportError(.tls, "curl 35: gnutls: An unexpected TLS packet was received."), .scheme, "plain http"),
    ])
    func `is told by what libcurl says`(error: TransportError, name: ProbeFault.Name, words: String) {
        let fault = ProbeFault(error, base)
        #expect(fault.name == name)
        #expect(fault.advice.contains(words))
    }

    @Test(arguments: [
        ("http://calls.example.com/voice/webhooks/x", ProbeFault.Name.scheme),
        ("https://www.example.com/voice/webhooks/x?a=b", .host),
        ("https://calls.example.com:8443/voice/webhooks/x", .port),
        ("https://calls.example.com:443/voice/webhooks/x/", .path),
        ("/voice/webhooks/x/", .path),
        ("https://CALLS.example.com/login?next=https://evil.example.net/", .path),
        ("//other.example.com/", .host), ("HTTP://calls.example.com//a//b?c", .scheme), ("?again", .path),
        ("https://user:password@calls.example.com/", .path),
        ("", .path),
    ])
    func `is told by where a redirect leads`(location: String, name: ProbeFault.Name) {
        let answer = OutboundResponse(status: 307, headers: [.location: location])
        let fault = ProbeFault(stranger: answer, base)
        #expect(fault.name == name)
        #expect(!fault.advice.contains("password@"))
    }

    @Test(arguments: [
        ("/voice/webhooks/probe", "does not strip"), ("/app/webhooks/probe", "before the path"), ("/probe", "too much"),
        ("/", "too much"), ("/voice/voice/webhooks/probe", "before the path"),
    ])
    func `is told by the path that the gateway saw`(arrived: String, words: String) throws {
        let fault = ProbeFault(try problem(404, at: arrived), sentTo: "/webhooks/probe", base)
        #expect(fault.name == .pathPrefix)
        #expect(fault.advice.contains(words) && fault.advice.contains(arrived))
    }

    @Test(arguments: [
        (401, ProbeFault.Name.apiKey), (404, .path), (405, .method), (413, .body), (415, .header), (503, .gateway),
    ])
    func `is told by how the gateway refuses`(status: Int, name: ProbeFault.Name) throws {
        let fault = ProbeFault(try problem(status, at: "/webhooks/probe"), sentTo: "/webhooks/probe", base)
        #expect(fault.name == name)
    }

    @Test func `is not told by a problem of somebody else's`() {
        let foreign: JSONValue = ["type": "about:blank", "instance": "/webhooks/probe", "status": 404]
        #expect(GatewayAnswer(.json(404, foreign)) == nil)
        #expect(GatewayAnswer(OutboundResponse(status: 403)) == nil)
    }

    private func problem(_ status: Int, at path: String) throws -> GatewayAnswer {
        let document: JSONValue = [
            "type": "urn:switchboard:problem:x", "instance": .string(path), "detail": "It is stopping.",
        ]
        return try #require(GatewayAnswer(.json(status, document)))
    }
}
