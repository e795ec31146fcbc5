import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Gateway

@Suite struct `A connection that nobody handles` {
    /// Which happens to one that comes in the moment in which the listener closes: NIO would end the process.
    @Test func `is closed, and nothing else comes of it`() throws {
        let channel = GatewayChannel(
            responder: { _, _, _ in },
            limits: ConnectionLimits(),
            refused: RefusedMessages(),
            isDraining: { false }
        )
        let listener = try ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { connection in
                channel.setup(channel: connection, logger: Logger(label: "test")).map { _ in }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        #expect(RawConnection(port: listener.localAddress?.port ?? 0).receiveToEnd() != .silent)
        try listener.close().wait()
    }
}
