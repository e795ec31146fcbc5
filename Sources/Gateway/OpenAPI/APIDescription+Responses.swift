import CallDomain
import HTTPTypes

extension APIDescription {
    /// Spells out what an operation's text leaves to the code.
    ///
    /// `errors` is an object of problem codes, each with the words on what it means here, or `null` for its general
    /// meaning. They become responses under the statuses that the code gives them, together with the codes that every
    /// operation has. Every response gets the headers that the middleware adds.
    func spelledOut(_ operation: JSONObject, path: String) -> JSONObject {
        let route = Route(path, operation)
        var operation = operation
        var responses = JSONObject()
        for (status, response) in operation["responses"]?.objectValue ?? [:] {
            responses[status] = .object(withHeaders(response.objectValue ?? [:], ["X-Request-ID"] + route.quotaHeaders))
        }
        let errors = errors(of: operation, route)
        for status in Set(errors.map(\.code.status.code)).sorted() {
            guard responses[String(status)] == nil else {
                preconditionFailure("\(path) has a text and problem codes for \(status)")
            }
            responses[String(status)] = problemResponse(errors.filter { $0.code.status.code == status }, route)
        }
        responses["default"] = Self.reference("responses", route.isWebhook ? "WebhookNotRead" : "NotRead")
        operation["errors"] = nil
        operation["responses"] = .object(responses)
        if !route.isWebhook {
            let parameters = operation["parameters"]?.arrayValue ?? []
            operation["parameters"] = .array(parameters + [Self.reference("parameters", "RequestID")])
        }
        return operation
    }

    /// What the middleware does on a route, for the description.
    private struct Route {
        let needsKey: Bool
        let vital: VitalRoute?
        /// Of a vendor.
        let isWebhook: Bool
        /// Whether it waits for the journal to be read.
        let waitsForStart: Bool

        init(_ path: String, _ operation: JSONObject) {
            needsKey = operation["security"] == nil
            vital = VitalRoute(rawValue: path)
            isWebhook = WebhookTarget(path.utf8) != nil
            waitsForStart = !path.hasPrefix("/health")
        }

        /// The headers of ``RateLimiting``.
        var quotaHeaders: [String] {
            guard needsKey else { return [] }
            switch vital {
            case .hangUp, .dialing: return []
            case .metrics, nil: return ["RateLimit", "RateLimit-Policy"]
            }
        }

        /// What every operation of the kind may answer.
        var errors: [Problem.Code] {
            var errors: [Problem.Code] = [.internalError]
            if waitsForStart { errors.append(.journalUnavailable) }
            if !isWebhook { errors.append(.payloadTooLarge) }
            if needsKey { errors.append(.unauthorized) }
            if needsKey, vital != .dialing { errors.append(.rateLimited) }
            return errors
        }
    }

    /// In the order of the codes.
    private func errors(of operation: JSONObject, _ route: Route) -> [(code: Problem.Code, meaning: String)] {
        let given = operation["errors"]?.objectValue ?? [:]
        for name in given.keys where Problem.Code(rawValue: name) == nil {
            preconditionFailure("the API's description has the unknown problem code \(name)")
        }
        return Problem.Code.allCases.compactMap { code in
            guard let text = given[code.rawValue] else {
                return route.errors.contains(code) ? (code, code.meaning) : nil
            }
            return (code, text.stringValue ?? code.meaning)
        }
    }

    private func problemResponse(
        _ errors: [(code: Problem.Code, meaning: String)],
        _ route: Route
    ) -> JSONValue {
        let lines = errors.map { "- `\($0.code.rawValue)`: \($0.meaning)" }
        var examples = JSONObject()
        for (code, _) in errors { examples[code.rawValue] = Self.reference("examples", code.rawValue) }
        var headers = ["X-Request-ID"]
        // Whoever is no caller, or comes while the journal is read, is not counted.
        if !errors.allSatisfy({ $0.code == .unauthorized }) { headers += route.quotaHeaders }
        if errors.allSatisfy(\.code.saysWhenToRetry) { headers.append("Retry-After") }
        if errors.contains(where: { $0.code == .unauthorized }) { headers.append("WWW-Authenticate") }
        let schema: JSONValue = [
            "$ref": "#/components/schemas/Problem", "required": ["instance", "request_id", "timestamp"],
        ]
        let response: JSONObject = [
            "description": .string(lines.joined(separator: "\n")),
            "content": .object([Problem.contentType: ["schema": schema, "examples": .object(examples)]]),
        ]
        return .object(withHeaders(response, headers))
    }

    /// Adds headers that stand among the components, each under its own name there.
    private func withHeaders(_ response: JSONObject, _ names: [String]) -> JSONObject {
        var headers = response["headers"]?.objectValue ?? [:]
        for name in names { headers[name] = Self.reference("headers", name) }
        var response = response
        response["headers"] = .object(headers)
        return response
    }
}
