/// How the end of a body is known.
enum BodyFraming: Equatable {
    /// So many bytes follow the head.
    case length(Int)
    /// Chunks follow the head.
    case chunked
}

/// Follows a connection's bytes from one message to the next, beside the decoder and more strictly.
///
/// The decoder never gets a byte beyond the message that it is reading. So it cannot hold a part of the next one
/// unseen, a message is not even read before the answer to the one before is out, and where the two disagree about the
/// end of a message, it shows.
struct MessageFraming {
    enum Step: Equatable {
        /// The bytes received so far do not decide: keep them until there are more.
        case more
        /// So many bytes mean nothing.
        case skip(Int)
        /// This many bytes go to the decoder, and the message continues after them.
        case pass(Int)
        /// So many bytes go to the decoder; with them the head is complete.
        case passHead(Int)
        /// So many bytes go to the decoder; with them the message is complete.
        case passMessage(Int)
        case refuse(Refusal)
    }

    private enum State {
        /// Before the first byte of a message, or in its first line.
        case line(searched: Int, afterEmptyLine: Bool)
        case fields(LineScan)
        /// The decoder has the head and must say what follows.
        case head
        case length(remaining: Int)
        case chunks(ChunkScan)
    }

    private let rules: ConnectionRules
    /// Whether a refusal of this message has no body; known from its first line on.
    private(set) var wantsBareRefusal = false
    private var state = State.line(searched: 0, afterEmptyLine: false)
    /// Bytes of this message's head, or of its body, that went to the decoder.
    private var passed = 0
    private var mostInBody = 0

    init(rules: ConnectionRules) { self.rules = rules }

    private var limits: ConnectionLimits { rules.limits }

    /// What to do with the beginning of the bytes that have come and were not yet passed. They are not empty.
    mutating func next(in bytes: UnsafeRawBufferPointer) -> Step {
        switch state {
        case .line(let searched, let afterEmptyLine):
            return line(bytes, searched: searched, afterEmptyLine: afterEmptyLine)
        case .fields(var scan):
            let outcome = scan.advance(over: bytes)
            state = .fields(scan)
            switch outcome {
            case .open: return head(.pass(bytes.count), bytes.count)
            case .ended(let count):
                state = .head
                return head(.passHead(count), count)
            case .bareLineFeed: return .refuse(.lineEnd)
            }
        case .head:
            return .refuse(.framing)
        case .length(let remaining):
            let count = min(remaining, bytes.count)
            state = .length(remaining: remaining - count)
            return count == remaining ? .passMessage(count) : .pass(count)
        case .chunks(var scan):
            let outcome = scan.advance(over: bytes)
            state = .chunks(scan)
            switch outcome {
            case .open: return body(.pass(bytes.count), bytes.count)
            case .ended(let count): return body(.passMessage(count), count)
            case .refused(let refusal): return .refuse(refusal)
            }
        }
    }

    /// The head is complete, and so its body ends. Not for a body of no bytes.
    mutating func expect(_ framing: BodyFraming, bodySize: Int) {
        passed = 0
        switch framing {
        case .length(let length): state = .length(remaining: length)
        case .chunked:
            state = .chunks(ChunkScan(limit: bodySize))
            mostInBody = bodySize + limits.chunkOverhead
        }
    }

    /// The message is complete; whatever follows is another one.
    mutating func reset() {
        passed = 0
        state = .line(searched: 0, afterEmptyLine: false)
    }

    private mutating func line(_ bytes: UnsafeRawBufferPointer, searched: Int, afterEmptyLine: Bool) -> Step {
        // One empty line before a request is forgiven (RFC 9112, 2.2): some clients send one after a body.
        if bytes[0] == UInt8(ascii: "\r"), !afterEmptyLine {
            guard bytes.count > 1 else { return .more }
            guard bytes[1] == UInt8(ascii: "\n") else { return .refuse(.requestLine) }
            state = .line(searched: 0, afterEmptyLine: true)
            return .skip(2)
        }
        wantsBareRefusal = RequestLine.wantsBareRefusal(bytes)
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            state = .line(searched: bytes.count, afterEmptyLine: afterEmptyLine)
            return RequestLine.refusal(ofBeginning: bytes, limits: limits).map(Step.refuse) ?? .more
        }
        guard end > 0, bytes[end - 1] == UInt8(ascii: "\r") else {
            return .refuse(RequestLine.refusal(ofBeginning: .init(rebasing: bytes[..<end]), limits: limits) ?? .lineEnd)
        }
        if let refusal = RequestLine.refusal(of: .init(rebasing: bytes[..<(end - 1)]), limits: limits) {
            return .refuse(refusal)
        }
        state = .fields(LineScan())
        return head(.pass(end + 1), end + 1)
    }

    /// The decoder counts no space around a value, but may keep it: so all bytes of a head count here.
    private mutating func head(_ step: Step, _ count: Int) -> Step {
        passed += count
        return passed <= limits.fields + limits.separators ? step : .refuse(.fields)
    }

    /// The decoder counts no byte of a chunk extension.
    private mutating func body(_ step: Step, _ count: Int) -> Step {
        passed += count
        return passed <= mostInBody ? step : .refuse(.bodyTooLarge)
    }
}
