package import CallDomain
import CallStorage
import Logging
import Synchronization

/// How far an erasure is, with what was tried in vain.
package struct ErasureReport: Sendable {
    package let erasure: Erasure
    /// Whether there is a journal that may hold something of the call.
    package let hasJournal: Bool
    /// What did not succeed so far.
    package let attempts: [VendorCopy: ErasureAttempt]
    package let journalAttempt: ErasureAttempt?
}

/// A part of an erasure that did not succeed so far.
package struct ErasureAttempt: Sendable, Equatable {
    /// How often it was tried.
    package var count = 0
    /// Why it failed the last time, in one line.
    package var reason = ""
    package var lastTriedAt: Timestamp
    /// `nil` where it is not tried again before a restart.
    package var nextTryAt: Timestamp?
    /// The vendor refused, and may refuse again.
    package var isRefused = false
}

/// Carries erasures out where the gateway does not forget by itself: in the journal and at the vendors. What is still to
/// come the book knows, so a restart goes on with it.
final class ErasureDuties: Sendable {
    private struct Job: Hashable {
        let id: CallID
        let copy: VendorCopy
    }

    private struct State {
        var underWay: Set<Job> = []
        var attempts: [Job: ErasureAttempt] = [:]
        var isCleaning = false
        var journalAttempt: ErasureAttempt?
    }

    /// How many calls are taken out of the journal in one step, which reads all of the log, and writes in one transaction
    /// of about 50 ms: whoever appends waits for it.
    private static let step = 256

    let telephony: GuardedTelephony
    let platform: GuardedPlatform
    let journal: any Journal
    let background: BackgroundWork
    let clock: any TimeSource
    let logger: Logger
    private let state = Mutex(State())

    init(
        telephony: GuardedTelephony,
        platform: GuardedPlatform,
        journal: any Journal,
        background: BackgroundWork,
        clock: any TimeSource,
        logger: Logger
    ) {
        self.telephony = telephony
        self.platform = platform
        self.journal = journal
        self.background = background
        self.clock = clock
        self.logger = logger
    }

    func report(on erasure: Erasure, hasJournal: Bool) -> ErasureReport {
        state.withLock { state in
            var attempts: [VendorCopy: ErasureAttempt] = [:]
            for copy in erasure.copies { attempts[copy] = state.attempts[Job(id: erasure.id, copy: copy)] }
            return ErasureReport(
                erasure: erasure,
                hasJournal: hasJournal,
                attempts: attempts,
                journalAttempt: erasure.lastTrace == nil ? nil : state.journalAttempt
            )
        }
    }

    /// Starts what all erasures need after a restart.
    func resume(_ ledger: Ledger) {
        for erasure in ledger.read({ $0.unfinishedErasures() }) { follow(erasure, ledger) }
    }

    /// Starts what an erasure needs and is not under way.
    func follow(_ id: CallID, _ ledger: Ledger) {
        if let erasure = ledger.read({ $0.erasure(named: .id(id)) }) { follow(erasure, ledger) }
    }

    private func follow(_ erasure: Erasure, _ ledger: Ledger) {
        for copy in erasure.copies {
            let job = Job(id: erasure.id, copy: copy)
            guard state.withLock({ $0.underWay.insert(job).inserted }) else { continue }
            background.submit {
                await cancelledByStop { await self.delete(job, ledger) }
                self.state.withLock { state in
                    state.underWay.remove(job)
                    state.attempts[job] = nil
                }
            }
        }
        if erasure.lastTrace != nil { clean(ledger) }
    }

    // MARK: At the vendors

    /// To delete something twice does no harm, so what fails is tried again until it succeeds.
    private func delete(_ job: Job, _ ledger: Ledger) async {
        var pauses = CallPolicy.erasurePauses[...]
        var refusalPauses = CallPolicy.erasureRefusalPauses[...]
        while true {
            let failure: VendorFailure
            do throws(VendorFailure) {
                switch job.copy {
                case .recording(let sid): try await telephony.deleteRecording(sid)
                case .conversation(let id): try await platform.eraseAgentCall(id)
                }
                let news = ErasureNews.deleted(job.copy.vendor, NameDigest(of: job.copy))
                _ = try? await ledger.commit(.erasureNoted(job.id, news))
                return
            } catch { failure = error }
            guard !Task.isCancelled else { return }
            var (pause, isRefused) = (Duration.zero, false)
            switch failure {
            case .refused(let refusal) where !failure.isOfThisGateway && refusal.meaning.mistake != .notNow:
                isRefused = true
                pause = refusalPauses.next
            case .throttled(_, let retryAfter): pause = max(pauses.next, retryAfter ?? .zero)
            case .notSent, .noConnection, .refused, .unclear, .nonsense: pause = pauses.next
            }
            let count = state.withLock { state in
                let count = (state.attempts[job]?.count ?? 0) + 1
                state.attempts[job] = ErasureAttempt(
                    count: count,
                    reason: failure.reason,
                    lastTriedAt: clock.now,
                    nextTryAt: clock.now + pause,
                    isRefused: isRefused
                )
                return count
            }
            logger.log(
                level: count == 1 || isRefused ? .warning : .debug,
                "a vendor still keeps something of an erased call",
                metadata: failure.logMetadata.merging(["call.id": "\(job.id)", "attempts": "\(count)"]) { $1 }
            )
            guard (try? await clock.sleep(for: pause)) != nil else { return }
        }
    }

    // MARK: In the journal

    /// Takes erased calls out of the journal, several in one reading of it.
    private func clean(_ ledger: Ledger) {
        guard
            state.withLock({ state in
                defer { state.isCleaning = true }
                return !state.isCleaning
            })
        else { return }
        background.submit {
            let isDone = await cancelledByStop { await self.cleanAll(ledger) }
            self.state.withLock { $0.isCleaning = false }
            // One may have come meanwhile.
            if isDone, !ledger.read({ $0.erasuresWithTraces(limit: 1).isEmpty }) { self.clean(ledger) }
        }
    }

    /// - Returns: whether it came to its end.
    private func cleanAll(_ ledger: Ledger) async -> Bool {
        var pauses = CallPolicy.journalPauses[...]
        while true {
            let (erasures, end) = ledger.read { ($0.erasuresWithTraces(limit: Self.step), $0.position) }
            guard !erasures.isEmpty else { return true }
            let edit = LogEdit(forErasing: erasures)
            var reason = "another program reads an older state of the journal"
            do throws(JournalFailure) {
                let now = clock.now
                // Before the log is edited: a start must not fold what is left of it onto a snapshot from before.
                try await ledger.keepSnapshot()
                try await journal.edit(upTo: end) { logged in
                    // What refused an order may be gone after a restart: it must not be taken then.
                    if case .ordered(let ordered) = logged.record.content, now - logged.record.at < LogEdit.memory,
                        !ledger.read({ $0.knowsOrder(ordered.id) })
                    {
                        return .remove
                    }
                    return edit(logged.record)
                }
                if try await journal.purge() {
                    state.withLock { $0.journalAttempt = nil }
                    _ = try await ledger.commit(erasures.map { .erasureNoted($0.id, .journalCleaned(end)) })
                    continue
                }
            } catch {
                reason = error.reason
            }
            guard ledger.failure == nil, !Task.isCancelled else { return false }
            let pause = pauses.next
            let count = state.withLock { state in
                let count = (state.journalAttempt?.count ?? 0) + 1
                state.journalAttempt = ErasureAttempt(
                    count: count,
                    reason: reason,
                    lastTriedAt: clock.now,
                    nextTryAt: clock.now + pause
                )
                return count
            }
            logger.log(
                level: count == CallPolicy.journalPauses.count ? .warning : .debug,
                "the journal still holds something of erased calls",
                metadata: ["reason": "\(reason)", "attempts": "\(count)"]
            )
            guard (try? await clock.sleep(for: pause)) != nil else { return false }
        }
    }
}

extension ArraySlice<Duration> {
    /// The next pause; the last one repeats.
    fileprivate var next: Duration {
        mutating get { count > 1 ? removeFirst() : first ?? .seconds(1) }
    }
}
