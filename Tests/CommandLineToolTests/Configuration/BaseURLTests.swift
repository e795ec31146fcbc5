import Testing

@testable import CommandLineTool

@Suite("Base URLs")
struct BaseURLTests {
    @Test(
        "Keeps the spelling but for a slash at the end",
        arguments: [
            ("https://example.com", "https://example.com"), ("https://example.com/", "https://example.com"),
            ("https://Example.com:8443/A/b%20c/", "https://Example.com:8443/A/b%20c"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://[::1]:9/x", "http://[::1]:9/x"),
            ("https://a_b.example", "https://a_b.example"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ]
    )
    func reads(text: String, normal: String) throws {
        #expect(try BaseURL(text).text == normal)
    }

    @Test(
        "Refuses what readers of URLs disagree about",
        arguments: [
            "", "example.com", "HTTPS://example.com", "ftp://example.com", "https:/example.com", "https://",
            "https:///x", "https://:443", "https://example.com:", "https://example.com:0", "https://example.com:65536",
            "https://example.com:+1", "https://example.com:8x", "https://user@example.com", "https://u:p@example.com",
            "https://example.com?x", "https://example.com#x", "https://exa mple.com", "https://bücher.example",
            "https://-a.example", "https://a-.example", "https://a..b", "https://.a", "https://a.", "https://1.2.3",
            "https://127.1", "https://256.1.1.1", "https://01.2.3.4", "https://0x7f.1", "https://2130706433",
            "https://[::1", "https://[fe80::1%25eth0]", "https://[nonsense]", "https://::1", "https://[::1]x",
            "https://a//b", "https://a/b//", "https://a/../b", "https://a/%2e%2E/b", "https://a/%zz", "https://a/%2",
            "https://a/<b>", "https://a\\b", "https://a/b\\c", "https://a\n", "https://a,b",
        ]
    )
    func refuses(text: String) {
        #expect(throws: ValueFault.self) { try BaseURL(text) }
    }

    @Test(
        "Knows loopback hosts, and no others",
        arguments: [
            ("http://localhost", true), ("http://LocalHost:1", true), ("http://127.0.0.1", true),
            ("http://127.255.0.9", true), ("http://[::1]", true), ("http://128.0.0.1", false),
            ("http://localhost.example.com", false), ("http://127.0.0.1.example.com", false), ("http://[::2]", false),
            ("http://0.0.0.0", false), ("http://10.0.0.1", false),
        ]
    )
    func loopback(text: String, isLoopback: Bool) throws {
        #expect(try BaseURL(text).isLoopback == isLoopback)
    }

    @Test(
        "Writes an origin as a browser does",
        arguments: [
            ("https://App.Example.com:443", "https://app.example.com"), ("http://a.b:80", "http://a.b"),
            ("https://a.b:80/", "https://a.b:80"), ("http://localhost:3000", "http://localhost:3000"),
        ]
    )
    func origin(text: String, origin: String) throws {
        #expect(try BaseURL(text).origin == origin)
    }
}
