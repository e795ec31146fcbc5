import CallDomain
import Foundation
import OrderedCollections
import TwilioAdapter
import UltravoxAdapter

/// Webhooks as the vendors would send them, as commands for a shell. No secret stands in them.
struct SignedWebhook: Sendable {
    let settings: Settings
    let now: Timestamp

    /// A form of Twilio's: `kind` is the last part of its path.
    func twilio(
        _ kind: String,
        callID: String?,
        callSid: String,
        status: String?,
        overrides: [(name: String, value: String)],
        to origin: String?
    ) -> String {
        var form: OrderedDictionary<String, String> = [
            "AccountSid": settings.accountSid.text, "ApiVersion": "2010-04-01", "CallSid": callSid,
            "Direction": callID == nil ? "inbound" : "outbound-api", "From": settings.phoneNumber.text,
            "To": "+12025550100",
        ]
        switch kind {
        case "status":
            form["CallStatus"] = status ?? "ringing"
            form["SequenceNumber"] = "1"
            form["Timestamp"] = Self.httpDate(now)
        case "voice", "fallback": form["CallStatus"] = status ?? "in-progress"
        case "amd": form["AnsweredBy"] = status ?? "human"
        case "stream":
            form["StreamSid"] = "MZ" + Self.hex(16)
            form["StreamEvent"] = status ?? "stream-started"
            form["Timestamp"] = now.rfc3339
        default:
            form["RecordingSid"] = "RE" + Self.hex(16)
            form["RecordingStatus"] = status ?? "completed"
        }
        for (name, value) in overrides { form[name] = value }
        let target = "/webhooks/twilio/\(kind)" + (callID.map { "?call=\($0)" } ?? "")
        let pairs = form.map { FormParameters.Pair($0.key, $0.value) }
        let signature = settings.authTokens.first.map {
            VerificationKey($0).signature(url: settings.publicBaseURL + target, form: FormParameters(pairs))
        }
        var command = "curl -i -X POST \(Self.quoted((origin ?? settings.publicBaseURL) + target))"
        command += " \\\n  -H \(Self.quoted("X-Twilio-Signature: \(signature ?? "")"))"
        for (name, value) in form { command += " \\\n  --data-urlencode \(Self.quoted("\(name)=\(value)"))" }
        return command
    }

    /// A message of Ultravox's.
    func ultravox(event: String, ultravoxCallID: String?, callID: String?, to origin: String?) -> String {
        var metadata: JSONObject = [:]
        if let callID { metadata[UltravoxWebhook.callIDKey] = .string(callID) }
        let call: JSONObject = [
            "callId": .string(ultravoxCallID ?? UUID().uuidString.lowercased()), "created": .string(now.rfc3339),
            "metadata": .object(metadata),
        ]
        let body = JSONValue.object(["event": .string(event), "call": .object(call)]).encoded
        let secret =
            settings.ultravoxWebhookSecrets.first ?? UltravoxClient.callbackSecret(apiKey: settings.ultravoxAPIKey)
        let signature = UltravoxWebhookVerifier.signature(of: body, timestamp: now.rfc3339, secret: secret)
        let target = WebhookURLs.ultravoxPath + (callID.map { "?call=\($0)" } ?? "")
        return [
            "curl -i -X POST \(Self.quoted((origin ?? settings.publicBaseURL) + target))",
            "-H 'Content-Type: application/json'",
            "-H \(Self.quoted("X-Ultravox-Webhook-Timestamp: \(now.rfc3339)"))",
            "-H \(Self.quoted("X-Ultravox-Webhook-Signature: \(signature)"))",
            "--data-binary \(Self.quoted(String(decoding: body, as: UTF8.self)))",
        ].joined(separator: " \\\n  ")
    }

    /// So many random bytes in hexadecimal digits.
    static func hex(_ bytes: Int) -> String {
        Hex.encode((0..<bytes).map { _ in UInt8.random(in: 0...255) })
    }

    /// As one word of a POSIX shell.
    static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }

    /// `Mon, 20 Jul 2026 15:04:05 +0000`, as Twilio writes times.
    private static func httpDate(_ time: Timestamp) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
        return formatter.string(from: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000))
    }
}
