import HTTPTypes
import OutboundHTTP

/// The gateway as it listens on this machine, past every proxy: tells whose fault it is that nothing answers.
struct LocalGateway: Sendable {
    private let address: String
    private let transport: any HTTPTransport

    /// - Returns: `nil` if the configuration does not tell where to look on this machine.
    init?(_ settings: Settings, _ transport: any HTTPTransport) {
        guard settings.port != 0 else { return nil }
        let host: String
        switch settings.host {
        case "0.0.0.0": host = "127.0.0.1"
        case "::", "::1", "[::]", "[::1]": host = "[::1]"
        default: host = settings.host
        }
        guard let base = try? BaseURL("http://\(host):\(settings.port)"), base.isLoopback else {
            return nil
        }
        address = base.text
        self.transport = transport
    }

    /// Whether a gateway answers there.
    func answers() async -> Bool {
        let request = OutboundRequest(method: .get, url: address + "/health/live", timeout: .seconds(3))
        return (try? await transport.send(request))?.status == 200
    }

    /// A sentence to follow a fault at `base`; empty where it would tell nothing.
    func explanation(of fault: ProbeFault, _ base: BaseURL) async -> String {
        guard fault.isUnreached, base.text != address else { return "" }
        guard await answers() else {
            return ". On this machine nothing answers at \(address) either: start the gateway first"
        }
        let nat =
            base.isLoopback || fault.name == .upstream
            ? ""
            : ", or run the check elsewhere if this network lets no machine reach its own public address"
        return ". The gateway itself answers at \(address): look at the proxy\(nat)"
    }
}
