import CallDomain
import Logging
import ServiceLifecycle
import Synchronization

/// The calls whose conversation was deleted, so that it happens once, whoever finds out that nobody will join it.
final class DiscardedConversations: Sendable {
    /// After this no message tells another end of a call.
    private static let memory = Duration.seconds(86_400)

    private let calls = Mutex<[CallID: Moment]>([:])

    /// - Returns: whether it is the first time for the call.
    func insert(_ id: CallID, now: Moment) -> Bool {
        calls.withLock { calls in
            guard calls[id] == nil else { return false }
            calls[id] = now
            return true
        }
    }

    func forgetOld(now: Moment) {
        calls.withLock { calls in calls = calls.filter { now - $0.value < Self.memory } }
    }
}

extension CallFlow {
    /// Deletes the conversation of a call that has ended and that nobody had answered: it would hold a place at the agent
    /// platform until its join time-out.
    func discardUnjoined(from before: Call?, to after: Call) {
        guard after.leavesConversationUnjoined, before?.leavesConversationUnjoined != true else { return }
        discard(after.agentCall, of: after.id)
    }

    /// Deletes a conversation that nobody will join, once; if that fails it runs out by its join time-out. Nobody waits
    /// for it, and a stop hardly does.
    func discard(_ agentCall: AgentCall?, of id: CallID) {
        guard let agentCall, discarded.insert(id, now: clock.moment) else { return }
        background.submit { [platform, logger, clock] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do throws(VendorFailure) {
                        try await platform.deleteAgentCall(agentCall.ultravoxCallID)
                    } catch {
                        logger.debug(
                            "an agent call that nobody will join runs out by its time-out",
                            metadata: error.logMetadata.merging(
                                ["ultravox.call.id": "\(agentCall.ultravoxCallID)"]
                            ) { $1 }
                        )
                    }
                }
                group.addTask {
                    guard (try? await gracefulShutdown()) != nil else { return }
                    try? await clock.sleep(for: CallPolicy.stopPatience)
                }
                await group.next()
                group.cancelAll()
            }
        }
    }
}

extension Call {
    /// Whether the call is over, nobody answered it, and a conversation waits for somebody to join.
    ///
    /// Twilio reports these ends of calls that were not answered, so that nobody was given the document with the join URL.
    /// Whatever shows that somebody may have been there keeps the conversation: to delete one is final.
    fileprivate var leavesConversationUnjoined: Bool {
        switch status {
        case .busy, .noAnswer, .canceled, .failed:
            agentCall != nil && conversation == nil && answeredAt == nil && stream == nil && (duration ?? 0) == 0
        case .pending, .unknown, .unconfirmed, .queued, .initiated, .ringing, .inProgress, .completed: false
        }
    }
}
