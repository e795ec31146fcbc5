import CallDomain

/// Ultravox's reasons for a refusal.
///
/// The service is not of one mind on their shape: `{"detail": "…"}`, `{"field": ["…"]}` with fields nested like the
/// request's, plain lists.
/// - SeeAlso: https://www.django-rest-framework.org/api-guide/exceptions/
enum RefusalText {
    /// The longest message that goes on, in bytes of UTF-8.
    static let maximum = 500
    private static let maximumBody = 64 << 10
    private static let maximumReasons = 20

    /// The message of an answer, in one line: `name: agent with this name already exists`.
    ///
    /// A vendor may quote what it was sent: `secrets` are taken out, before anything is cut.
    /// - Returns: never a part of a body that is not JSON: such a body may be anything.
    static func message(from body: [UInt8], status: Int, withholding secrets: [String] = []) -> String {
        let fallback = "HTTP \(status) without a readable reason"
        guard !body.isEmpty, body.count <= maximumBody, let answer = try? JSONParser.parse(body, reading: .lenient)
        else {
            return fallback
        }
        var reasons: [String] = []
        if let detail = answer["detail"]?.stringValue {
            reasons = [detail]
        } else {
            collect(answer, path: "", into: &reasons)
        }
        var message = reasons.joined(separator: "; ")
        for secret in secrets where !secret.isEmpty { message = message.replacing(secret, with: "[redacted]") }
        return VendorText.line(message, upTo: maximum) ?? fallback
    }

    private static func collect(_ value: JSONValue, path: String, into reasons: inout [String]) {
        guard reasons.count < maximumReasons else { return }
        let prefix = path.isEmpty ? "" : "\(path): "
        switch value {
        case .null: break
        case .string(let text): if !text.isEmpty { reasons.append(prefix + text) }
        case .number(let number): reasons.append(prefix + number.literal)
        case .bool(let flag): reasons.append(prefix + (flag ? "true" : "false"))
        case .array(let values):
            let texts = values.compactMap(\.stringValue)
            if !texts.isEmpty, texts.count == values.count {
                reasons.append(prefix + texts.joined(separator: " "))
            } else {
                for value in values { collect(value, path: path, into: &reasons) }
            }
        case .object(let members):
            for (name, member) in members {
                collect(member, path: path.isEmpty ? name : "\(path).\(name)", into: &reasons)
            }
        }
    }
}
