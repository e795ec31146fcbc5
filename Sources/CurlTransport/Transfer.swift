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

    private let isIdempotent: Bool
    private let mayLeave: (@Sendable () -> Bool)?
    private let maximumAnswerBytes: Int
    private let maximumHeaderBytes: Int
    let peerAddresses: PeerAddresses
    private var head: ResponseHead
    private var body: [UInt8] = []
    private(set) var outcome = TransferOutcome()

    /// - Returns: `nil` when libcurl has no memory for a handle.
    init?(
        id: ID,
        request: WireRequest,
        settings: TransferSettings,
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
        errorText.deallocate()
    }

    /// Sets every option of the handle.
    /// - Returns: what libcurl did not accept, if anything: such a transfer must not be started.
    func prepare(_ request: WireRequest, settings: TransferSettings) -> TransportError? {
        for line in request.headerLines {
            guard let list = curl_slist_append(headerList, line) else {
                return refusal("no memory for a header")
            }
            headerList = list
        }
        var options = TransferOptions(handle: handle)
        options.apply(settings: settings)
        options.apply(request: request, settings: settings)
        options.set(CURLOPT_HTTPHEADER, list: headerList)
        options.set(CURLOPT_ERRORBUFFER, pointer: errorText)
        options.setCallbacks(for: self)
        return options.refused.map { refusal("libcurl refuses option \($0.rawValue)") }
    }

    /// What the transfer amounts to after libcurl ended it with `code`.
    func result(_ code: CURLcode) -> Result<OutboundResponse, TransportError> {
        guard code == CURLE_OK else {
            let message = errorText.pointee == 0 ? curl_easy_strerror(code) : UnsafePointer(errorText)
            return .failure(outcome.error(for: code, message: message.map { String(cString: $0) } ?? ""))
        }
        var status = 0
        ccurl_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &status)
        guard (200...599).contains(status) else {
            return .failure(failure(.connectionLost, "the answer's status is not one of HTTP"))
        }
        // libcurl 7.88 takes the end of the connection for the end of the headers.
        guard head.isComplete else {
            return .failure(failure(.connectionLost, "the answer ended within its headers"))
        }
        return .success(OutboundResponse(status: status, headers: head.headers, body: body))
    }

    /// A failure that this side decides on, with the delivery as it stands.
    func failure(_ cause: TransportError.Cause, _ detail: String) -> TransportError {
        TransportError(delivery: outcome.delivery, cause: cause, detail: detail)
    }

    // MARK: Called by libcurl, which must not be called back from here

    /// - Returns: whether the request may be sent (again).
    func beginPass() -> Bool {
        guard outcome.passes < (isIdempotent ? 2 : 1) else {
            outcome.refusedPass = true
            return false
        }
        if let mayLeave, !mayLeave() {
            outcome.isWithdrawn = true
            return false
        }
        outcome.passes += 1
        head = ResponseHead(limit: maximumHeaderBytes)
        body = []
        return true
    }

    func receive(headerLine: UnsafeRawBufferPointer) -> Bool {
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

    private func refusal(_ detail: String) -> TransportError {
        TransportError(delivery: .notSent, cause: .invalidRequest, detail: detail)
    }
}

@available(*, unavailable)
extension Transfer: Sendable {}
