import CallDomain
import HTTPTypes
import Hummingbird
import Logging

/// Gives every request an id, which the answer and every log line carry.
struct RequestIdentification: RouterMiddleware {
    let random: any RandomBits

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let given = request.headers[values: .xRequestID]
        if given.count == 1, Self.isSane(given[0]) {
            context.requestID = given[0]
        } else {
            context.requestID = Hex.encode((0..<2).flatMap { _ in withUnsafeBytes(of: random.next(), Array.init) })
        }
        // The framework's own id would only say the same in other words.
        context.logger[metadataKey: "hb.request.id"] = nil
        context.logger[metadataKey: "request.id"] = "\(context.requestID)"
        var response = try await LogContext.adding(["request.id": context.requestID]) { [context] in
            try await next(request, context)
        }
        response.headers[.xRequestID] = context.requestID
        return response
    }

    /// Something that is safe in a header, a log line and a shell.
    private static func isSane(_ id: String) -> Bool {
        (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}

extension HTTPField.Name {
    static let xRequestID = Self.known("X-Request-ID")
    static let xAPIKey = Self.known("X-API-Key")
    static let twilioSignature = Self.known("X-Twilio-Signature")
    static let idempotencyKey = Self.known("Idempotency-Key")
    static let idempotentReplayed = Self.known("Idempotent-Replayed")

    static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is not a header name") }
        return name
    }
}
