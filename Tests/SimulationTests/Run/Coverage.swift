import CallDomain

/// What all seeds together must meet, so that a simulation that no longer gets anywhere is noticed.
enum Coverage {
    /// What so many seeds must meet: what a few hundred meet a handful of times is asked of a thousand alone.
    static func required(of seeds: Int) -> [String] {
        let all = wire + webhooks + edges + outcomes
        return seeds < 1000 ? all.filter { !rare.contains($0) } : all
    }

    private static let rare: Set = [
        "edge unconfirmed > initiated", "edge unconfirmed > ringing", "edge unconfirmed > in-progress",
        "edge unconfirmed > completed", "end throttled", "end throttledWithAdvice", "webhook recording lost",
        "hang-up refused by the vendor", "journal failedAfterWriting",
    ]

    /// Few calls are recorded and erased: what can go wrong there is what can go wrong everywhere.
    private static let wire = Request.allCases.filter { $0 != .fetch }.flatMap { request in
        (request == .deleteRecording ? [.none] : request.faults).map { "\(request.rawValue) \($0.rawValue)" }
    }

    private static let kinds =
        ["status", "voice", "fallback", "amd", "stream", "recording"]
        + ConversationReport.Event.allCases.map(\.rawValue)

    private static let webhooks = kinds.flatMap { kind in
        // One of these is sent at all only where another was lost.
        kind == "fallback" ? ["webhook fallback none"] : WebhookFault.allCases.map { "webhook \(kind) \($0.rawValue)" }
    }

    /// From what a reader saw to what it saw next.
    private static let edges = [
        "new > pending", "new > unknown", "new > ringing", "new > completed",
        "pending > unknown", "pending > canceled", "pending > failed",
        "unknown > queued", "unknown > initiated", "unknown > ringing", "unknown > failed", "unknown > unconfirmed",
        "unconfirmed > initiated", "unconfirmed > ringing", "unconfirmed > in-progress", "unconfirmed > completed",
        "queued > initiated", "queued > ringing", "queued > in-progress", "queued > canceled", "queued > failed",
        "initiated > ringing", "initiated > in-progress", "initiated > canceled", "initiated > failed",
        "ringing > in-progress", "ringing > busy", "ringing > no-answer", "ringing > canceled", "ringing > completed",
        "in-progress > completed",
    ].map { "edge \($0)" }

    private static let outcomes = [
        "order 201", "order 202", "order replayed", "order 409", "order 422",
        "order number busy", "order cooling down", "order too many calls", "order too many calls today",
        "order queue full", "order dialing disabled", "order draining", "order agent not found",
        "order agent is a draft", "order context does not fit", "order not sent", "order refused", "order throttled",
        "order unclear", "order nonsense", "order not answered",
        "hang-up not found", "hang-up not live", "hang-up canceled", "hang-up unknown", "hang-up in-progress",
        "hang-up completed", "hang-up refused by the vendor",
        "erasure erased", "erasure live", "erasure not found",
        "outcome applied", "outcome already known", "outcome held", "outcome gone", "outcome too_old",
        "voice connect", "voice unavailable", "voice reject", "voice hang up", "stream joined", "stream error",
        "end taken", "end taken later", "end taken over", "end refused", "end noSuchCall", "create taken back",
        "step wallClock", "step freeze", "step stop", "step outage", "step silence",
        "journal written", "journal late", "journal failed", "journal failedAfterWriting",
        "crash idle", "crash complete", "crash unwritten", "crash torn",
    ]
}
