extension Settings {
    /// The warning about a loopback public address if the vendors are elsewhere. It is correct for the sandbox, but no
    /// webhook from outside can arrive there.
    static func unreachable(_ publicBaseURL: String, vendors: [String]) -> [String] {
        func isLoopback(_ text: String) -> Bool { (try? BaseURL(text))?.isLoopback == true }
        guard isLoopback(publicBaseURL), !vendors.allSatisfy(isLoopback) else { return [] }
        return [
            "PUBLIC_BASE_URL is a loopback address, which the vendors cannot reach: set it to the https address of the "
                + "proxy in front of the gateway"
        ]
    }
}
