import Foundation

/// One row of `fixtures/twilio/refusals.json` or `fixtures/ultravox/refusals.json`: a vendor's answer, and what becomes
/// of the order that meets it.
package struct RefusalRow: Sendable, CustomStringConvertible {
    package let name: String
    /// Twilio's error code.
    package let code: Int?
    /// The vendor's HTTP status and body.
    package let status: Int
    package let body: String
    /// Seconds that the vendor asks to wait.
    package let vendorRetryAfter: Int?
    /// Of Ultravox: `agent` (reading it) or `call` (creating the agent call).
    package let at: String?
    /// The rule of our table that fits; `nil` where the answer is no refusal.
    package let rule: String?
    /// Whose mistake it is.
    package let mistake: String?
    /// Our answer: HTTP status and code.
    package let answer: Int?
    package let answerCode: String?
    /// What the problem's detail names: a setting, a field, a page of the vendor's console.
    package let names: String
    package let source: String?
    /// Whether the vendor did what it was asked.
    package let acts: Bool

    package var description: String { name }

    private init(_ row: [String: Any]) throws {
        code = row["code"] as? Int
        status = try Self.value(row, "status")
        source = row["source"] as? String
        at = row["at"] as? String
        rule = row["rule"] as? String
        mistake = row["mistake"] as? String
        answer = row["answer"] as? Int
        answerCode = row["answer_code"] as? String
        names = row["names"] as? String ?? ""
        acts = row["acts"] as? Bool ?? false
        name = row["name"] as? String ?? code.map(String.init) ?? ""
        if let code {
            // In the form of Twilio's API: <https://www.twilio.com/docs/usage/twilios-response>
            let title: String = try Self.value(row, "title")
            let body: [String: Any] = [
                "code": code, "message": title, "more_info": source ?? "", "status": status,
            ]
            self.body = try Self.text(body)
            vendorRetryAfter = status == 429 ? 60 : nil
        } else {
            let body: Any = try Self.value(row, "body")
            self.body = try body as? String ?? Self.text(body)
            vendorRetryAfter = row["retry_after"] as? Int
        }
    }

    private struct Missing: Error {
        let name: String
    }

    private static func value<Value>(_ row: [String: Any], _ name: String) throws -> Value {
        guard let value = row[name] as? Value else { throw Missing(name: name) }
        return value
    }

    private static func text(_ value: Any) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys]), as: UTF8.self)
    }

    private static func rows(_ path: String, _ group: String) throws -> [RefusalRow] {
        let groups = try JSONSerialization.jsonObject(with: Fixture.bytes(path)) as? [String: [[String: Any]]]
        guard let rows = groups?[group], !rows.isEmpty else { throw Missing(name: group) }
        return try rows.map(RefusalRow.init)
    }

    /// `refusals` by code, `others` without one of the table, `unproven` answers.
    package static func twilio(_ group: String) throws -> [RefusalRow] { try rows("twilio/refusals.json", group) }

    /// `refusals`, or `unproven` answers.
    package static func ultravox(_ group: String = "refusals") throws -> [RefusalRow] {
        try rows("ultravox/refusals.json", group)
    }
}
