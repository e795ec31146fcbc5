import HTTPTypes

/// An error of Twilio's REST API. <https://www.twilio.com/docs/usage/twilios-response>
struct TwilioProblem: Error {
    let status: Int
    let code: Int
    let message: String

    init(_ code: Int, _ message: String, status: Int = 400) {
        self.status = status
        self.code = code
        self.message = message
    }

    static let authentication = TwilioProblem(20003, "Authenticate", status: 401)

    static func notFound(_ path: String) -> TwilioProblem {
        TwilioProblem(20404, "The requested resource \(path) was not found", status: 404)
    }

    static let methodNotAllowed = TwilioProblem(20004, "Method not allowed", status: 405)

    static func badValue(_ name: String, _ value: String) -> TwilioProblem {
        TwilioProblem(20001, "Invalid value '\(value)' for parameter \(name)")
    }

    var answer: VendorAnswer {
        let body: JSON = [
            "code": .int(code), "message": .string(message),
            "more_info": "https://www.twilio.com/docs/errors/\(code)", "status": .int(status),
        ]
        var answer = VendorAnswer.json(body, status: status)
        if status == 401 { answer.headers[.wwwAuthenticate] = #"Basic realm="Twilio API""# }
        return answer
    }
}
