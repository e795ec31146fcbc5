import NIOCore
import NIOHTTP1

/// Behind the decoder: judges heads, gathers bodies, and passes only whole messages on; writes answers so that each
/// message gets one.
///
/// Of a message whose body is too large it passes the head on alone, unless it is a webhook: then the refusal is an answer
/// of the REST API like every other, with a problem, an id and a line in the access log. See ``BodyLimit``.
final class RequestGate: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let exchange: Exchange
    private let rules: ConnectionRules
    private var head: HTTPRequestHead?
    private var body: ByteBuffer?
    private var method = HTTPMethod.GET
    private var version = HTTPVersion.http1_1

    init(exchange: Exchange, rules: ConnectionRules) {
        self.exchange = exchange
        self.rules = rules
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // After a refusal the decoder may still speak of the same bytes.
        guard exchange.isReceiving else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): take(head, context)
        case .body(let bytes): gather(bytes, context)
        case .end: pass(context)
        }
    }

    private func take(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let bodySize = rules.limits.bodySize(target: head.uri)
        self.head = head
        body = nil
        do throws(Refusal) {
            let judged = try head.judged(bodySize: bodySize)
            exchange.headTaken(framing: judged.framing, bodySize: bodySize, isLast: judged.isLast, now: .now())
            if judged.expectsContinue {
                context.writeAndFlush(wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
            }
        } catch {
            refuse(error, context)
        }
    }

    private func gather(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard var gathered = body else {
            guard bytes.readableBytes <= exchange.bodySize else { return refuse(.bodyTooLarge, context) }
            body = bytes
            return
        }
        guard gathered.readableBytes + bytes.readableBytes <= exchange.bodySize else {
            return refuse(.bodyTooLarge, context)
        }
        body = nil
        gathered.writeImmutableBuffer(bytes)
        body = gathered
    }

    private func pass(_ context: ChannelHandlerContext) {
        guard let head, exchange.phase == .body, exchange.endIsDue else { return refuse(.framing, context) }
        let body = body
        exchange.messageEnded(now: .now())
        pass(head, body, context)
    }

    /// Announces a body that cannot be sent, in place of the one that was sent.
    private func passAlone(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        rules.refused.note(.bodyTooLarge)
        exchange.bodyGivenUp(now: .now())
        var head = head
        head.headers.remove(name: "transfer-encoding")
        head.headers.replaceOrAdd(name: "content-length", value: String(Int.max))
        pass(head, nil, context)
    }

    private func pass(_ head: HTTPRequestHead, _ body: ByteBuffer?, _ context: ChannelHandlerContext) {
        self.head = nil
        self.body = nil
        method = head.method
        version = head.version
        context.fireChannelRead(wrapInboundOut(.head(head)))
        if let body { context.fireChannelRead(wrapInboundOut(.body(body))) }
        // Trailers could say what the head must not.
        context.fireChannelRead(wrapInboundOut(.end(nil)))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let notice = event as? ExchangeNotice else { return context.fireUserInboundEventTriggered(event) }
        guard exchange.isReceiving else { return }
        switch notice {
        case .bodyTooLarge: refuse(.bodyTooLarge, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        guard exchange.isReceiving else { return }
        switch error {
        case .headerOverflow: refuse(.fields, context)
        case .invalidVersion: refuse(.version, context)
        case .invalidMethod: refuse(.method, context)
        case .invalidEOFState, .closedConnection: context.close(promise: nil)
        case .invalidContentLength, .unexpectedContentLength, .invalidChunkSize: refuse(.framing, context)
        default: refuse(.malformed, context)
        }
    }

    private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        if refusal == .bodyTooLarge, let head, WebhookTarget(head.uri.utf8) == nil { return passAlone(head, context) }
        head = nil
        body = nil
        context.triggerUserOutboundEvent(ExchangeEvent.refused(refusal), promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard exchange.phase == .answering else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var answer):
            if exchange.isStopping || rules.isDraining() || answer.headers.contains(name: "connection") {
                exchange.isLast = true
            }
            answer.setFraming(method: method, requestVersion: version, isLast: exchange.isLast)
            context.write(wrapOutboundOut(.head(answer)), promise: promise)
        case .body where method == .HEAD:
            promise?.succeed()
        case .body:
            context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            context.triggerUserOutboundEvent(ExchangeEvent.answered, promise: nil)
        }
    }
}

@available(*, unavailable)
extension RequestGate: Sendable {}
