import HTTPTypes
import OutboundHTTP

/// The gateway on this machine, without any proxy: shows whether the gateway or the proxy is at fault.
struct LocalGateway: Sendable {
    private let address: String
    private let transport: any HTTPTransport

    /// - Returns: `nil` if the configuration does not say where the gateway listens on this machine.
    init?(_ settings: Settings, _ transport: any HTTPTransport) {
        guard let own = LocalAddress(host: settings.host, port: settings.port) else { return nil }
        address = own.url
        self.transport = transport
    }

    /// Whether a gateway answers there.
    func answers() async -> Bool {
        let request = OutboundRequest(method: .get, url: address + "/health/live", timeout: .seconds(3))
        return (try? await transport.send(request))?.status == 200
    }

    /// A sentence to add to a fault at `base`; empty if there is nothing to add.
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
