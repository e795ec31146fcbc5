import ArgumentParser

/// The address of a gateway, as an option of a command gives it.
enum GatewayAddress {
    /// - Returns: the URL without a slash at the end.
    /// - Throws: `ValidationError` that names `option`, unless it is https, or http to this machine.
    static func checked(_ text: String, option: String) throws -> String {
        let base: BaseURL
        do {
            base = try BaseURL(text)
        } catch {
            throw ValidationError("\(option) \(error.wrong). Expected: a URL such as http://127.0.0.1:8080")
        }
        guard base.scheme == .https || base.isLoopback else {
            throw ValidationError("\(option) is plain http, which is only for this machine: use https")
        }
        return base.text
    }
}
