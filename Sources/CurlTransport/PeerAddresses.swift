import OutboundHTTP

/// Which addresses an engine's connections may go to, decided when a socket is opened: after name resolution, so that no
/// name can smuggle an address in, and no second look-up can exchange it.
///
/// A connection that is used again was checked when it was opened, and libcurl uses it for the same host, port and scheme
/// alone.
package enum PeerAddresses: Sendable, Equatable {
    case any
    /// Addresses of the public Internet only: for URLs that a client of the gateway chose.
    case publicOnly
    /// The same for development, where the receiver runs on this machine.
    case publicOrLoopback

    /// Why no connection may go to `address`, as a sentence without its end; `nil` if one may. An address that is none
    /// of IP is `nil`.
    func objection(to address: IPAddress?) -> String? {
        if self == .any { return nil }
        guard let address else { return "the address is not one of IP" }
        return self == .publicOrLoopback && address.isLoopback ? nil : address.reasonNotPublic
    }
}
