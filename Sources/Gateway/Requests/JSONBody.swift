import CallDomain
import HTTPTypes
import Hummingbird
import NIOCore

extension Request {
    /// The body of a REST request: a JSON object of at most `limit` bytes.
    /// - Throws: ``Problem`` 415, 413, 400 for what is not strict JSON, 422 for JSON that is not an object.
    func jsonObject(upTo limit: Int = 256 << 10) async throws -> JSONObject {
        try JSONObject(body: try await jsonBytes(upTo: limit))
    }

    /// The bytes of a body that says it is JSON.
    /// - Throws: ``Problem`` 415, 413.
    func jsonBytes(upTo limit: Int = 256 << 10) async throws -> [UInt8] {
        try requireMediaType("application/json")
        return try await bodyBytes(upTo: limit)
    }

    /// The whole body, refused by its announced length before anything is read.
    func bodyBytes(upTo limit: Int) async throws -> [UInt8] {
        if let announced = headers[.contentLength].flatMap(Int.init), announced > limit {
            throw Problem.bodyTooLarge(most: limit)
        }
        do {
            return Array(buffer: try await body.collect(upTo: limit))
        } catch is NIOTooManyBytesError {
            throw Problem.bodyTooLarge(most: limit)
        }
    }

    /// - Throws: ``Problem`` 415 unless there is exactly one Content-Type of that type, with no charset but UTF-8, which many
    /// clients spell `utf8`.
    func requireMediaType(_ expected: String) throws {
        let given = headers[values: .contentType]
        // As most clients and the vendors write it: there is nothing to read.
        if given.count == 1, given[0] == expected || given[0] == expected + "; charset=UTF-8" { return }
        guard given.count == 1, let type = MediaTypeText(given[0]), type.essence == expected,
            type.charset.map({ ["utf-8", "utf8"].contains($0) }) ?? true
        else {
            throw Problem(.unsupportedMediaType, "This path accepts \(expected) in UTF-8; set Content-Type to it.")
        }
    }
}

extension JSONObject {
    /// - Throws: ``Problem`` 400 for what is not strict JSON, 422 for JSON that is not an object.
    init(body bytes: [UInt8]) throws {
        guard !bytes.isEmpty else {
            throw Problem(.malformedRequest, "The body is missing; send a JSON object.")
        }
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes)
        } catch {
            throw Problem(.malformedRequest, "The body is not valid JSON: at byte \(error.offset), \(error.reason).")
        }
        guard case .object(let members) = value else {
            throw Problem(.validationFailed, "The body must be a JSON object, such as {\"name\": \"value\"}.")
        }
        self = members
    }
}

/// A Content-Type, as far as we look at it.
struct MediaTypeText {
    /// `type/subtype` in lower case.
    let essence: String
    /// In lower case, without quotes.
    let charset: String?

    init?(_ text: String) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
        guard let first = parts.first, first.contains("/") else { return nil }
        essence = first.lowercased()
        var charset: String?
        for parameter in parts.dropFirst() where parameter.lowercased().hasPrefix("charset=") {
            guard charset == nil else { return nil }
            charset = String(parameter.dropFirst(8)).lowercased().filter { $0 != "\"" }
        }
        self.charset = charset
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
