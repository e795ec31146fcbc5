import OutboundHTTP
import Testing

@Suite
struct RequestURLTests {
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
        ("https://a%2eb/", .host), ("https://a;b/", .host), ("https://[::1/", .host), ("https://[1.2]/", .host),
        ("https://[127.0.0.1]/", .host), ("https://[::1%25lo]/", .host), ("https://[::1]x/", .host),
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
}
