import Foundation

/// Where a gateway is found on the machine that it runs on, past every proxy.
struct LocalAddress: Sendable, Equatable {
    /// Plain http to this machine, without a path.
    let url: String

    /// The address of a gateway that listens on `host` and `port`.
    /// - Returns: `nil` if the port is picked at start, or if the host is not a loopback address: no plain http is sent
    ///   to other machines.
    init?(host: String, port: Int) {
        guard port != 0 else { return nil }
        let own =
            switch host {
            case "0.0.0.0": "127.0.0.1"
            case "::", "::1": "[::1]"
            default: host
            }
        guard let base = try? BaseURL("http://\(own):\(port)"), base.isLoopback else { return nil }
        url = base.text
    }

    /// Finds `HOST` and `PORT` as `serve` does, even if other settings have problems.
    /// - Throws: the problems of these two.
    static func load(environment: [String: String], workingDirectory: URL?) throws(SettingsProblems) -> LocalAddress {
        let (host, port) = (SettingCatalogue.host, SettingCatalogue.port)
        let reader = SettingReader(
            environment: environment,
            surroundings: Surroundings(workingDirectory: workingDirectory),
            isClient: true
        )
        let problems = reader.ownProblems(of: [host.entry, port.entry])
        guard problems.isEmpty else { throw SettingsProblems(problems) }
        let (name, number) = (try reader.value(host), try reader.value(port))
        guard let address = LocalAddress(host: name, port: number) else {
            let (entry, wrong) =
                number == 0
                ? (port.entry, "is 0: the gateway picks a port and names it only in its log")
                : (host.entry, "is not a loopback address, and no plain http is sent to other machines")
            throw SettingsProblems([SettingProblem(name: entry.name, wrong: wrong)])
        }
        return address
    }
}
