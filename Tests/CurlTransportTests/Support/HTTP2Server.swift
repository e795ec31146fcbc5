import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOSSL
import Synchronization

/// One HTTP/2 connection, seen from the server, frame by frame.
struct HTTP2Peer {
    let number: Int
    let ledger: Ledger
    let channel: any Channel
    fileprivate var inbound: NIOAsyncChannelInboundStream<HTTP2Frame>.AsyncIterator
    fileprivate let outbound: NIOAsyncChannelOutboundWriter<HTTP2Frame>
    private var open: [HTTP2StreamID: ReceivedRequest] = [:]

    fileprivate init(
        number: Int,
        ledger: Ledger,
        channel: any Channel,
        inbound: NIOAsyncChannelInboundStream<HTTP2Frame>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<HTTP2Frame>
    ) {
        self.number = number
        self.ledger = ledger
        self.channel = channel
        self.inbound = inbound
        self.outbound = outbound
    }

    /// The next request that has arrived whole; `nil` when the client has closed.
    mutating func request() async throws -> ReceivedRequest? {
        while let frame = try await inbound.next() {
            switch frame.payload {
            case .headers(let content):
                var request = ReceivedRequest(method: "", target: "", connection: number)
                request.stream = Int(frame.streamID)
                for header in content.headers {
                    switch header.name {
                    case ":method": request.method = header.value
                    case ":path": request.target = header.value
                    default: request.headers.append((header.name, header.value))
                    }
                }
                open[frame.streamID] = request
                if content.endStream { return finish(frame.streamID) }
            case .data(let content):
                if case .byteBuffer(let bytes) = content.data {
                    open[frame.streamID]?.body += Array(bytes.readableBytesView)
                }
                if content.endStream { return finish(frame.streamID) }
            default: continue
            }
        }
        return nil
    }

    func answer(_ request: ReceivedRequest, status: Int = 200, body: String = "ok") async throws {
        let stream = HTTP2StreamID(request.stream)
        let headers = HPACKHeaders([(":status", "\(status)"), ("x-stream", "\(request.stream)")])
        try await outbound.write(HTTP2Frame(streamID: stream, payload: .headers(.init(headers: headers))))
        let data = HTTP2Frame.FramePayload.Data(data: .byteBuffer(ByteBuffer(string: body)), endStream: true)
        try await outbound.write(HTTP2Frame(streamID: stream, payload: .data(data)))
    }

    func reset(_ request: ReceivedRequest, _ code: HTTP2ErrorCode) async throws {
        try await outbound.write(HTTP2Frame(streamID: HTTP2StreamID(request.stream), payload: .rstStream(code)))
    }

    /// Sends TLS's close_notify and leaves the socket open.
    func endTLSAlone() async throws { try await OpenSocket.endTLSAlone(of: channel) }

    /// Resets the TCP connection, without a word from TLS.
    func abort() async throws { try await OpenSocket.abort(channel) }

    /// Says that streams above `last` were not and will not be processed.
    func goAway(last: Int) async throws {
        let payload = HTTP2Frame.FramePayload.goAway(
            lastStreamID: HTTP2StreamID(last),
            errorCode: .noError,
            opaqueData: nil
        )
        // Past the writer, which returns before the bytes have left.
        try await channel.writeAndFlush(HTTP2Frame(streamID: .rootStream, payload: payload)).get()
    }

    private mutating func finish(_ stream: HTTP2StreamID) -> ReceivedRequest? {
        guard let request = open.removeValue(forKey: stream) else { return nil }
        ledger.received(request)
        return request
    }
}

/// As ``ScriptedServer``, for HTTP/2 over TLS.
struct HTTP2Server: Sendable {
    var ledger: Ledger
    /// How many streams at a time the first connection takes.
    var streamsOfFirst: Int
    var script: @Sendable (inout HTTP2Peer) async throws -> Void

    init(
        ledger: Ledger = Ledger(),
        streamsOfFirst: Int = 100,
        script: @escaping @Sendable (inout HTTP2Peer) async throws -> Void
    ) {
        self.ledger = ledger
        self.streamsOfFirst = streamsOfFirst
        self.script = script
    }

    @discardableResult
    func serve<Value: Sendable>(_ body: (_ origin: String) async throws -> Value) async throws -> Value {
        let context = try ServerIdentity.localhost.context(protocols: ["h2"])
        let opened = Mutex(0)
        return try await serving(
            scheme: "https",
            prepare: { channel in
                let isFirst = opened.withLock { count in
                    count += 1
                    return count == 1
                }
                let streams = HTTP2Setting(parameter: .maxConcurrentStreams, value: isFirst ? streamsOfFirst : 100)
                try channel.pipeline.syncOperations.addHandlers([
                    OpenSocket(), NIOSSLServerHandler(context: context),
                    NIOHTTP2Handler(mode: .server, initialSettings: [streams]),
                ])
            },
            connection: accept,
            body
        )
    }

    private func accept(_ connection: NIOAsyncChannel<HTTP2Frame, HTTP2Frame>) async throws {
        let number = ledger.connect()
        try await connection.executeThenClose { inbound, outbound in
            var peer = HTTP2Peer(
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
