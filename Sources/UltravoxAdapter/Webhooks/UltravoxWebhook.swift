package import CallDomain

/// Reads a verified webhook of Ultravox: `{"event": …, "call": …}`.
/// - SeeAlso: https://docs.ultravox.ai/webhooks/available-webhooks
package enum UltravoxWebhook {
    /// Why a verified message says nothing that we can use. The raw values are stable: operators see them in the
    /// dead-letter list and in metrics.
    package enum Useless: String, Error, Sendable, CaseIterable {
        /// No strict JSON (cut off, nested too deeply, a name twice), or without an event or a call.
        case badBody = "bad_body"
        case unknownEvent = "unknown_event"
        /// `callId` is no UUID.
        case malformedUltravoxCallID = "malformed_ultravox_call_id"
        /// The metadata hold an id that is none of ours where ours should be.
        case malformedCallID = "malformed_call_id"
    }

    /// The metadata entry in which we send our id of the call, to get it back in every webhook.
    package static let callIDKey = "switchboard_call_id"

    /// The longest texts that we keep of a conversation, in bytes of UTF-8.
    private static let maximumSummary = 16 << 10
    private static let maximumWord = 64

    /// Reads a message whose signature has been verified.
    ///
    /// Only what identifies the call must be right; a time or a text that cannot be read is absent.
    /// - Parameter body: the bytes as received.
    /// - Returns: what happened to the conversation, its texts bounded and without control characters.
    /// - Throws: why the message is of no use.
    package static func read(_ body: [UInt8]) throws(Useless) -> ConversationReport {
        guard let message = try? JSONParser.parse(body), let eventName = message["event"]?.stringValue,
            let call = message["call"], call.objectValue != nil
        else { throw .badBody }
        guard let event = event(named: eventName) else { throw .unknownEvent }
        guard let id = call["callId"]?.stringValue.flatMap(UltravoxCallID.init(_:)) else {
            throw .malformedUltravoxCallID
        }
        var report = ConversationReport(ultravoxCallID: id, event: event, callID: try callID(in: call))
        report.createdAt = call["created"]?.timestamp
        report.joinedAt = call["joined"]?.timestamp
        report.endedAt = call["ended"]?.timestamp
        report.endReason = call["endReason"]?.stringValue.flatMap { VendorText.word($0, upTo: maximumWord) }
        report.shortSummary = call["shortSummary"]?.stringValue.flatMap { VendorText.lines($0, upTo: maximumSummary) }
        report.summary = call["summary"]?.stringValue.flatMap { VendorText.lines($0, upTo: maximumSummary) }
        report.billedDuration = call["billedDuration"]?.duration.flatMap(roundedSeconds)
        report.agentID = (call["agentId"] ?? call["agent"]?["agentId"])?.stringValue.flatMap(AgentID.init(_:))
        return report
    }

    /// By bytes: `String ==` also takes what is canonically equivalent.
    private static func event(named name: String) -> ConversationReport.Event? {
        ConversationReport.Event.allCases.first { $0.rawValue.utf8.elementsEqual(name.utf8) }
    }

    private static func callID(in call: JSONValue) throws(Useless) -> CallID? {
        guard let member = call["metadata"]?[callIDKey] else { return nil }
        guard let id = member.stringValue.flatMap(CallID.init(_:)) else { throw .malformedCallID }
        return id
    }

    private static func roundedSeconds(_ duration: Duration) -> Int? {
        duration < .zero ? nil : (duration + .milliseconds(500)).wholeSeconds
    }
}
