import CallDomain
import Foundation
import OrderedCollections
import TwilioAdapter
import UltravoxAdapter

/// The webhooks that `switchboard sign` prints: the fields that the vendors always send, and those given by options.
struct SampleWebhook: Sendable {
    let settings: Settings
    let callID: CallID?
    let now: Timestamp

    /// A form of Twilio's.
    ///
    /// `status` is the word that the kind is about: `CallStatus`, `AnsweredBy`, `StreamEvent` or `RecordingStatus`.
    /// `parameters` are added, or replace what would stand there.
    func twilio(
        _ kind: TwilioWebhook.Kind,
        callSid: CallSid?,
        status: String?,
        parameters: [(name: String, value: String)]
    ) -> SignedMessage {
        var form: OrderedDictionary<String, String> = [
            "AccountSid": settings.accountSid.text,
            "ApiVersion": "2010-04-01",
            "CallSid": callSid?.text ?? Self.sid("CA"),
            "Direction": callID == nil ? "inbound" : "outbound-api",
        ]
        let parties = [settings.phoneNumber.text, Self.otherNumber]
        (form["From"], form["To"]) = callID == nil ? (parties[1], parties[0]) : (parties[0], parties[1])
        switch kind {
        case .status:
            form["CallStatus"] = status ?? "ringing"
            form["SequenceNumber"] = "1"
            form["Timestamp"] = Self.rfc2822(now)
        // Somebody who calls us still hears it ring; somebody whom we call has answered.
        case .voice, .fallback: form["CallStatus"] = status ?? (callID == nil ? "ringing" : "in-progress")
        case .amd: form["AnsweredBy"] = status ?? "human"
        case .stream:
            form["StreamSid"] = Self.sid("MZ")
            form["StreamEvent"] = status ?? "stream-started"
            form["Timestamp"] = now.rfc3339
        case .recording:
            form["RecordingSid"] = Self.sid("RE")
            form["RecordingStatus"] = status ?? "completed"
        }
        for (name, value) in parameters { form[name] = value }
        return .twilio(
            WebhookURLs.path(of: kind) + query,
            base: settings.publicBaseURL,
            body: Array(FormParameters(form.map { FormParameters.Pair($0.key, $0.value) }).encoded.utf8),
            key: VerificationKey(settings.authTokens.first ?? Secret(""))
        )
    }

    /// A message of Ultravox's about a conversation, such as `call.ended`.
    ///
    /// About a call of ours it is signed as the per-call callbacks are, else with the first secret of
    /// `ULTRAVOX_WEBHOOK_SECRETS` if there is one.
    func ultravox(_ event: String, ultravoxCallID: UltravoxCallID?) -> SignedMessage {
        var call: JSONObject = [
            "callId": .string(ultravoxCallID?.text ?? UUID().uuidString.lowercased()),
            "created": .string(now.rfc3339),
        ]
        // Earlier events have happened by then; Ultravox sends null for those that have not.
        if event != "call.started" { call["joined"] = .string(now.rfc3339) }
        if event == "call.ended" || event == "call.billed" { call["ended"] = .string(now.rfc3339) }
        if event == "call.billed" { call["billedDuration"] = "0s" }
        if let callID { call["metadata"] = [UltravoxWebhook.callIDKey: .string(callID.text)] }
        let callbackSecret = UltravoxClient.callbackSecret(apiKey: settings.ultravoxAPIKey)
        return .ultravox(
            WebhookURLs.ultravoxPath + query,
            body: JSONValue.object(["event": .string(event), "call": .object(call)]).encoded,
            secret: callID == nil
                ? settings.ultravoxWebhookSecrets.first ?? callbackSecret : callbackSecret,
            at: now
        )
    }

    private var query: String { callID.map { "?call=\($0.text)" } ?? "" }

    /// A number from the range reserved for fiction.
    private static let otherNumber = "+12125550100"

    /// An identifier of Twilio's with random digits.
    private static func sid(_ prefix: String) -> String {
        prefix + Hex.encode((0..<16).map { _ in UInt8.random(in: 0...255) })
    }

    /// `Mon, 20 Jul 2026 15:04:05 +0000`, as Twilio writes times.
    private static func rfc2822(_ time: Timestamp) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
        return formatter.string(from: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000))
    }
}
