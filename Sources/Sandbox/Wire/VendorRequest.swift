import HTTPTypes

/// A request to one of the stand-ins, complete and decoded.
struct VendorRequest: Sendable {
    let method: HTTPRequest.Method
    /// The raw path and query.
    let target: String
    let headers: HTTPFields
    let body: [UInt8]

    var path: String { String(target.prefix { $0 != "?" }) }
    var rawQuery: String { String(target.drop { $0 != "?" }.dropFirst()) }
    var query: [Parameter] { Form.decode(rawQuery) }
    /// The path's parts, without the empty one before the first slash.
    var segments: [String] {
        path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
    }

    /// The pairs of a form body; none for any other content type.
    var form: [Parameter] {
        let type = headers[.contentType]?.prefix { $0 != ";" }.lowercased()
        return type == "application/x-www-form-urlencoded" ? Form.decode(String(decoding: body, as: UTF8.self)) : []
    }
}

/// A stand-in's answer.
struct VendorAnswer: Sendable {
    var status: Int
    var headers: HTTPFields
    var body: String
    /// What `body` was written from, if it is JSON.
    private(set) var json: JSON?

    init(status: Int, headers: HTTPFields = [:], body: String = "") {
        self.status = status
        self.headers = headers
        self.body = body
    }

    static func json(_ value: JSON, status: Int = 200) -> VendorAnswer {
        var answer = VendorAnswer(status: status, headers: [.contentType: "application/json"], body: value.text)
        answer.json = value
        return answer
    }

    static let noContent = VendorAnswer(status: 204)
}

extension HTTPField.Name {
    /// A name that is written in the source and therefore known to be a token.
    static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is not a header name") }
        return name
    }
}
