import HTTPTypes
import Hummingbird
import NIOCore
import OrderedCollections

extension Ledger.Vendor {
    /// The member of an answer that identifies the call.
    var identifierName: String {
        switch self {
        case .twilio: "sid"
        case .ultravox: "callId"
        }
    }
}

extension VendorAnswer {
    var response: Response {
        Response(
            status: .init(code: status),
            headers: headers,
            body: body.isEmpty ? .init() : .init(byteBuffer: ByteBuffer(string: body))
        )
    }

    /// Status line and headers, with further ones, for an answer that is sent by hand.
    func head(_ more: [String]) -> [UInt8] {
        var lines = ["HTTP/1.1 \(status) \(Self.reason(status))"]
        lines += headers.map { "\($0.name.rawName): \($0.value)" } + more
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// An error in the vendor's own form.
    static func failure(of vendor: Ledger.Vendor, status: Int, retryAfter: Int?) -> VendorAnswer {
        let reason = reason(status)
        var answer =
            switch vendor {
            // Twilio's general codes are 20000 and the status. <https://www.twilio.com/docs/api/errors/20429>
            case .twilio: TwilioProblem(20000 + status, reason, status: status).answer
            case .ultravox: UltravoxProblem.detail(reason, status: status).answer
            }
        if let retryAfter { answer.headers[.retryAfter] = "\(retryAfter)" }
        return answer
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case ..<400: "Success"
        case ..<500: "Client Error"
        default: "Server Error"
        }
    }

    static func webPage(status: Int) -> VendorAnswer {
        VendorAnswer(
            status: status,
            headers: [.contentType: "text/html; charset=utf-8"],
            body: "<!DOCTYPE html>\n<html><head><title>Back soon</title></head><body><h1>Back soon</h1></body></html>\n"
        )
    }

    /// An answer with that body, which is a web page unless it is JSON.
    static func verbatim(_ body: String, status: Int, retryAfter: Int?) -> VendorAnswer {
        let isJSON = (try? JSON(parsing: Array(body.utf8))) != nil
        var answer = VendorAnswer(
            status: status,
            headers: [.contentType: isJSON ? "application/json" : "text/html; charset=utf-8"],
            body: body
        )
        if let retryAfter { answer.headers[.retryAfter] = "\(retryAfter)" }
        return answer
    }

    /// An answer that has no identifier passes as it is, and so do the next two.
    func spoilingIdentifier(
        _ flaw: RequestFault.IdentifierFlaw,
        of vendor: Ledger.Vendor,
        _ state: SandboxState
    ) -> VendorAnswer {
        let name = vendor.identifierName
        guard let own = json?[name]?.string else { return self }
        switch flaw {
        case .missing: return setting(name, nil)
        case .malformed: return setting(name, .string("\(own)/../../Accounts?x=\"<1>\"#"))
        case .foreign:
            let others =
                switch vendor {
                case .twilio: Array(state.phoneCalls.keys)
                case .ultravox: Array(state.agentCalls.keys)
                }
            let invented = vendor == .twilio ? Identifier.sid("CA") : Identifier.uuid()
            return setting(name, .string(others.first { $0 != own } ?? invented))
        }
    }

    func spoilingJoinURL(_ flaw: RequestFault.JoinURLFlaw) -> VendorAnswer {
        guard let url = json?["joinUrl"]?.string else { return self }
        switch flaw {
        case .missing: return setting("joinUrl", .null)
        case .insecure: return setting("joinUrl", .string("ws" + url.dropFirst("wss".count)))
        case .quotes: return setting("joinUrl", .string(url + #"" name="x' track='both"#))
        case .markup: return setting("joinUrl", .string(url + "</Stream></Connect><Dial>+12125550199</Dial>"))
        }
    }

    /// Replaces a member of the JSON, or removes it.
    private func setting(_ name: String, _ value: JSON?) -> VendorAnswer {
        guard case .object(var members) = json else { return self }
        members[name] = value
        var answer = VendorAnswer.json(.object(members), status: status)
        answer.headers = headers
        return answer
    }
}
