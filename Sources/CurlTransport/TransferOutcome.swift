import CCurl
import OutboundHTTP

/// The outcome of a transfer, as libcurl and the callbacks saw it, and its translation for the port.
struct TransferOutcome {
    /// How often libcurl was about to send the request, counted by `CURLOPT_PREREQFUNCTION`: the first byte can leave
    /// only after that, so zero means that nothing was sent.
    private(set) var passes = 0
    /// How many of these passes the peer certainly did not act on, because the protocol says so.
    var unprocessedPasses = 0
    /// A pass was refused because the request must not be sent again.
    var refusedPass = false
    /// A pass was refused because the peer is closing the connection that libcurl had chosen.
    var isStale = false
    /// The caller withdrew the request before this pass.
    var isWithdrawn = false
    var isTooLarge = false
    /// Since the last pass, sockets were asked for and none was granted: the first objection.
    private(set) var forbidden: String?
    private var hasSocket = false

    var delivery: TransportError.Delivery { passes == unprocessedPasses ? .notSent : .maybeSent }

    /// Whether the request may be sent (again). One that is not idempotent only if nothing that was sent was acted on.
    func mayPass(isIdempotent: Bool) -> Bool {
        passes < 2 && (isIdempotent || passes == unprocessedPasses)
    }

    mutating func asked(forSocketWith objection: String?) {
        if objection == nil { hasSocket = true }
        forbidden = hasSocket ? nil : forbidden ?? objection
    }

    mutating func beginPass() {
        passes += 1
        forgetSockets()
    }

    /// For another try on a connection of its own.
    mutating func startOver() {
        isStale = false
        refusedPass = false
        forgetSockets()
    }

    private mutating func forgetSockets() {
        forbidden = nil
        hasSocket = false
    }

    /// The port's error for libcurl's `code`. Of `message`, libcurl's own words, 200 characters of ASCII are kept.
    func error(for code: CURLcode, message: String) -> TransportError {
        let text = String(String.UnicodeScalarView(message.unicodeScalars.filter { (0x20..<0x7F).contains($0.value) }))
        let cause = cause(of: code)
        if cause == .forbiddenAddress, let forbidden {
            return TransportError(delivery: delivery, cause: cause, detail: forbidden)
        }
        return TransportError(
            delivery: delivery,
            cause: cause,
            detail: "curl \(code.rawValue): \(text.prefix(200))"
        )
    }

    private func cause(of code: CURLcode) -> TransportError.Cause {
        if isTooLarge { return .answerTooLarge }
        if refusedPass || isStale { return .connectionLost }
        if isWithdrawn { return passes == 0 ? .withdrawn : .connectionLost }
        if forbidden != nil { return .forbiddenAddress }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .nameResolution
        case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED: return .connect
        case CURLE_OPERATION_TIMEDOUT: return .timeout
        case CURLE_FILESIZE_EXCEEDED: return .answerTooLarge
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CLIENTCERT,
            CURLE_USE_SSL_FAILED, CURLE_SSL_INVALIDCERTSTATUS:
            return .tls
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            return passes == 0 ? .invalidRequest : .connectionLost
        default: return passes == 0 ? .connect : .connectionLost
        }
    }
}
