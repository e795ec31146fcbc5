import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// A small web application that the stand-ins call: it keeps every request and answers as told.
final class Receiver: Service {
    struct Received: Sendable {
        let method: HTTPRequest.Method
        /// Path and query, as received.
        let target: String
        let headers: HTTPFields
        let body: String

        var path: String { String(target.prefix { $0 != "?" }) }

        /// The decoded pairs of the form body.
        var form: [(name: String, value: String)] {
            body.split(separator: "&").map { pair in
                let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let decoded = halves.map {
                    $0.replacingOccurrences(of: "+", with: " ").removingPercentEncoding ?? "?"
                }
                return (decoded[0], decoded.count > 1 ? decoded[1] : "")
            }
        }

        subscript(name: String) -> String? { form.first { $0.name == name }?.value }
    }

    struct Answer: Sendable {
        var status = 204
        var contentType: String?
        var body = ""

        static func twiml(_ body: String) -> Answer {
            Answer(status: 200, contentType: "text/xml; charset=utf-8", body: body)
        }
    }

    private let received = Mutex<[Received]>([])
    private let answers = Mutex<[Rule]>([])
    private let ports: AsyncStream<Int>
    private let listening: AsyncStream<Int>.Continuation
    private let logger: Logger

    init(logger: Logger) {
        (ports, listening) = AsyncStream.makeStream()
        self.logger = logger
    }

    /// The port, as soon as it is known; asked once.
    func port() async -> Int {
        for await port in ports { return port }
        return 0
    }

    /// Which requests get which answers, one after the other; the last one stays.
    private struct Rule {
        let path: String
        let text: String?
        var sequence: [Answer]
    }

    /// What came to a path, in order.
    func requests(_ path: String) -> [Received] { received.withLock { $0.filter { $0.path == path } } }

    /// The answers of a path, or of those requests for it whose body contains a text, one after the other; the last
    /// one stays.
    func answer(_ path: String, containing text: String? = nil, _ sequence: Answer...) {
        answers.withLock { rules in
            rules.removeAll { $0.path == path && $0.text == text }
            rules.insert(Rule(path: path, text: text, sequence: sequence), at: 0)
        }
    }

    func run() async throws {
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                let body = try await request.body.collect(upTo: 1 << 20)
                let entry = Received(
                    method: request.method,
                    target: request.head.path ?? "",
                    headers: request.headers,
                    body: String(buffer: body)
                )
                self.received.withLock { $0.append(entry) }
                let answer = self.next(entry)
                var response = Response(
                    status: .init(code: answer.status),
                    body: .init(byteBuffer: ByteBuffer(string: answer.body))
                )
                response.headers[.contentType] = answer.contentType
                return response
            },
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in self.listening.yield(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        try await application.run()
    }

    private func next(_ request: Received) -> Answer {
        answers.withLock { rules in
            let match = rules.firstIndex { rule in
                rule.path == request.path && rule.text.map { request.body.contains($0) } ?? true
            }
            guard let match, let first = rules[match].sequence.first else { return Answer() }
            if rules[match].sequence.count > 1 { rules[match].sequence.removeFirst() }
            return first
        }
    }
}
