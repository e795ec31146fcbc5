/// What an address is for, by IANA's registries.
///
/// - SeeAlso: <https://www.iana.org/assignments/iana-ipv4-special-registry/> (RFC 6890),
///   <https://www.iana.org/assignments/iana-ipv6-special-registry/>,
///   <https://www.iana.org/assignments/ipv6-address-space/>
extension IPAddress {
    /// Whether it belongs to a host of the public Internet.
    package var isPublic: Bool { reasonNotPublic == nil }

    /// Whether it is this machine's own: `127.0.0.0/8` or `::1`, also as an IPv4-mapped address.
    package var isLoopback: Bool {
        if let embedded, Self.ipv4Mapped.contains(bytes) { return embedded.isLoopback }
        return isIPv6 ? Self.loopbackIPv6.contains(bytes) : Self.loopbackIPv4.contains(bytes)
    }

    /// Why no host of the public Internet has it, as a sentence without its end; `nil` if it is public.
    ///
    /// Blocks inside a registered one that are reachable all the same (anycast of PCP and TURN, for example) are no
    /// places for an HTTP server, so the whole block is refused. Two kinds of addresses stand for one of IPv4, which
    /// decides: IPv4-mapped ones, and those of the well-known prefix of NAT64, because in an IPv6-only network each host
    /// of IPv4 has such an address (RFC 6052). A prefix that a network chose for itself cannot be told.
    package var reasonNotPublic: String? {
        if let embedded {
            return embedded.block.map { "\(self) stands for \(embedded), which is \($0.use)" }
        }
        if let block { return "\(self) is \(block.use)" }
        guard isIPv6, !Self.globalUnicast.contains(bytes) else { return nil }
        return "\(self) is a reserved address"
    }

    /// The address of IPv4 that this one of IPv6 stands for.
    private var embedded: IPAddress? {
        guard isIPv6, Self.ipv4Mapped.contains(bytes) || Self.wellKnownNAT64.contains(bytes) else { return nil }
        return IPAddress(bytes: bytes.suffix(4))
    }

    private var block: Block? { (isIPv6 ? Self.specialIPv6 : Self.specialIPv4).first { $0.contains(bytes) } }

    /// The addresses that begin with the same bits.
    private struct Block {
        let prefix: [UInt8]
        let bits: Int
        let use: String

        init(_ prefix: [UInt8], _ bits: Int, _ use: String = "") {
            (self.prefix, self.bits, self.use) = (prefix, bits, use)
        }

        func contains(_ address: [UInt8]) -> Bool {
            (0..<bits).allSatisfy { bit in
                let mask = UInt8(0x80) >> UInt8(bit % 8)
                let expected = bit / 8 < prefix.count ? prefix[bit / 8] & mask : 0
                return address[bit / 8] & mask == expected
            }
        }
    }

    private static let loopbackIPv4 = Block([127], 8, "a loopback address")
    private static let specialIPv4 = [
        Block([0], 8, "an address of this network"),
        Block([10], 8, "a private address"),
        Block([100, 64], 10, "a carrier's shared address (CGNAT)"),
        loopbackIPv4,
        Block([168, 63, 129, 16], 32, "the address of Azure's platform services"),  // public by the registries
        Block([169, 254], 16, "a link-local address"),
        Block([172, 16], 12, "a private address"),
        Block([192, 0, 0], 24, "an address for IETF protocols"),
        Block([192, 0, 2], 24, "an address for documentation"),
        Block([192, 88, 99], 24, "a 6to4 relay address"),
        Block([192, 168], 16, "a private address"),
        Block([198, 18], 15, "an address for benchmarks"),
        Block([198, 51, 100], 24, "an address for documentation"),
        Block([203, 0, 113], 24, "an address for documentation"),
        Block([224], 4, "a multicast address"),
        Block([255, 255, 255, 255], 32, "the broadcast address"),
        Block([240], 4, "a reserved address"),
    ]

    private static let loopbackIPv6 = Block(
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        128,
        "a loopback address"
    )
    private static let ipv4Mapped = Block([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 96)
    private static let wellKnownNAT64 = Block([0, 0x64, 0xFF, 0x9B], 96)
    private static let globalUnicast = Block([0x20], 3)
    private static let specialIPv6 = [
        loopbackIPv6,
        Block([], 128, "the unspecified address"),
        Block([], 96, "an IPv4-compatible address"),
        Block([0, 0x64, 0xFF, 0x9B, 0, 1], 48, "a local NAT64 address"),
        Block([0x01, 0], 64, "a discard-only address"),
        Block([0x01, 0, 0, 0, 0, 0, 0, 1], 64, "a dummy address"),
        Block([0x20, 0x01], 32, "a Teredo address"),
        Block([0x20, 0x01], 23, "an address for IETF protocols"),
        Block([0x20, 0x01, 0x0D, 0xB8], 32, "an address for documentation"),
        Block([0x20, 0x02], 16, "a 6to4 address"),
        Block([0x3F, 0xFF], 20, "an address for documentation"),
        Block([0x5F, 0], 16, "a segment routing address"),
        Block([0xFC], 7, "a unique local address"),
        Block([0xFE, 0x80], 10, "a link-local address"),
        Block([0xFE, 0xC0], 10, "a site-local address"),
        Block([0xFF], 8, "a multicast address"),
    ]
}
