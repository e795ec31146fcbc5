import Logging
import NIOCore

/// Before the decoder: gives it one message at a time, keeps the clocks, writes refusals, and closes the connection so
/// that the last answer arrives.
final class ByteGate: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let exchange: Exchange
    private let rules: ConnectionRules
    private let logger: Logger
    private var framing: MessageFraming
    /// Received bytes that were not passed on yet: a part of a first line, or bytes that wait behind an unfinished
    /// answer.
    private var held = ByteBuffer()
    private var isPassing = false
    private var endOfInputWaits = false
    private var readWaits = false
    private var clock: Scheduled<Void>?
    private var reader = SlowReader()

    private var limits: ConnectionLimits { rules.limits }

    init(exchange: Exchange, rules: ConnectionRules, logger: Logger) {
        self.exchange = exchange
        self.rules = rules
        self.logger = logger
        framing = MessageFraming(rules: rules)
    }

    func channelActive(context: ChannelHandlerContext) {
        exchange.opened(now: .now())
        look(context, in: TimeAmount(limits.shortestTime))
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        clock?.cancel()
        clock = nil
    }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !exchange.isOver else { return }
        let bytes = unwrapInboundIn(data)
        if held.readableBytes == 0 {
            held = bytes
        } else {
            held.writeImmutableBuffer(bytes)
        }
        if exchange.phase == .answering, held.readableBytes > limits.waiting {
            held = ByteBuffer()
            exchange.isLast = true
        }
        passOn(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if exchange.isOver { context.read() }
    }

    func read(context: ChannelHandlerContext) {
        if exchange.phase == .answering, held.readableBytes > 0 {
            readWaits = true
        } else {
            context.read()
        }
    }

    /// Passes on what belongs to the message that is being received. It may be answered meanwhile.
    private func passOn(_ context: ChannelHandlerContext) {
        guard !isPassing else { return }
        isPassing = true
        while exchange.isReceiving, held.readableBytes > 0, passPart(context) {}
        isPassing = false
        // Lets go of the storage, so that the decoder need not copy what it keeps.
        if exchange.isOver || held.readableBytes == 0 { held = ByteBuffer() }
        if exchange.phase == .answering, held.readableBytes > 0 { return }
        if endOfInputWaits {
            endOfInputWaits = false
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        if readWaits {
            readWaits = false
            context.read()
        }
    }

    /// Returns false where more bytes are needed.
    private func passPart(_ context: ChannelHandlerContext) -> Bool {
        let step = held.withUnsafeReadableBytes { framing.next(in: $0) }
        switch step {
        case .skip(let count):
            held.moveReaderIndex(forwardBy: count)
            return true
        case .more:
            exchange.received(now: .now())
            return false
        case .refuse(.bodyTooLarge):
            // The gate that has the head knows what to make of it.
            context.fireUserInboundEventTriggered(ExchangeNotice.bodyTooLarge)
        case .refuse(let refusal):
            exchange.received(now: .now())
            refuse(refusal, context)
        case .pass(let count):
            exchange.received(now: .now())
            give(count, context)
        case .passHead(let count):
            give(count, context)
            switch exchange.phase {
            case .body:
                guard let body = exchange.framing, body != .length(0) else {
                    refuse(.framing, context)
                    break
                }
                framing.expect(body, bodySize: exchange.bodySize)
            case .answering, .idle: framing.reset()
            case .finishing, .lingering: break
            case .fresh, .head: refuse(.malformed, context)
            }
        case .passMessage(let count):
            exchange.endIsDue = true
            give(count, context)
            if exchange.isReceiving, exchange.phase != .idle { refuse(.framing, context) }
            framing.reset()
        }
        return true
    }

    private func give(_ count: Int, _ context: ChannelHandlerContext) {
        if let part = held.readSlice(length: count) { context.fireChannelRead(wrapInboundOut(part)) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed where exchange.phase == .answering && held.readableBytes > 0:
            // Behind what waits: the client may have sent all it wants to ask, and then its end.
            endOfInputWaits = true
            return
        case ChannelEvent.outputClosed:
            exchange.linger(now: .now())
            look(context, in: .zero)
            context.read()
        case is ChannelShouldQuiesceEvent:
            exchange.isStopping = true
            if exchange.isOver { look(context, in: .zero) }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: What goes out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        reader.written += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let event = event as? ExchangeEvent else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        switch event {
        case .refused(let refusal):
            refuse(refusal, context)
        case .answered where exchange.isLast || exchange.isStopping:
            finish(context)
        case .answered:
            exchange.answered(now: .now())
            if !isPassing, held.readableBytes > 0 || endOfInputWaits || readWaits {
                passOn(context)
                context.fireChannelReadComplete()
            }
        }
        promise?.succeed()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .input:
            // How Hummingbird ends a connection when the time of a stop is up: what is to go out has little left, too.
            exchange.isCutShort = true
            if exchange.isOver { look(context, in: .zero) }
            context.close(mode: mode, promise: promise)
        case .output:
            if !exchange.isOver { finish(context) }
            promise?.succeed()
        case .all where exchange.isOver:
            // The linger ends it, and soon.
            context.channel.closeFuture.cascade(to: promise)
        case .all where exchange.isStopping && waitingToGoOut(context) > 0:
            // Idle for those behind this gate; the answer before is not out yet.
            finish(context)
            context.channel.closeFuture.cascade(to: promise)
        case .all:
            context.close(mode: mode, promise: promise)
        }
    }

    /// Answers the message that is being received. No other answer can be in progress: a message waits for the one
    /// before.
    private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        guard exchange.isReceiving else { return }
        rules.refused.note(refusal, logger)
        let answer = rules.answers.answer(to: refusal, isBare: framing.wantsBareRefusal)
        context.write(wrapOutboundOut(.byteBuffer(answer)), promise: nil)
        finish(context)
    }

    /// Ends the output as soon as all is out, then lingers: to close with unread input would send a reset, which may
    /// overtake the answer.
    private func finish(_ context: ChannelHandlerContext) {
        exchange.finish(now: .now())
        held = ByteBuffer()
        // An empty write is done when those before it are. (NIO would drop them where the input is closed already.)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer()))).assumeIsolated().whenComplete { _ in
            context.close(mode: .output, promise: nil)
        }
        context.read()
        if exchange.isCutShort { look(context, in: .zero) }
    }

    // MARK: Clocks

    /// One timer for all phases: it looks at the time, and is not moved when something happens. So a message costs no
    /// timer.
    private func look(_ context: ChannelHandlerContext, in time: TimeAmount) {
        clock?.cancel()
        clock = context.eventLoop.assumeIsolated().scheduleTask(in: time) { self.look(context) }
    }

    private func look(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        if let deadline = exchange.deadline(limits), deadline <= now { tooLate(context) }
        guard reader.isInTime(waiting: waitingToGoOut(context), now: now, limit: limits.readerTime) else {
            return context.close(mode: .all, promise: nil)
        }
        guard context.channel.isActive else { return }
        let next = now + TimeAmount(limits.shortestTime)
        look(context, in: max(min(exchange.deadline(limits) ?? next, next) - now, .milliseconds(1)))
    }

    /// Bytes that the other side has not made room for.
    private func waitingToGoOut(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func tooLate(_ context: ChannelHandlerContext) {
        switch exchange.phase {
        case .head: refuse(.headTooSlow, context)
        case .body: refuse(.bodyTooSlow, context)
        case .fresh, .idle, .finishing, .lingering: context.close(mode: .all, promise: nil)
        case .answering: break
        }
    }
}

@available(*, unavailable)
extension ByteGate: Sendable {}
