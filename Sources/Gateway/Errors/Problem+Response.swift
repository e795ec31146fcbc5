import CallDomain
import HTTPTypes
import Hummingbird

extension Problem {
    static let contentType = "application/problem+json"

    /// The answer with this problem.
    func response(path: String, requestID: String, now: Timestamp) -> Response {
        var response = Response.json(status, json(path: path, requestID: requestID, now: now), headers: headers)
        response.headers[.contentType] = Self.contentType
        return response
    }

    /// The document, for a request to `path` without its query; the operator's log has `requestID` too.
    func json(path: String, requestID: String, now: Timestamp) -> JSONValue {
        var body: JSONObject = [
            "type": .string("urn:switchboard:problem:\(code.rawValue)"),
            "title": .string(code.title),
            "status": .integer(status.code),
            "detail": .string(detail),
            "instance": .string(path),
            "code": .string(code.rawValue),
            "request_id": .string(requestID),
            "timestamp": .string(now.rfc3339),
        ]
        if !errors.isEmpty {
            body["errors"] = .array(errors.map { ["field": .string($0.field), "message": .string($0.message)] })
        }
        if let upstream {
            body["upstream"] = [
                "service": .string(upstream.vendor.rawValue),
                "status": .integer(upstream.status),
                "code": .optional(upstream.code),
                "message": .string(upstream.message),
                "more_info": .optional(upstream.moreInfo),
            ]
        }
        if let callID { body["call_id"] = .string(callID.text) }
        return .object(body)
    }
}

extension Response {
    /// An answer in JSON.
    static func json(_ status: HTTPResponse.Status, _ value: JSONValue, headers: HTTPFields = [:]) -> Response {
        json(status, value.encoded, headers: headers)
    }

    /// An answer whose body is JSON as it is.
    static func json(_ status: HTTPResponse.Status, _ bytes: [UInt8], headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.contentLength] = String(bytes.count)
        headers[.cacheControl] = "no-store"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
