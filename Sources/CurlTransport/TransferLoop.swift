import CCurl
import OutboundHTTP

/// The body of the engine's thread, which alone touches libcurl: take commands, let the transfers proceed, answer those
/// that ended, wait for the network, a command or the next deadline.
final class TransferLoop {
    private let inbox: CommandInbox
    private let settings: TransferSettings
    private let pool: ConnectionPool
    /// Outlives the pool's handle, whose connections point to it.
    private let connections = WatchedConnections()
    private var transfers: [Transfer.ID: Transfer] = [:]
    /// No transfer's deadline lies before this.
    private var nextDeadline: ContinuousClock.Instant?
    private var idleSince: ContinuousClock.Instant?

    init(inbox: CommandInbox, settings: TransferSettings, pool: ConnectionPool) {
        self.inbox = inbox
        self.settings = settings
        self.pool = pool
    }

    /// Runs until the inbox says stop. All transfers are answered when it returns, and libcurl's handles are freed.
    func run() {
        inbox.attach(pool.multi)
        let end = serve()
        for transfer in transfers.values { finish(transfer, .failure(transfer.failure(.stopped, "stopped"))) }
        inbox.attach(nil)
        pool.close()
        for command in inbox.close(end) { refuse(command) }
    }

    private func serve() -> Result<Void, CurlEngineError> {
        while true {
            let (commands, stop) = inbox.take()
            if stop == .immediately {
                for command in commands { refuse(command) }
                return .success(())
            }
            for command in commands { obey(command) }

            var running: Int32 = 0
            let performed = curl_multi_perform(pool.multi, &running)
            guard performed == CURLM_OK else { return .failure(Self.error(performed)) }
            answerEnded()
            answerOverdue()

            if transfers.isEmpty {
                if stop == .afterCurrentTransfers { return .success(()) }
                closeIdleConnections()
            } else {
                idleSince = nil
            }
            let polled = curl_multi_poll(pool.multi, nil, 0, patience(), nil)
            guard polled == CURLM_OK else { return .failure(Self.error(polled)) }
        }
    }

    private func obey(_ command: CommandInbox.Command) {
        switch command {
        case .start(let id, let request, let deadline, let answer):
            start(id, request, deadline, answer)
        case .cancel(let id):
            guard let transfer = transfers[id] else { return }
            finish(transfer, .failure(transfer.failure(.cancelled, "cancelled")))
        }
    }

    private func refuse(_ command: CommandInbox.Command) {
        guard case .start(_, _, _, let answer) = command else { return }
        answer.resume(returning: .failure(.init(delivery: .notSent, cause: .stopped, detail: "stopped")))
    }

    private func start(
        _ id: Transfer.ID,
        _ request: WireRequest,
        _ deadline: ContinuousClock.Instant,
        _ answer: Transfer.Answer
    ) {
        guard
            let transfer = Transfer(
                id: id,
                request: request,
                settings: settings,
                connections: connections,
                deadline: deadline,
                answer: answer
            )
        else {
            let error = TransportError(delivery: .notSent, cause: .connect, detail: "libcurl gives no handle")
            return answer.resume(returning: .failure(error))
        }
        if let refusal = transfer.prepare(request, settings: settings) {
            return answer.resume(returning: .failure(refusal))
        }
        let added = curl_multi_add_handle(pool.multi, transfer.handle)
        guard added == CURLM_OK else {
            return answer.resume(returning: .failure(transfer.failure(.connect, "\(Self.error(added))")))
        }
        transfers[id] = transfer
        pool.isUsed = true
        nextDeadline = min(nextDeadline ?? deadline, deadline)
    }

    /// Takes the transfer out of libcurl, then resumes its caller. The handle dies with `transfer`, after this.
    private func finish(_ transfer: Transfer, _ result: Result<OutboundResponse, TransportError>) {
        transfer.endPass()
        curl_multi_remove_handle(pool.multi, transfer.handle)
        transfers[transfer.id] = nil
        transfer.answer.resume(returning: result)
    }

    private func answerEnded() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(pool.multi, &left) {
            // Removing the handle frees the message: everything is read first.
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            guard let transfer = transfer(of: handle) else { continue }
            if startOver(transfer, after: code) { continue }
            finish(transfer, transfer.result(code))
        }
    }

    /// Puts a transfer that certainly did nothing back into libcurl. Its deadline stays.
    private func startOver(_ transfer: Transfer, after code: CURLcode) -> Bool {
        guard transfer.startOver(after: code) else { return false }
        curl_multi_remove_handle(pool.multi, transfer.handle)
        return curl_multi_add_handle(pool.multi, transfer.handle) == CURLM_OK
    }

    /// libcurl starts a transfer's clock when it gets a connection, so one that waits for its turn would outlive its
    /// time-out: this clock starts at the hand-over.
    private func answerOverdue() {
        guard let nextDeadline, case let now = ContinuousClock.now, nextDeadline <= now else { return }
        for transfer in transfers.values where transfer.deadline <= now {
            finish(transfer, .failure(transfer.failure(.timeout, "no answer in time")))
        }
        self.nextDeadline = transfers.values.lazy.map(\.deadline).min()
    }

    private func closeIdleConnections() {
        guard pool.isUsed else { return }
        let now = ContinuousClock.now
        guard let idleSince else {
            self.idleSince = now
            return
        }
        guard now - idleSince >= settings.idleLifetime else { return }
        self.idleSince = nil
        pool.renew { inbox.attach($0) }
    }

    /// Milliseconds to wait at most. libcurl shortens the wait to its own next timer.
    private func patience() -> Int32 {
        let now = ContinuousClock.now
        var patience = Duration.seconds(60)
        if let nextDeadline { patience = min(patience, nextDeadline - now) }
        if let idleSince { patience = min(patience, settings.idleLifetime - (now - idleSince)) }
        return Int32(patience.wholeMilliseconds)
    }

    /// SAFETY: `CURLOPT_PRIVATE` holds the unretained pointer to the transfer of a handle that is still in `transfers`.
    private func transfer(of handle: UnsafeMutableRawPointer) -> Transfer? {
        var context: UnsafeMutablePointer<CChar>?
        ccurl_getinfo_string(handle, CURLINFO_PRIVATE, &context)
        return context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func error(_ code: CURLMcode) -> CurlEngineError {
        .libcurl(curl_multi_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)")
    }
}

@available(*, unavailable)
extension TransferLoop: Sendable {}
