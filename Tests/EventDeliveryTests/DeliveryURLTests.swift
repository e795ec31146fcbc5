import EventDelivery
import OutboundHTTP
import Testing

@Suite
struct DeliveryURLTests {
    private static let longLabel = "https://\(String(repeating: "a", count: 64)).example/"
    private static let longHost = "https://\(String(repeating: "a.", count: 126))ab/"
    private static let longest = "https://a.example/" + String(repeating: "x", count: 2048 - 18)

    @Test(arguments: [
        "https://hooks.example.com", "https://hooks.example.com/", "https://hooks.example.com/calls?token=a%20b&c=@/..",
        "HTTPS://HOOKS.example.com:8443/x", "https://my_bucket.example.com/", "https://xn--bcher-kva.example/",
        "https://intranet/", "https://8.8.8.8/", "https://[2606:4700::1111]:1/", "https://[2606:4700:0::1111]/",
        "https://a.example:65535/", "https://localhost.example.com/", "https://1.example/", "https://0x7f.example/",
        "https://a.0xyz/", longest,
    ])
    func `URLs that events are delivered to`(text: String) throws {
        #expect(try DeliveryURL(text, allowsLoopback: false).text == text)
        #expect(try DeliveryURL(text, allowsLoopback: true).text == text)
    }

    @Test(arguments: [
        "http://127.0.0.1:8080/x", "http://localhost/", "http://[::1]:9/", "https://127.0.0.1/", "https://localhost/",
        "https://app.localhost/", "https://127.1/", "https://2130706433/", "https://[::ffff:127.0.0.1]/",
    ])
    func `this machine only where it is allowed`(text: String) throws {
        #expect(throws: DeliveryURL.Problem.self) { try DeliveryURL(text, allowsLoopback: false) }
        #expect(try DeliveryURL(text, allowsLoopback: true).text == text)
    }

    private static let refused: [(String, DeliveryURL.Problem)] = [
        ("", DeliveryURL.Problem.length), (longest + "x", .length),
        ("hooks.example.com", .request(.scheme)), ("ftp://hooks.example.com/", .request(.scheme)),
        ("//hooks.example.com/", .request(.scheme)), ("https:/hooks.example.com", .request(.scheme)),
        (" https://hooks.example.com/", .request(.notVisibleASCII)),
        ("https://hooks.example.com/a b", .request(.notVisibleASCII)),
        ("https://hooks.example.com/\r\nX: y", .request(.notVisibleASCII)),
        ("https://hooks.example.com/\u{0}", .request(.notVisibleASCII)),
        ("https://bücher.example/", .request(.notVisibleASCII)),
        ("https://user@hooks.example.com/", .request(.userinfo)),
        ("https://user:password@hooks.example.com/", .request(.userinfo)),
        ("https://8.8.8.8@10.0.0.5/", .request(.userinfo)), ("https://hooks.example.com/#top", .request(.fragment)),
        ("https://hooks.example.com\\@10.0.0.5/", .request(.backslash)),
        ("https://", .request(.host)), ("https:///path", .request(.host)), ("https://?x", .request(.host)),
        ("https://:443/", .request(.host)), ("https://.example/", .request(.host)),
        ("https://a%2eexample/", .request(.host)), ("https://[fe80::1%25eth0]/", .request(.host)),
        ("https://[::1/", .request(.host)), ("https://[1.2.3.4]/", .request(.host)), ("https://::1/", .request(.host)),
        ("https://hooks.example.com:0/", .request(.port)), ("https://hooks.example.com:65536/", .request(.port)),
        ("https://hooks.example.com:/", .request(.port)), ("https://hooks.example.com:x/", .request(.port)),
        ("https://hooks.example.com/a/../b", .request(.path)), ("https://hooks.example.com/%2e%2E", .request(.path)),
        ("https://hooks.example.com./", .host), ("https://hooks..example.com/", .host),
        ("https://-hooks.example.com/", .host), ("https://hooks-.example.com/", .host), ("https://./", .request(.host)),
        (longLabel, .host), (longHost, .host),
        ("https://1.2.3.4.5/", .host), ("https://256.256.256.256/", .host), ("https://example.1/", .host),
        ("https://example.0x/", .host), ("https://example.0x7f/", .host), ("https://08.8.8.8/", .host),
        ("https://8.8.8.8./", .host),
    ]

    @Test(arguments: refused)
    func `what is no such URL`(text: String, problem: DeliveryURL.Problem) {
        #expect(throws: problem) { try DeliveryURL(text, allowsLoopback: false) }
        #expect(throws: problem) { try DeliveryURL(text, allowsLoopback: true) }
    }

    @Test(arguments: [
        ("10.0.0.5", "10.0.0.5 is a private address"), ("167772165", "10.0.0.5 is a private address"),
        ("0xa.5", "10.0.0.5 is a private address"), ("012.0.0.5", "10.0.0.5 is a private address"),
        ("169.254.169.254", "169.254.169.254 is a link-local address"), ("0", "0.0.0.0 is an address of this network"),
        ("[::]", ":: is the unspecified address"), ("[FE80::1]", "fe80::1 is a link-local address"),
        ("[fd00:ec2::254]", "fd00:ec2::254 is a unique local address"),
        ("[::ffff:10.0.0.5]", "::ffff:10.0.0.5 stands for 10.0.0.5, which is a private address"),
        ("[64:ff9b::a00:5]", "64:ff9b::a00:5 stands for 10.0.0.5, which is a private address"),
    ])
    func `an address that is not public is refused in any spelling`(host: String, reason: String) {
        for allowsLoopback in [false, true] {
            #expect(throws: DeliveryURL.Problem.notPublic(reason)) {
                try DeliveryURL("https://\(host)/", allowsLoopback: allowsLoopback)
            }
        }
    }

    @Test(arguments: [
        ("https://127.0.0.1/", "must lead to a host on the public Internet: 127.0.0.1 is a loopback address"),
        ("https://app.LOCALHOST/", "must lead to a host on the public Internet: app.localhost is this machine"),
        ("https://134744072/", "must spell the address 8.8.8.8"),
        ("https://8.8.2056/", "must spell the address 8.8.8.8"),
        ("http://hooks.example.com/", "must begin with https://"), ("http://127.0.0.1/", "must begin with https://"),
        ("", "must be a URL of 1 to 2048 characters"),
    ])
    func `the problem tells what to do`(text: String, advice: String) throws {
        let problem = #expect(throws: DeliveryURL.Problem.self) { try DeliveryURL(text, allowsLoopback: false) }
        let description = try #require(problem?.description)
        #expect(description.hasPrefix(advice))
        // Where it would do for development, the setting is named.
        let isForSetting = text.contains("http:") || text.contains("127.") || text.contains("LOCALHOST")
        #expect(description.contains("ENVIRONMENT=development") == isForSetting)
    }

    @Test
    func `plain http to others is refused in development too`() {
        let problem = #expect(throws: DeliveryURL.Problem.self) {
            try DeliveryURL("http://hooks.example.com/", allowsLoopback: true)
        }
        #expect(
            problem?.description == "must begin with https://; http:// is for 127.0.0.1, [::1] and localhost"
        )
    }
}
