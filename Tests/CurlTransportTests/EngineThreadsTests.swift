import Dispatch
import Synchronization
import Testing

@testable import CurlTransport

@Suite(.timeLimit(.minutes(1)))
struct EngineThreadsTests {
    /// What a process does that ends while engines are at work: nothing may touch the TLS library after it.
    @Test
    func `all threads are stopped and gone when the process may end`() throws {
        let threads = EngineThreads()
        let finished = Atomic(0)
        for _ in 0..<8 {
            let isToStop = DispatchSemaphore(value: 0)
            _ = try threads.start(
                stop: { isToStop.signal() },
                run: {
                    isToStop.wait()
                    finished.add(1, ordering: .sequentiallyConsistent)
                }
            )
        }
        threads.endAll(within: .seconds(30))
        #expect(finished.load(ordering: .sequentiallyConsistent) == 8)
        threads.endAll(within: .seconds(30))
    }

    @Test
    func `a thread that does not stop holds the end up no longer than the patience`() throws {
        let threads = EngineThreads()
        let released = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
        _ = try threads.start(
            stop: {},
            run: {
                released.wait()
                ended.signal()
            }
        )
        threads.endAll(within: .zero)
        released.signal()
        #expect(ended.wait(timeout: .now() + 30) == .success)
    }
}
