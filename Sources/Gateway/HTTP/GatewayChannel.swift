package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// HTTP/1.1 as the gateway speaks it: strict about framing, bounded in bytes and in time.
///
/// Bytes pass ``ByteGate``, which follows where messages begin and end, then the decoder, then ``RequestGate``, which
/// judges heads and gathers bodies. Only whole, well-formed messages of bounded size reach what is behind, and the heads
/// of those whose body is too large.
package struct GatewayChannel: HTTPChannelHandler {
    package typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    package let responder: HTTPChannelHandler.Responder
    private let rules: ConnectionRules

    package init(
        responder: @escaping HTTPChannelHandler.Responder,
        limits: ConnectionLimits,
        refused: RefusedMessages,
        isDraining: @escaping @Sendable () -> Bool
    ) {
        self.responder = responder
        rules = ConnectionRules(limits: limits, refused: refused, isDraining: isDraining)
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            // Grows with what comes. Thousands of connections wait, and each keeps the buffer that it read into.
            try channel.syncOptions?.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 65_536)
            )
            let exchange = Exchange(now: .now())
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(ByteGate(exchange: exchange, rules: rules, logger: logger))
            try pipeline.addHandler(HTTPResponseEncoder(configuration: .framedByRequestGate))
            try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limits: rules.limits)))
            // Says `connection: close` and ends the connection when the server stops.
            try pipeline.addHandler(HTTPServerPipelineHandler())
            try pipeline.addHandler(RequestGate(exchange: exchange, rules: rules))
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            // A connection that comes in the moment in which the listener closes is dropped without having been handled.
            // The initializer that is not deprecated ends the process then; this one closes the connection.
            return try NIOAsyncChannel(
                synchronouslyWrapping: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true)
            )
        }
    }

    package func handle(value: Value, logger: Logger) async {
        await handleHTTP(asyncChannel: value, logger: logger)
    }
}

extension HTTPServerBuilder {
    /// A server that speaks HTTP/1.1 through ``GatewayChannel``.
    package static func gateway(
        limits: ConnectionLimits = ConnectionLimits(),
        refused: RefusedMessages = RefusedMessages(),
        isDraining: @escaping @Sendable () -> Bool = { false }
    ) -> HTTPServerBuilder {
        HTTPServerBuilder {
            GatewayChannel(responder: $0, limits: limits, refused: refused, isDraining: isDraining)
        }
    }
}

extension HTTPDecoder where In == HTTPServerRequestPart, Out == HTTPServerResponsePart {
    fileprivate convenience init(limits: ConnectionLimits) {
        var configuration = NIOHTTPDecoderLimitConfiguration()
        configuration.maxHeaderFieldSize = limits.fields
        configuration.maxHeaderListSize = limits.fields
        configuration.maxHeaderFieldCount = limits.fieldCount
        self.init(
            leftOverBytesStrategy: .dropBytes,
            informationalResponseStrategy: .drop,
            limitConfiguration: configuration
        )
    }
}

extension HTTPResponseEncoder.Configuration {
    fileprivate static var framedByRequestGate: Self {
        var configuration = Self()
        configuration.automaticallySetFramingHeaders = false
        return configuration
    }
}
