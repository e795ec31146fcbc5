import CCurl
import HTTPTypes
import OutboundHTTP

/// One request on its way: the easy handle with everything that libcurl points to.
///
/// It lives on the engine's thread. The loop holds it strongly from before `curl_multi_add_handle` until after
/// `curl_multi_remove_handle`; libcurl's callbacks reach it through an unretained pointer in between.
final class Transfer {
    typealias ID = UInt64
    typealias Answer = CheckedContinuation<Result<OutboundResponse, TransportError>, Never>

    let id: ID
    let handle: UnsafeMutableRawPointer
    let deadline: ContinuousClock.Instant
    let answer: Answer

    /// Owned by this object, pointed to by libcurl.
    private let errorText: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var hostList: UnsafeMutablePointer<curl_slist>?

    let connections: WatchedConnections
    private let isIdempotent: Bool
    private let mayLeave: (@Sendable () -> Bool)?
    private let maximumAnswerBytes: Int
    private let maximumHeaderBytes: Int
    private let peerAddresses: PeerAddresses
    private var head: ResponseHead
    private var body: [UInt8] = []
    private(set) var outcome = TransferOutcome()

    /// Of the pass under way.
    private var connection: WatchedConnection?
    private var stream: Int?
    private var hasReceived = false
    /// The peer certainly did not act on it.
    private var isUnprocessed = false
    /// A peer ended its TLS connection while libcurl looked for one for the next pass.
    private var sawCloseNotify = false
    private var restarts = 0
    /// More are not needed: one away from a stale connection, and as many as a request may be sent.
    private static let mostRestarts = 3

    /// - Returns: `nil` when libcurl has no memory for a handle.
    init?(
        id: ID,
        request: WireRequest,
        settings: TransferSettings,
        connections: WatchedConnections,
        deadline: ContinuousClock.Instant,
        answer: Answer
    ) {
        guard let handle = curl_easy_init() else { return nil }
        self.id = id
        self.handle = handle
        self.deadline = deadline
        self.answer = answer
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        self.connections = connections
        isIdempotent = request.isIdempotent
        mayLeave = request.mayLeave
        maximumAnswerBytes = request.maximumAnswerBytes
        maximumHeaderBytes = settings.maximumAnswerHeaderBytes
        peerAddresses = settings.peerAddresses
        head = ResponseHead(limit: maximumHeaderBytes)
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headerList)
        curl_slist_free_all(hostList)
        errorText.deallocate()
    }

    /// Sets every option of the handle.
    /// - Returns: what libcurl did not accept, if anything: such a transfer must not be started.
    func prepare(_ request: WireRequest, settings: TransferSettings) -> TransportError? {
        guard Self.append(request.headerLines, to: &headerList), Self.append(settings.knownHosts, to: &hostList) else {
            return refusal("no memory for a header")
        }
        var options = TransferOptions(handle: handle)
        options.apply(settings: settings)
        options.apply(request: request, settings: settings)
        options.set(CURLOPT_HTTPHEADER, list: headerList)
        options.set(CURLOPT_RESOLVE, list: hostList)
        options.set(CURLOPT_ERRORBUFFER, pointer: errorText)
        options.setCallbacks(for: self, connections: connections)
        return options.refused.map { refusal("libcurl refuses option \($0.rawValue)") }
    }

    /// Prepares the transfer for another try on a connection of its own, if libcurl ended it with `code` and nothing of it
    /// can have been acted on.
    /// - Returns: `false` if what libcurl said is the end of it.
    func startOver(after code: CURLcode) -> Bool {
        endPass()
        guard code != CURLE_OK, restarts < Self.mostRestarts, !outcome.isWithdrawn, !outcome.isTooLarge,
            outcome.forbidden == nil,
            outcome.isStale || (outcome.passes > 0 && outcome.delivery == .notSent),
            outcome.mayPass(isIdempotent: isIdempotent)
        else { return false }
        restarts += 1
        outcome.startOver()
        errorText.pointee = 0
        return ccurl_setopt_long(handle, CURLOPT_FRESH_CONNECT, 1) == CURLE_OK
    }

    /// What the transfer amounts to after libcurl ended it with `code`.
    func result(_ code: CURLcode) -> Result<OutboundResponse, TransportError> {
        var status = 0
        ccurl_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &status)
        guard code == CURLE_OK else {
            let message = errorText.pointee == 0 ? curl_easy_strerror(code) : UnsafePointer(errorText)
            var error = outcome.error(for: code, message: message.map { String(cString: $0) } ?? "")
            if error.cause == .answerTooLarge, (200...599).contains(status) { error.status = status }
            return .failure(error)
        }
        guard (200...599).contains(status) else {
            return .failure(failure(.connectionLost, "the answer's status is not one of HTTP"))
        }
        // libcurl 7.88 takes the end of the connection for the end of the headers.
        guard head.isComplete else {
            return .failure(failure(.connectionLost, "the answer ended within its headers"))
        }
        return .success(OutboundResponse(status: status, headers: head.headers, body: body))
    }

    /// A failure that this side caused, with the delivery known so far.
    func failure(_ cause: TransportError.Cause, _ detail: String) -> TransportError {
        endPass()
        return TransportError(delivery: outcome.delivery, cause: cause, detail: detail)
    }

    // MARK: Called by libcurl, which must not be called back from here

    /// Asked when libcurl has a connection and is about to send the request over it.
    /// - Returns: whether the request may be sent (again).
    func beginPass(over ends: ConnectionEnds) -> Bool {
        endPass()
        guard outcome.mayPass(isIdempotent: isIdempotent) else {
            outcome.refusedPass = true
            return false
        }
        let chosen = connections.connection(with: ends)
        if let chosen, chosen.hasCarried {
            // libcurl reads from idle connections alone, so it was this one's peer, or that of one which it dropped.
            if sawCloseNotify, chosen.users == 0 { chosen.markClosing() }
            chosen.lookForEnd()
            guard !chosen.isClosing else {
                chosen.markClosing()
                outcome.isStale = true
                return false
            }
        }
        if let mayLeave, !mayLeave() {
            outcome.isWithdrawn = true
            return false
        }
        outcome.beginPass()
        use(chosen)
        head = ResponseHead(limit: maximumHeaderBytes)
        body = []
        return true
    }

    /// Asked before a socket is opened; `nil` is an address that is none of IP. If not, libcurl goes on to the next one.
    func mayOpenSocket(to address: IPAddress?) -> Bool {
        let objection = peerAddresses.objection(to: address)
        outcome.asked(forSocketWith: objection)
        return objection == nil
    }

    func notice(_ notice: CurlNotice) {
        switch notice {
        case .streamOpened(let stream): self.stream = stream
        // libcurl reads with this handle from the pass's own connection, and between passes from idle ones. Between passes
        // it is not known whose GOAWAY this is, so it proves nothing.
        case .goAway(let last): connection?.received(goAway: last)
        case .streamRefused where !hasReceived:
            countUnprocessed()
            endPass()
        case .streamRefused: break
        case .retrying: endPass()
        case .closeNotify:
            if let connection { connection.markClosing() } else { sawCloseNotify = true }
        }
    }

    private func use(_ connection: WatchedConnection?) {
        self.connection = connection
        connection?.hasCarried = true
        connection?.users += 1
        stream = nil
        hasReceived = false
        isUnprocessed = false
        sawCloseNotify = false
    }

    private func countUnprocessed() {
        guard !isUnprocessed else { return }
        isUnprocessed = true
        outcome.unprocessedPasses += 1
    }

    /// Takes in what the connection's end proves of the pass. What libcurl says from here on is of another connection.
    func endPass() {
        guard let connection else { return }
        if let stream, let last = connection.lastStream, stream > last, !hasReceived {
            countUnprocessed()
        }
        connection.users -= 1
        self.connection = nil
    }

    func receive(headerLine: UnsafeRawBufferPointer) -> Bool {
        hasReceived = true
        if headerLine.starts(with: "HTTP/1.".utf8) { connection?.isHTTP1 = true }
        let isTaken = head.append(headerLine)
        if head.isTooLarge { outcome.isTooLarge = true }
        return isTaken
    }

    func receive(bodyPart: UnsafeRawBufferPointer) -> Bool {
        guard bodyPart.count <= maximumAnswerBytes - body.count else {
            outcome.isTooLarge = true
            return false
        }
        body.append(contentsOf: bodyPart)
        return true
    }

    private static func append(_ lines: [String], to list: inout UnsafeMutablePointer<curl_slist>?) -> Bool {
        for line in lines {
            guard let longer = curl_slist_append(list, line) else { return false }
            list = longer
        }
        return true
    }

    private func refusal(_ detail: String) -> TransportError {
        TransportError(delivery: .notSent, cause: .invalidRequest, detail: detail)
    }
}

@available(*, unavailable)
extension Transfer: Sendable {}
