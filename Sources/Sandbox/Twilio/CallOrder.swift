/// Where and how Twilio calls us.
struct WebhookTarget: Sendable, Equatable {
    /// As the client gave it, connection overrides in the fragment included.
    var url: String
    var method: String
}

/// Where a call gets its TwiML.
enum TwiMLSource: Sendable {
    case inline(String)
    case url(WebhookTarget)
    /// The `action` of a verb that has ended.
    case action(WebhookTarget)
}

/// What a client asked for when it created a call, or changed it since.
struct CallOrder: Sendable {
    var to: String
    var from: String
    var source: TwiMLSource
    var fallback: WebhookTarget?
    var statusCallback: WebhookTarget?
    /// The events to report, of ``CallEvent``.
    var events: Set<CallEvent> = [.completed]
    /// How long to ring, in seconds.
    var timeout = 60
    /// The longest duration of the answered call, in seconds.
    var timeLimit = 14400
    var detection: Detection?
    var recording: Recording?

    /// Answering-machine detection.
    struct Detection: Sendable {
        /// `DetectMessageEnd` rather than `Enable`.
        var waitsForEnd: Bool
        var isAsynchronous: Bool
        var callback: WebhookTarget?
    }

    /// `Record=true`.
    struct Recording: Sendable {
        let sid = Identifier.sid("RE")
        var callback: WebhookTarget?
        var events: Set<String> = ["completed"]
        var channels = 1
        var track = "both"
    }
}

/// The events a client can subscribe to.
enum CallEvent: String, Sendable {
    case initiated
    case ringing
    case answered
    case completed
}
