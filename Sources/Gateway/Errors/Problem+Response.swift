import CallDomain
import HTTPTypes
import Hummingbird
import OrderedCollections

extension Problem {
    /// The answer with this problem, for a request to `path` without its query; the operator's log has `requestID` too.
    func response(path: String, requestID: String, now: Timestamp) -> Response {
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
        var response = Response.json(status, .object(body), headers: headers)
        response.headers[.contentType] = "application/problem+json"
        return response
    }
}

extension Response {
    /// An answer in JSON.
    static func json(_ status: HTTPResponse.Status, _ value: JSONValue, headers: HTTPFields = [:]) -> Response {
        let bytes = value.encoded
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.contentLength] = String(bytes.count)
        headers[.cacheControl] = "no-store"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
