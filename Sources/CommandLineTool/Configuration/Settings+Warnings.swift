extension Settings {
    /// What is said about a public address that is this machine's own, where the vendors are elsewhere: it is a good
    /// address for the sandbox, and one at which no webhook can arrive from outside.
    static func unreachable(_ publicBaseURL: String, vendors: [String]) -> [String] {
        func isLoopback(_ text: String) -> Bool { (try? BaseURL(text))?.isLoopback == true }
        guard isLoopback(publicBaseURL), !vendors.allSatisfy(isLoopback) else { return [] }
        return [
            "PUBLIC_BASE_URL is this machine's own address, which no vendor can reach: set it to the https address of the "
                + "proxy in front of the gateway"
        ]
    }
}
