import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// A client's connection below HTTP: raw bytes, an end in good order, an end by reset.
///
/// After any of these the HTTP server must not answer on the connection; it finds it closed when it tries.
struct Wire: Sendable {
    let channel: any Channel

    /// Sends bytes past the HTTP encoder, and waits until the kernel has them.
    func send(_ bytes: [UInt8]) async throws {
        try await channel.triggerUserOutboundEvent(WireTap.Order.send(ByteBuffer(bytes: bytes))).get()
    }

    /// Closes the socket; done when it is closed, or was before.
    func close() async {
        try? await channel.triggerUserOutboundEvent(WireTap.Order.close).get()
    }

    /// Closes the socket with a TCP reset: what was sent and not yet received is gone.
    func reset() async {
        try? await channel.triggerUserOutboundEvent(WireTap.Order.reset).get()
    }
}

/// The first handler of a connection, next to the socket.
final class WireTap: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Comes down the pipeline as an outbound event.
    enum Order: Sendable {
        case send(ByteBuffer)
        case close
        case reset
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        switch event as? Order {
        case .send(let bytes): context.writeAndFlush(wrapOutboundOut(bytes), promise: promise)
        case .close: context.close(promise: promise)
        case .reset: reset(context, promise: promise)
        case nil: context.triggerUserOutboundEvent(event, promise: promise)
        }
    }

    /// SO_LINGER with no time makes the kernel drop what is left and send RST instead of FIN.
    private func reset(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        context.close(promise: promise)
    }
}

/// Hummingbird's HTTP/1.1 connection behind a ``WireTap``.
struct TappedChannel: ServerChildChannel {
    let http: HTTP1Channel
    /// Asked once for each connection that was accepted.
    let refuses: @Sendable () -> Bool

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(WireTap())
        }.flatMap {
            http.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        // Not sooner: NIO traps if a connection that nobody has begun to handle is dropped when the server stops.
        if refuses() { await Wire(channel: value.channel).reset() }
        await http.handle(value: value, logger: logger)
    }
}

/// What a handler knows of the connection that a request came on.
struct WireContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let wire: Wire

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        wire = Wire(channel: source.channel)
    }
}
