package import HTTPTypes

/// Sends one HTTP request to a vendor and returns its answer.
///
/// The port has one method so that a whole gateway can run against a transport that a test or a simulation supplies.
package protocol HTTPTransport: Sendable {
    /// Sends `request` once and waits for the whole answer.
    ///
    /// A transport never repeats a request that is not idempotent, and never follows a redirect: any status is an
    /// answer.
    /// - Throws: ``TransportError``, which says whether the request can have left this machine.
    func send(_ request: OutboundRequest) async throws(TransportError) -> OutboundResponse
}

/// What a request is for, for metrics: words of closed sets.
package struct RequestLabel: Sendable, Hashable {
    /// Whose API: `twilio`, `ultravox`.
    package let service: String
    /// The operation, without identifiers.
    package let endpoint: String

    package init(service: String, endpoint: String) {
        self.service = service
        self.endpoint = endpoint
    }
}

/// A request to a vendor.
package struct OutboundRequest: Sendable {
    package var method: HTTPRequest.Method
    /// An absolute `https` URL; plain `http` only for loopback hosts.
    package var url: String
    package var headers: HTTPFields
    package var body: [UInt8]?
    /// From hand-over to the last byte of the answer, waiting for a connection included.
    package var timeout: Duration
    /// Name resolution, TCP and TLS together.
    package var connectTimeout: Duration
    /// The answer is cut off beyond this many bytes of body.
    package var maximumAnswerBytes: Int
    /// By which it is counted; `nil` if it is not.
    package var label: RequestLabel?
    /// Asked at the last moment before the first byte would leave, when connecting may have taken seconds: `false` ends
    /// the request unsent. It runs on the transport's own thread, so it must answer at once, without a lock: read or swap
    /// an atomic. It is asked again for every pass over the wire.
    package var mayLeave: (@Sendable () -> Bool)?

    package init(
        method: HTTPRequest.Method,
        url: String,
        headers: HTTPFields = [:],
        body: [UInt8]? = nil,
        timeout: Duration = .seconds(10),
        connectTimeout: Duration = .seconds(5),
        maximumAnswerBytes: Int = 1 << 20,
        label: RequestLabel? = nil,
        mayLeave: (@Sendable () -> Bool)? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.maximumAnswerBytes = maximumAnswerBytes
        self.label = label
        self.mayLeave = mayLeave
    }
}

/// A complete answer, whatever its status.
package struct OutboundResponse: Sendable {
    /// The HTTP status code, 200 to 599.
    package var status: Int
    package var headers: HTTPFields
    package var body: [UInt8]

    package init(status: Int, headers: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
