package import CallDomain
import CallFlow
import Crypto
import HTTPTypes
import Hummingbird

/// The `Idempotency-Key` of a request: 1 to 255 visible ASCII characters, quoted or bare.
struct IdempotencyKey: Equatable {
    static let longest = 255

    let text: String

    /// `nil` without one.
    /// - Throws: ``Problem`` 400 for one that is malformed, or for several.
    init?(_ headers: HTTPFields) throws {
        let given = headers[values: .idempotencyKey]
        guard let first = given.first else { return nil }
        guard given.count == 1, let text = Self.unquoted(first) else {
            throw Problem(
                .idempotencyKeyInvalid,
                "Send one Idempotency-Key of 1 to \(Self.longest) visible ASCII characters, such as a UUID, and no space in it."
            )
        }
        self.text = text
    }

    private static func unquoted(_ text: String) -> String? {
        let quote = UInt8(ascii: "\"")
        var bytes = Array(text.utf8)
        if bytes.first == quote || bytes.last == quote {
            guard bytes.count >= 2, bytes.first == quote, bytes.last == quote else { return nil }
            bytes = Array(bytes.dropFirst().dropLast())
            // Within quotes these two would have to be escaped, and a key does without them.
            guard !bytes.contains(quote), !bytes.contains(UInt8(ascii: "\\")) else { return nil }
        }
        guard (1...longest).contains(bytes.count), bytes.allSatisfy({ 0x21...0x7E ~= $0 }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// What makes two requests the same: a digest of path and body bytes.
    static func digest(path: String, body: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array(path.utf8))
        // No path holds this byte, so that the border between the two cannot be moved.
        hash.update(data: [0])
        hash.update(data: body)
        return Array(hash.finalize())
    }
}

extension KeptAnswer {
    init(_ status: HTTPResponse.Status, _ call: Call) {
        self.init(
            status: status.code,
            contentType: "application/json",
            location: "/calls/\(call.id.text)",
            body: call.jsonForCreator
        )
    }

    /// What a client is answered who repeats an order of which a restart left no answer.
    package static func accepted(_ call: Call) -> KeptAnswer { KeptAnswer(.accepted, call) }

    var response: Response {
        var headers: HTTPFields = [.contentType: contentType, .contentLength: String(body.count)]
        headers[.cacheControl] = "no-store"
        headers[.location] = location
        return Response(
            status: .init(code: status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    /// The answer, marked as given before.
    var replay: Response {
        var response = response
        response.headers[.idempotentReplayed] = "true"
        return response
    }
}
