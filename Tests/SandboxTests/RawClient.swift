import Foundation
import Sandbox

/// A TCP client that shows what is on the wire, how a connection ends included.
enum RawClient {
    enum Ending: Sendable {
        /// The far side ended the connection in good order.
        case closed
        /// The far side ended it with a TCP reset.
        case reset
        /// It is still open: nothing came for a minute, or enough had come.
        case open
    }

    struct Outcome: Sendable {
        var bytes: [UInt8] = []
        var ending = Ending.open

        var text: String { String(decoding: bytes, as: UTF8.self) }
        var statusLine: Substring { text.prefix { $0 != "\r\n" } }
        var body: [UInt8] {
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return [] }
            return Array(bytes[end.upperBound...])
        }

        /// The value of a header, by its name in lower case.
        func header(_ name: String) -> String? {
            text.split(separator: "\r\n").dropFirst()
                .first { $0.lowercased().hasPrefix(name + ":") }
                .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
        }
    }

    /// Connects to `http://127.0.0.1:PORT`, sends each text after the answer to the one before has begun, and receives
    /// until the far side ends the connection or so many bytes have come. `between` happens before each text but the
    /// first.
    static func exchange(
        _ address: String,
        _ texts: String...,
        atMost limit: Int = 1 << 26,
        between: @escaping @Sendable () -> Void = {}
    ) async -> Outcome {
        let port = UInt16(address.split(separator: ":").last ?? "") ?? 0
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: converse(port, texts, limit, between)) }
        }
    }

    private static func converse(_ port: UInt16, _ texts: [String], _ limit: Int, _ between: () -> Void) -> Outcome {
        var outcome = Outcome()
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard connected == 0 else {
            if errno == ECONNRESET { outcome.ending = .reset }
            return outcome
        }
        for (index, text) in texts.enumerated() {
            if index > 0 { between() }
            transmit(descriptor, text)
            guard receive(descriptor, into: &outcome, limit, once: index < texts.count - 1) else { break }
        }
        if texts.isEmpty { _ = receive(descriptor, into: &outcome, limit, once: false) }
        return outcome
    }

    /// A failure shows when the answer is received.
    private static func transmit(_ descriptor: Int32, _ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// False when the connection has ended or enough has come.
    private static func receive(_ descriptor: Int32, into outcome: inout Outcome, _ limit: Int, once: Bool) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while outcome.bytes.count < limit {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 {
                outcome.ending = .closed
                return false
            }
            guard count > 0 else {
                if errno == ECONNRESET { outcome.ending = .reset }
                return false
            }
            outcome.bytes += buffer[..<count]
            if once { return true }
        }
        return false
    }
}

extension SandboxRig {
    /// A request to Twilio's API as text; the body is a form.
    func twilioText(_ head: String, _ body: String = "", length: Int? = nil, more: [String] = []) -> String {
        let credentials = Data("\(Self.accountSid):\(Self.authToken)".utf8).base64EncodedString()
        var lines = [
            "\(head) HTTP/1.1", "Host: 127.0.0.1", "Authorization: Basic \(credentials)",
            "Content-Type: application/x-www-form-urlencoded", "Content-Length: \(length ?? body.utf8.count)",
        ]
        lines += more
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    /// `POST Calls.json` as text. The connection is to be closed after the answer.
    func orderText(_ suffix: String) -> String {
        twilioText(
            "POST /2010-04-01/Accounts/\(Self.accountSid)/Calls.json",
            Self.encode(order(suffix)),
            more: ["Connection: close"]
        )
    }

    /// Orders a call over a connection of its own.
    func rawOrder(_ suffix: String = "0103", atMost limit: Int = 1 << 26) async -> RawClient.Outcome {
        await RawClient.exchange(addresses.twilio, orderText(suffix), atMost: limit)
    }
}
