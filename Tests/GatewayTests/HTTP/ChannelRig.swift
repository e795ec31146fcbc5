import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

@testable import Gateway

/// A small router behind ``GatewayChannel``, on a free loopback port.
struct ChannelRig: Sendable {
    let port: Int
    let refused: RefusedMessages
    let handlers: Handlers
    let log: KeptLog
    private let stopping: AsyncStream<Void>.Continuation
    private let end: DispatchSemaphore

    /// Runs the server while `body` runs.
    static func run(
        limits: ConnectionLimits = ConnectionLimits(),
        _ body: @Sendable @escaping (ChannelRig) async throws -> Void
    ) async throws {
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let handlers = Handlers()
        let refused = RefusedMessages()
        let logger = Logger(label: "rig") { _ in SwiftLogNoOpLogHandler() }
        let log = KeptLog()
        let application = Application(
            router: handlers.router(),
            server: .gateway(limits: limits, refused: refused),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { announce.yield($0.localAddress?.port ?? 0) },
            logger: log.logger
        )
        let (stop, stopping) = AsyncStream.makeStream(of: Void.self)
        let end = DispatchSemaphore(value: 0)
        let group = ServiceGroup(configuration: .init(services: [.init(service: application)], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer {
                    announce.finish()
                    end.signal()
                }
                try await group.run()
            }
            tasks.addTask {
                for await _ in stop {}
                await group.triggerGracefulShutdown()
            }
            guard let port = await ports.first(where: { _ in true }) else { throw NotListening() }
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(
                    try await body(
                        ChannelRig(
                            port: port,
                            refused: refused,
                            handlers: handlers,
                            log: log,
                            stopping: stopping,
                            end: end
                        )
                    )
                )
            } catch {
                outcome = .failure(error)
            }
            handlers.release()
            tasks.cancelAll()
            while let result = await tasks.nextResult() { _ = result }
            try outcome.get()
        }
    }

    struct NotListening: Error {}

    /// Begins the graceful stop.
    func stop() { stopping.finish() }

    /// Blocks until the server has stopped; false where that takes too long.
    func hasStopped() -> Bool { end.wait(timeout: .now() + 60) == .success }

    /// What a client does, on a thread of its own: sockets block.
    func client<Answer: Sendable>(_ work: @Sendable @escaping (RawConnection) throws -> Answer) async throws -> Answer {
        let port = port
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try work(RawConnection(port: port)) })
            }
        }
    }

    /// Sends the bytes on a connection of their own and returns all that comes back until it ends.
    func exchange(_ bytes: [UInt8]) async throws -> ([RawAnswer], RawConnection.Ending) {
        try await client { connection in
            connection.send(bytes)
            return connection.answers()
        }
    }

    func exchange(_ text: String) async throws -> ([RawAnswer], RawConnection.Ending) {
        try await exchange(Array(text.utf8))
    }
}

/// What the router answers, and what reached it.
final class Handlers: Sendable {
    /// Method, target and bytes of body of each request, in order.
    private let requests = Mutex<[String]>([])
    private let gate = AsyncStream.makeStream(of: Void.self)
    private let arrivals = DispatchSemaphore(value: 0)
    private let cuts = DispatchSemaphore(value: 0)

    var reached: [String] { requests.withLock { $0 } }

    /// Blocks until one more request has reached the router.
    func awaitArrival() { _ = arrivals.wait(timeout: .now() + 60) }

    /// Blocks until an answer without end was cut.
    func awaitCut() { _ = cuts.wait(timeout: .now() + 60) }

    /// Lets the answers of `/gated` go.
    func release() { gate.continuation.finish() }

    func router() -> Router<GatewayContext> {
        let router = Router(context: GatewayContext.self, options: [.autoGenerateHeadEndpoints])
        router.addMiddleware {
            RequestIdentification(random: CountedBits())
            AccessLog()
            SecurityHeaders(isSecure: true)
            ErrorMapping(clock: SetClock())
            BodyLimit(limits: ConnectionLimits())
        }
        let answer: @Sendable (Request, GatewayContext) async throws -> Response = { request, _ in
            let target = request.head.path ?? ""
            let body = try await request.body.collect(upTo: 1 << 24)
            self.requests.withLock { $0.append("\(request.method) \(target) \(body.readableBytes)") }
            self.arrivals.signal()
            return try await self.response(target, body)
        }
        for method in [.get, .post, .put, .patch, .delete, .options] as [HTTPRequest.Method] {
            router.on("**", method: method, use: answer)
        }
        return router
    }

    private func response(_ target: String, _ body: ByteBuffer) async throws -> Response {
        if target.hasPrefix("/gated") {
            for await _ in gate.stream {}
        }
        if target.hasPrefix("/stream") {
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    for word in ["one", "two"] { try await writer.write(ByteBuffer(string: word)) }
                    try await writer.finish(nil)
                }
            )
        }
        if target.hasPrefix("/endless") {
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    defer { self.cuts.signal() }
                    while true { try await writer.write(ByteBuffer(repeating: 0x78, count: 1 << 16)) }
                }
            )
        }
        if target.hasPrefix("/large") {
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(repeating: 0x78, count: 16 << 20)))
        }
        if target.hasPrefix("/nothing") { return Response(status: .noContent) }
        return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "\(target) \(body.readableBytes)")))
    }
}

extension String {
    /// The text with its line ends as HTTP writes them: `⏎` stands for CR LF.
    var onWire: [UInt8] { Array(replacing("⏎", with: "\r\n").utf8) }
}
