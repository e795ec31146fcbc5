import OutboundHTTP

extension ProbeFault {
    /// The probe got no answer.
    init(_ error: TransportError, _ base: BaseURL) {
        switch error.cause {
        case .nameResolution:
            self.init(
                .host,
                "the name \(base.host) cannot be resolved: correct PUBLIC_BASE_URL, or add the DNS record"
            )
        case .tls where Self.isPlain(error):
            self.init(
                .scheme,
                "PUBLIC_BASE_URL says https, but \(base.text) answers with plain http: let the proxy terminate TLS "
                    + "there, or correct the port"
            )
        case .tls:
            self.init(
                .certificate,
                "this machine does not trust the one of \(base.host) (\(error.detail)): install a valid one at the proxy; "
                    + "the vendors do not trust it either"
            )
        case .connect, .forbiddenAddress:
            self.init(
                .port,
                "nothing answers at \(base.text): start the gateway and the proxy, or correct PUBLIC_BASE_URL",
                isUnreached: true
            )
        case .timeout:
            self.init(
                .reach,
                "\(base.text) does not answer in time: check the firewall and the proxy",
                isUnreached: true
            )
        case .connectionLost, .answerTooLarge, .invalidRequest, .withdrawn, .cancelled, .stopped:
            let other = base.scheme == .http ? ", and whether the port speaks https" : ""
            self.init(
                .reach,
                "the connection to \(base.text) gave no valid answer (\(error.detail)): check the proxy's log\(other)"
            )
        }
    }

    /// How OpenSSL and GnuTLS call an answer that is no TLS.
    private static func isPlain(_ error: TransportError) -> Bool {
        let words = [
            "wrong version number", "packet length too long", "unexpected tls packet", "http request",
        ]
        return words.contains { error.detail.lowercased().contains($0) }
    }
}
