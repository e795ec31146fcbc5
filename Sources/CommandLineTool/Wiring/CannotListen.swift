import Foundation
import NIOCore

/// Nothing can listen where this program is to listen.
struct CannotListen: Error, CustomStringConvertible {
    enum Cause: Sendable, Equatable {
        /// Another program listens there.
        case taken
        /// The system gives that port to privileged programs alone.
        case forbidden
        /// The address is not one of this machine's.
        case foreignAddress
        /// The host is a name that has no address.
        case unknownHost
    }

    let cause: Cause
    /// Host and port.
    let address: String
    /// What names another port.
    let portSetting: String

    /// - Returns: `nil` if another address would not solve `error`.
    init?(_ error: any Error, address: String, portSetting: String) {
        switch error {
        case let error as IOError:
            switch error.errnoCode {
            case EADDRINUSE: cause = .taken
            case EACCES, EPERM: cause = .forbidden
            // The latter where the machine has no IPv6.
            case EADDRNOTAVAIL, EAFNOSUPPORT: cause = .foreignAddress
            default: return nil
            }
        case is SocketAddressError.UnknownHost: cause = .unknownHost
        default: return nil
        }
        self.address = address
        self.portSetting = portSetting
    }

    /// Of a gateway, which listens on `HOST` and `PORT`.
    init?(_ error: any Error, _ settings: Settings) {
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        self.init(error, address: "\(host):\(settings.port)", portSetting: SettingCatalogue.port.entry.name)
    }

    var description: String {
        switch cause {
        case .taken:
            "another program listens on \(address); stop it, or choose another port with \(portSetting) (0 picks a free "
                + "one)"
        case .forbidden:
            "the system does not let this program listen on \(address); choose a port of 1024 or above with \(portSetting) "
                + "and let a proxy listen on the other one, or give the program CAP_NET_BIND_SERVICE"
        case .foreignAddress:
            "\(address) is not an address of this machine; set HOST to one of its addresses, to 127.0.0.1 for this machine "
                + "only, or to 0.0.0.0 for all interfaces"
        case .unknownHost:
            "the host of \(address) is a name without an address; set HOST to an address of this machine, to 127.0.0.1 "
                + "for this machine only, or to 0.0.0.0 for all interfaces"
        }
    }
}
