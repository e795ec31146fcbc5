import CallDomain
import Foundation

/// A TCP client that sends bytes as they stand and shows every byte of what comes back, and how it ends.
final class RawConnection {
    enum Ending: Equatable {
        /// The far side ended its output in good order.
        case closed
        case reset
        /// Nothing came for as long as a test waits.
        case silent
    }

    private let descriptor: Int32
    /// What has come and was not yet taken as an answer.
    private(set) var received: [UInt8] = []

    init(port: Int, receiveBuffer: Int32? = nil) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var enabled: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &enabled, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { Foundation.close(descriptor) }

    /// False where the far side does not take it any more.
    @discardableResult
    func send(_ bytes: some Sequence<UInt8>) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(text.utf8) }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Receives once; nil where there is more to come.
    private func receiveMore() -> Ending? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count == 0 { return .closed }
        guard count > 0 else { return errno == ECONNRESET ? .reset : .silent }
        received += buffer[..<count]
        return nil
    }

    /// Whether there is something to receive within so many milliseconds, the end included.
    func hasSomething(within milliseconds: Int32) -> Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, milliseconds) > 0
    }

    /// Receives until the far side ends the connection.
    func receiveToEnd() -> Ending {
        while true {
            if let ending = receiveMore() { return ending }
        }
    }

    /// The next answer, nil where the connection ended before it was complete. `hasBody` is false for HEAD.
    func answer(hasBody: Bool = true) -> RawAnswer? {
        while true {
            if let (answer, count) = RawAnswer.first(in: received, hasBody: hasBody) {
                received.removeFirst(count)
                return answer
            }
            if receiveMore() != nil { return nil }
        }
    }

    /// All answers until the far side ends the connection, and how it ended.
    func answers() -> ([RawAnswer], Ending) {
        var answers: [RawAnswer] = []
        let ending = receiveToEnd()
        while let (answer, count) = RawAnswer.first(in: received, hasBody: true) {
            received.removeFirst(count)
            answers.append(answer)
        }
        return (answers, ending)
    }
}

/// One HTTP/1.1 answer.
struct RawAnswer: Equatable {
    var status: Int
    /// Names in lower case.
    var headers: [[String]]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? { headers.first { $0[0] == name }?[1] }

    /// Whether it says its status and the end of the connection, and nothing else.
    var isBare: Bool { headers == [["content-length", "0"], ["connection", "close"]] && body.isEmpty }

    /// The problem document that it is, if it is one.
    var problem: JSONValue? {
        get throws {
            guard header("content-type") == "application/problem+json" else { return nil }
            return try JSONParser.parse(body)
        }
    }

    /// The answer at the beginning of the bytes and how many of them it takes; nil where it is not complete.
    static func first(in bytes: [UInt8], hasBody: Bool) -> (RawAnswer, Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = Int(lines[0].dropFirst(9).prefix(3)) else { return nil }
        let headers = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return [
                line[..<colon].lowercased(), line[colon...].dropFirst().trimmingCharacters(in: .whitespaces),
            ]
        }
        var answer = RawAnswer(status: status, headers: headers, body: [])
        guard hasBody else { return (answer, end.upperBound) }
        if answer.header("transfer-encoding") == "chunked" {
            var rest = bytes[end.upperBound...]
            while let line = rest.firstRange(of: Array("\r\n".utf8)) {
                guard let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16) else {
                    return nil
                }
                guard rest.endIndex >= line.upperBound + size + 2 else { return nil }
                answer.body += rest[line.upperBound..<(line.upperBound + size)]
                rest = rest[(line.upperBound + size + 2)...]
                if size == 0 { return (answer, rest.startIndex) }
            }
            return nil
        }
        let size = Int(answer.header("content-length") ?? "0") ?? 0
        guard bytes.count >= end.upperBound + size else { return nil }
        answer.body = Array(bytes[end.upperBound..<(end.upperBound + size)])
        return (answer, end.upperBound + size)
    }
}
