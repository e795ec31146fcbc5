import OutboundHTTP
import TestSupport
import Testing

@Suite
struct IPAddressTests {
    /// One range of `fixtures/addresses/special-purpose.json`.
    struct Range: Decodable, Sendable, CustomTestStringConvertible {
        let range: String
        let name: String
        /// Whether the first and the last address, and those before and behind them, are public.
        let edges: [String: Bool]

        var testDescription: String { "\(range) \(name)" }
    }

    static func ranges() throws -> [Range] { try Fixture.decode(from: "addresses/special-purpose.json") }

    @Test(arguments: try ranges())
    func `the edges of each range of the registries`(range: Range) throws {
        for (text, isPublic) in range.edges {
            let address = try #require(IPAddress(text))
            #expect(address.isPublic == isPublic, "\(text)")
            #expect(address.reasonNotPublic?.hasPrefix(isPublic ? "-" : "\(address) ") ?? isPublic)
        }
    }

    @Test
    func `the ranges are all there`() throws {
        let ranges = try Self.ranges()
        #expect(ranges.count == 55)
        #expect(ranges.reduce(0) { $0 + $1.edges.count } == 362)
    }

    @Test(arguments: ["8.8.8.8", "1.1.1.1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2606:4700::1111", "2a00:1450::1"])
    func `public addresses`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.isPublic)
        #expect(!address.isLoopback)
    }

    @Test(arguments: [
        ("10.0.0.5", "10.0.0.5 is a private address"),
        ("127.0.0.1", "127.0.0.1 is a loopback address"),
        ("169.254.169.254", "169.254.169.254 is a link-local address"),
        ("100.100.100.200", "100.100.100.200 is a carrier's shared address (CGNAT)"),
        ("255.255.255.255", "255.255.255.255 is the broadcast address"),
        ("::", ":: is the unspecified address"),
        ("::1", "::1 is a loopback address"),
        ("::127.0.0.1", "::127.0.0.1 is an IPv4-compatible address"),
        ("::ffff:10.0.0.5", "::ffff:10.0.0.5 stands for 10.0.0.5, which is a private address"),
        ("64:ff9b::10.0.0.5", "64:ff9b::a00:5 stands for 10.0.0.5, which is a private address"),
        ("64:ff9b:1::8.8.8.8", "64:ff9b:1::808:808 is a local NAT64 address"),
        ("2002:808:808::1", "2002:808:808::1 is a 6to4 address"),
        ("2001:0:808:808::1", "2001:0:808:808::1 is a Teredo address"),
        ("fd00:ec2::254", "fd00:ec2::254 is a unique local address"),
        ("fe80::1", "fe80::1 is a link-local address"),
        ("4000::1", "4000::1 is a reserved address"),
    ])
    func `the reason names the address and its use`(text: String, reason: String) throws {
        #expect(try #require(IPAddress(text)).reasonNotPublic == reason)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.255.255", true), ("128.0.0.0", false), ("126.255.255.255", false),
        ("::1", true), ("::2", false), ("::", false), ("0.0.0.0", false), ("::ffff:127.0.0.1", true),
        ("::127.0.0.1", false), ("64:ff9b::127.0.0.1", false), ("::ffff:128.0.0.1", false),
    ])
    func `loopback addresses`(text: String, isLoopback: Bool) throws {
        #expect(try #require(IPAddress(text)).isLoopback == isLoopback)
    }

    @Test(arguments: [
        ("2130706433", "127.0.0.1"), ("0x7f000001", "127.0.0.1"), ("0177.0.0.1", "127.0.0.1"), ("127.1", "127.0.0.1"),
        ("0x7F.0.1", "127.0.0.1"), ("10.0x5", "10.0.0.5"), ("1.2.3", "1.2.0.3"), ("0", "0.0.0.0"),
        ("::FFFF:7f00:1", "::ffff:127.0.0.1"), ("0:0:0:0:0:0:0:1", "::1"), ("2001:DB8:0:0::1", "2001:db8::1"),
    ])
    func `every spelling is read`(text: String, canonical: String) throws {
        #expect(try #require(IPAddress(text)).description == canonical)
    }

    @Test(arguments: [
        "", "example.com", "256.0.0.1", "1.2.3.4.5", "1.2.3.4.", "08.1.1.1", "4294967296", "127.0.0.1 x",
        "127.0.0.1\u{0}x", "::1\u{0}x", "[::1]", "fe80::1%eth0", "1::2::3", "::1.2.3", ":", "0x",
    ])
    func `what is no address`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test
    func `only 4 or 16 bytes are an address`() {
        #expect((0...20).filter { IPAddress(bytes: [UInt8](repeating: 1, count: $0)) != nil } == [4, 16])
    }
}
