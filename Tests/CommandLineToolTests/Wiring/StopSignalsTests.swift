import CallDomain
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing
import UnixSignals

@testable import CommandLineTool

/// Runs until it is cancelled, or until the graceful stop if it obeys that.
private struct Work: Service {
    let obeys: Bool
    let begun: AsyncStream<Void>.Continuation
    var ended: AsyncStream<Void>.Continuation?

    func run() async throws {
        defer { ended?.finish() }
        begun.yield()
        if obeys {
            try await gracefulShutdown()
        } else {
            let (never, hold) = AsyncStream.makeStream(of: Void.self)
            for await _ in never {}
            hold.finish()
        }
    }
}

/// Cannot be moved by anything but `release`.
private struct StubbornWork: Service {
    let begun: AsyncStream<Void>.Continuation
    let release: DispatchSemaphore

    func run() async throws {
        begun.yield()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            Thread.detachNewThread {
                release.wait()
                continuation.resume()
            }
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A signal` {
    private let lines = LoggedLines()
    private let begun = AsyncStream.makeStream(of: Void.self)
    private let signals = AsyncStream.makeStream(of: UnixSignal.self)

    private func stop(_ service: any Service, end: @escaping @Sendable () -> Void = {}) -> StopSignals {
        StopSignals(group: ServiceGroup(services: [service], logger: lines.logger), logger: lines.logger, end: end)
    }

    private func messages() throws -> [String] {
        try lines.take().filter { $0["level"] != "debug" }.compactMap { $0["message"]?.stringValue }
    }

    @Test func `stops gracefully`() async throws {
        let stop = stop(Work(obeys: true, begun: begun.continuation))
        signals.continuation.yield(.sigterm)
        try await stop.run(signals: signals.stream)
        #expect(try messages().isEmpty)
    }

    @Test func `of a second time cancels what is under way, and says so`() async throws {
        let stop = stop(Work(obeys: false, begun: begun.continuation))
        async let end: Void = stop.run(signals: signals.stream)
        for await _ in begun.stream { break }
        signals.continuation.yield(.sigint)
        signals.continuation.yield(.sigint)
        try await end
        let messages = try messages()
        #expect(messages.count == 1 && messages.first?.hasPrefix("stopping at once") == true)
    }

    @Test func `gives the services their time, and cancels what is under way after it`() async throws {
        let prepared = AsyncStream.makeStream(of: Void.self)
        var stop = stop(Work(obeys: false, begun: begun.continuation))
        stop.grace = .milliseconds(50)
        stop.prepare = { prepared.continuation.finish() }
        signals.continuation.yield(.sigterm)
        try await stop.run(signals: signals.stream)
        for await _ in prepared.stream {}
        #expect(try messages().isEmpty)
    }

    @Test func `cancels the services though their preparation does not heed its own cancellation`() async throws {
        let cancelled = AsyncStream.makeStream(of: Void.self)
        var stop = stop(Work(obeys: false, begun: begun.continuation, ended: cancelled.continuation))
        stop.grace = .milliseconds(50)
        // A task of its own is not cancelled.
        stop.prepare = { await Task { for await _ in cancelled.stream {} }.value }
        signals.continuation.yield(.sigterm)
        try await stop.run(signals: signals.stream)
        #expect(try messages().isEmpty)
    }

    @Test func `of a second time ends the process where that is not enough`() async throws {
        let release = DispatchSemaphore(value: 0)
        let stop = stop(StubbornWork(begun: begun.continuation, release: release)) { release.signal() }
        async let end: Void = stop.run(signals: signals.stream)
        for await _ in begun.stream { break }
        signals.continuation.yield(.sigterm)
        signals.continuation.yield(.sigint)
        // Only the end of the process releases the service.
        try await end
    }

    @Test func `does not hide why the services ended`() async throws {
        struct Fault: Error {}
        struct Failing: Service {
            func run() async throws { throw Fault() }
        }
        let stop = stop(Failing())
        await #expect(throws: Fault.self) { try await stop.run(signals: signals.stream) }
    }
}
