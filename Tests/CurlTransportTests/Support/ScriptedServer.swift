import Foundation
import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport

/// A certificate and its key from `fixtures/tls/`.
enum ServerIdentity: String, Sendable {
    case localhost
    case wrongHost = "wrong-host"
    case untrusted

    func context(protocols: [String] = []) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(Fixture.bytes("tls/\(rawValue).pem")))
        let key = try NIOSSLPrivateKey(bytes: Array(Fixture.bytes("tls/\(rawValue).key.pem")), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.applicationProtocols = protocols
        return try NIOSSLContext(configuration: configuration)
    }
}

/// One connection, seen from the server, with bytes in both directions.
struct Peer {
    let number: Int
    let ledger: Ledger
    let channel: any Channel
    fileprivate var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    fileprivate let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var buffer: [UInt8] = []

    fileprivate init(
        number: Int,
        ledger: Ledger,
        channel: any Channel,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.number = number
        self.ledger = ledger
        self.channel = channel
        self.inbound = inbound
        self.outbound = outbound
    }

    /// Reads one HTTP/1.1 request whole and enters it into the ledger; `nil` when the client has closed.
    mutating func request() async throws -> ReceivedRequest? {
        while true {
            if let request = parse() {
                ledger.received(request)
                return request
            }
            guard try await more() else { return nil }
        }
    }

    /// Reads until the client closes.
    mutating func untilClosed() async throws {
        while try await more() {}
    }

    func write(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    func write(_ bytes: [UInt8]) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Returns when the bytes have left.
    func writeThrough(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)).get() }

    /// One chunk of a chunked body.
    func write(chunk: [UInt8]) async throws {
        try await write(Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [0x0D, 0x0A])
    }

    func answer(_ body: String = "ok", status: String = "200 OK", headers: String = "") async throws {
        try await write("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
    }

    /// Sends TLS's close_notify and leaves the socket open.
    func endTLSAlone() async throws { try await OpenSocket.endTLSAlone(of: channel) }

    /// Lets the end of the script send RST instead of FIN.
    func reset() async throws {
        guard let socket = channel as? any SocketOptionProvider else { return }
        try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    }

    private mutating func more() async throws -> Bool {
        guard let bytes = try await inbound.next() else { return false }
        ledger.received(bytes: bytes.readableBytes)
        buffer += Array(bytes.readableBytesView)
        return true
    }

    private mutating func parse() -> ReceivedRequest? {
        guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let start = lines[0].split(separator: " ")
        var request = ReceivedRequest(method: String(start[0]), target: String(start[1]), connection: number)
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            request.headers.append((parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces)))
        }
        let length = request.values("content-length").first.flatMap { Int($0) } ?? 0
        guard buffer.count - end.upperBound >= length else { return nil }
        request.body = Array(buffer[end.upperBound..<(end.upperBound + length)])
        buffer.removeFirst(end.upperBound + length)
        return request
    }
}

typealias Script = @Sendable (inout Peer) async throws -> Void

/// A server on a free loopback port that treats every connection by a script, over TLS if it has an identity.
struct ScriptedServer: Sendable {
    var identity: ServerIdentity?
    var ledger = Ledger()
    /// The connection is closed when it returns.
    var script: Script

    init(identity: ServerIdentity? = nil, ledger: Ledger = Ledger(), script: @escaping Script) {
        self.identity = identity
        self.ledger = ledger
        self.script = script
    }

    /// Listens while `body` runs. Returns when all connections have ended, so that the ledger is final.
    @discardableResult
    func serve<Value: Sendable>(_ body: (_ origin: String) async throws -> Value) async throws -> Value {
        let context = try identity?.context()
        return try await serving(
            scheme: identity == nil ? "http" : "https",
            prepare: { channel in
                guard let context else { return }
                try channel.pipeline.syncOperations.addHandlers([
                    OpenSocket(), NIOSSLServerHandler(context: context),
                ])
            },
            connection: accept,
            body
        )
    }

    private func accept(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async throws {
        let number = ledger.connect()
        try await connection.executeThenClose { inbound, outbound in
            var peer = Peer(
                number: number,
                ledger: ledger,
                channel: connection.channel,
                inbound: inbound.makeAsyncIterator(),
                outbound: outbound
            )
            try await script(&peer)
        }
        ledger.ended()
    }
}

/// Below TLS: keeps the socket open when TLS has ended, if it is told to.
final class OpenSocket: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var holds = false
    private var hasSaidGoodbye: EventLoopPromise<Void>?

    static func endTLSAlone(of channel: any Channel) async throws {
        try await channel.eventLoop.flatSubmit {
            channel.pipeline.handler(type: OpenSocket.self).flatMap { handler in
                handler.holds = true
                let promise = channel.eventLoop.makePromise(of: Void.self)
                handler.hasSaidGoodbye = promise
                channel.close(promise: nil)
                return promise.futureResult
            }
        }.get()
    }

    /// Resets the connection at once.
    static func abort(_ channel: any Channel) async throws {
        guard let socket = channel as? any SocketOptionProvider else { return }
        try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await channel.eventLoop.flatSubmit {
            do {
                return try channel.pipeline.syncOperations.context(handlerType: OpenSocket.self).close()
            } catch { return channel.eventLoop.makeFailedFuture(error) }
        }.get()
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        // On loopback the peer can read it when the flush returns.
        hasSaidGoodbye?.succeed()
        hasSaidGoodbye = nil
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard holds else { return context.close(mode: mode, promise: promise) }
        promise?.succeed()
    }
}

/// Runs `body` beside a server on a free loopback port, then stops listening and waits for the connections that are left.
func serving<In: Sendable, Out: Sendable, Value: Sendable>(
    scheme: String,
    prepare: @escaping @Sendable (any Channel) throws -> Void,
    connection: @escaping @Sendable (NIOAsyncChannel<In, Out>) async throws -> Void,
    _ body: (String) async throws -> Value
) async throws -> Value {
    let opened = Mutex<[any Channel]>([])
    // A connection reads nothing until it has its wrapper, and gets that only once it is served: NIO ends the process if
    // a wrapper is dropped, as one would be that was accepted but not yet handed out when the server closes.
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .childChannelOption(.autoRead, value: false)
        .bind(host: "127.0.0.1", port: 0) { channel in
            opened.withLock { $0.append(channel) }
            return channel.eventLoop.makeCompletedFuture {
                let arrival = Arrival(channel.eventLoop.makePromise())
                try channel.pipeline.syncOperations.addHandler(arrival)
                try prepare(channel)
                return (channel, arrival.promise.futureResult)
            }
        }
    let origin = "\(scheme)://127.0.0.1:\(server.channel.localAddress?.port ?? 0)"
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            try await withThrowingDiscardingTaskGroup { connections in
                try await server.executeThenClose { accepted in
                    for try await (client, arrival) in accepted {
                        connections.addTask {
                            guard let wrapped: NIOAsyncChannel<In, Out> = try await wrap(client, arrival) else {
                                return
                            }
                            // A connection that fails is what most scripts are about.
                            try? await connection(wrapped)
                        }
                    }
                }
            }
        }
        let value = try await body(origin)
        try await server.channel.close()
        try await group.waitForAll()
        for channel in opened.withLock({ $0 }) { try? await channel.close() }
        return value
    }
}

/// Tells when a connection is open: it is handed out before that.
private final class Arrival: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    let promise: EventLoopPromise<Void>

    init(_ promise: EventLoopPromise<Void>) { self.promise = promise }

    func channelActive(context: ChannelHandlerContext) {
        promise.succeed()
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { promise.fail(ChannelError.alreadyClosed) }
}

/// - Returns: `nil` when the client has already gone.
private func wrap<In: Sendable, Out: Sendable>(
    _ channel: any Channel,
    _ arrival: EventLoopFuture<Void>
) async throws -> NIOAsyncChannel<In, Out>? {
    guard (try? await arrival.get()) != nil else { return nil }
    return try await channel.eventLoop.submit {
        guard channel.isActive else { return nil }
        let wrapped = try NIOAsyncChannel<In, Out>(wrappingChannelSynchronously: channel)
        try channel.syncOptions?.setOption(.autoRead, value: true)
        return wrapped
    }.get()
}
