import HTTPTypes
import OutboundHTTP

/// A request that was checked: nothing in it can surprise libcurl, or turn into a second header or request on the wire.
struct WireRequest: Sendable {
    let url: RequestURL
    let method: String
    /// Whether sending the request twice has the effect of sending it once (RFC 9110 section 9.2.2).
    let isIdempotent: Bool
    /// As libcurl takes them, one `Name: value` each.
    let headerLines: [String]
    /// `nil` sends neither a body nor `Content-Length`.
    let body: [UInt8]?
    let timeout: Duration
    let connectTimeout: Duration
    let maximumAnswerBytes: Int
    let mayLeave: (@Sendable () -> Bool)?

    /// - Throws: ``TransportError`` with cause `.invalidRequest` and delivery `.notSent`.
    init(_ request: OutboundRequest) throws(TransportError) {
        do throws(RequestURL.Problem) {
            url = try RequestURL(request.url)
        } catch {
            throw Self.invalid(error.rawValue)
        }
        method = request.method.rawValue
        guard let plan = Self.plans[method] else { throw Self.invalid("method is not one that is sent") }
        isIdempotent = plan.isIdempotent
        guard plan.body != .forbidden || request.body == nil else { throw Self.invalid("\(method) has no body") }
        body = request.body ?? (plan.body == .always ? [] : nil)

        var lines = ["Expect:"]  // libcurl would ask for `100-continue` and wait a second for it
        for field in request.headers {
            if field.name == .contentLength {
                guard field.value == "\(body?.count ?? 0)" else {
                    throw Self.invalid("Content-Length is not the body's")
                }
                continue
            }
            guard !Self.reserved.contains(field.name) else {
                throw Self.invalid("header \(field.name.canonicalName) belongs to the transport")
            }
            lines.append(try Self.headerLine(name: field.name.rawName, value: field.value))
        }
        // libcurl would say that every body is a form.
        if body != nil, request.headers[.contentType] == nil { lines.append("Content-Type:") }
        headerLines = lines
        timeout = min(request.timeout, .seconds(86_400))
        connectTimeout = request.connectTimeout
        maximumAnswerBytes = max(0, request.maximumAnswerBytes)
        mayLeave = request.mayLeave
    }

    /// One header as libcurl takes it.
    ///
    /// `HTTPFields` repairs what it is given, but this is the last gate before the wire, so it does not rely on that.
    static func headerLine(name: String, value: String) throws(TransportError) -> String {
        guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else { throw invalid("header name is not a token") }
        // On `utf8`: CR LF is one `Character`.
        guard value.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else {
            throw invalid("header \(name) has a control character")
        }
        // To libcurl "Name:" removes a header, and "Name;" sends an empty one.
        return value.allSatisfy(\.isWhitespace) ? "\(name);" : "\(name): \(value)"
    }

    private enum BodyRule {
        case forbidden
        case optional
        /// An empty body is sent as one of zero bytes.
        case always
    }

    /// `CONNECT` and `TRACE` are missing on purpose.
    private static let plans: [String: (isIdempotent: Bool, body: BodyRule)] = [
        "GET": (true, .optional), "HEAD": (true, .forbidden), "OPTIONS": (true, .optional),
        "PUT": (true, .always), "DELETE": (true, .optional),
        "POST": (false, .always), "PATCH": (false, .always),
    ]

    /// Headers that decide on framing, connection or routing.
    private static let reserved: Set<HTTPField.Name> = Set(
        [
            "Host", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization",
            "Upgrade", "HTTP2-Settings", "TE", "Trailer", "Expect",
        ].compactMap { HTTPField.Name($0) }
    )

    private static func invalid(_ detail: String) -> TransportError {
        TransportError(delivery: .notSent, cause: .invalidRequest, detail: detail)
    }

    /// A `tchar` of RFC 9110 section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
