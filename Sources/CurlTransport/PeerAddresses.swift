/// Which addresses an engine's connections may go to, decided when a socket is opened: after name resolution, so that no
/// name can smuggle an address in.
package enum PeerAddresses: Sendable, Equatable {
    case any
    /// Addresses of the public Internet only: for URLs that a client of the gateway chose.
    case publicOnly
    /// The same for development, where the receiver runs on this machine.
    case publicOrLoopback

    /// Whether a connection may go to `address`: the 4 or 16 bytes of an IP address, most significant first.
    func permits(_ address: [UInt8]) -> Bool {
        switch self {
        case .any: true
        case .publicOnly: Self.isPublic(address)
        case .publicOrLoopback: Self.isPublic(address) || Self.isLoopback(address)
        }
    }

    /// By IANA's registries of special-purpose addresses.
    /// - SeeAlso: <https://www.iana.org/assignments/iana-ipv4-special-registry/>,
    ///   <https://www.iana.org/assignments/iana-ipv6-special-registry/>
    static func isPublic(_ address: [UInt8]) -> Bool {
        switch address.count {
        case 4: return !specialIPv4.contains { $0.contains(address) }
        case 16:
            if ipv4Mapped.contains(address) { return isPublic(Array(address.suffix(4))) }
            return globalUnicast.contains(address) && !specialIPv6.contains { $0.contains(address) }
        default: return false
        }
    }

    static func isLoopback(_ address: [UInt8]) -> Bool {
        switch address.count {
        case 4: address[0] == 127
        case 16:
            ipv4Mapped.contains(address)
                ? isLoopback(Array(address.suffix(4)))
                : address.dropLast().allSatisfy { $0 == 0 } && address.last == 1
        default: false
        }
    }

    private struct Block {
        let prefix: [UInt8]
        let bits: Int

        func contains(_ address: [UInt8]) -> Bool {
            for bit in 0..<bits {
                let mask = UInt8(0x80) >> UInt8(bit % 8)
                let expected = bit / 8 < prefix.count ? prefix[bit / 8] & mask : 0
                if address[bit / 8] & mask != expected { return false }
            }
            return true
        }
    }

    private static let specialIPv4 = [
        Block(prefix: [0], bits: 8), Block(prefix: [10], bits: 8), Block(prefix: [100, 64], bits: 10),
        Block(prefix: [127], bits: 8), Block(prefix: [169, 254], bits: 16), Block(prefix: [172, 16], bits: 12),
        Block(prefix: [192, 0, 0], bits: 24), Block(prefix: [192, 0, 2], bits: 24),
        Block(prefix: [192, 88, 99], bits: 24), Block(prefix: [192, 168], bits: 16),
        Block(prefix: [198, 18], bits: 15), Block(prefix: [198, 51, 100], bits: 24),
        Block(prefix: [203, 0, 113], bits: 24), Block(prefix: [224], bits: 4), Block(prefix: [240], bits: 4),
    ]
    private static let ipv4Mapped = Block(prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], bits: 96)
    private static let globalUnicast = Block(prefix: [0x20], bits: 3)
    private static let specialIPv6 = [
        Block(prefix: [0x20, 0x01], bits: 23), Block(prefix: [0x20, 0x01, 0x0D, 0xB8], bits: 32),
        Block(prefix: [0x20, 0x02], bits: 16), Block(prefix: [0x3F, 0xFF], bits: 20),
    ]
}
