import CallDomain
import Foundation
import Synchronization

/// One thread on which everything happens, in an order that the seed decides.
///
/// Runs one piece of work after another, each of them up to where it waits. Which of those that can go on does so, a seeded
/// generator chooses. When none can, time moves to the next moment for which somebody waits.
final class SerialWorld: Sendable {
    /// A process: tasks that prefer it run on the world's thread, and none of them ever goes on once it was killed.
    final class Host: TaskExecutor {
        let name: String
        private let world: SerialWorld
        private let isAlive = Atomic(true)

        fileprivate init(_ name: String, in world: SerialWorld) {
            self.name = name
            self.world = world
        }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            guard isAlive.load(ordering: .acquiring) else { return }
            world.add(.job(job, self))
        }

        /// Begins a task of the process.
        func start(_ body: @escaping @Sendable () async -> Void) {
            Task(executorPreference: self) { await body() }
        }

        /// The process ends without another word: what it was about to do, it never does.
        func kill() {
            isAlive.store(false, ordering: .releasing)
            world.removeWork(of: self)
        }
    }

    private enum Work {
        case job(UnownedJob, Host)
        case action(@Sendable () -> Void)
    }

    /// Why a run did not come to its end.
    enum Fault: Error, Equatable {
        /// Nothing can go on, and nobody waits for the time.
        case stuck
        /// Work goes on and on while the time stands still.
        case spinning
        /// Something ran on another thread.
        case escaped(String)
    }

    private struct State {
        var runnable: [Work] = []
        var choice: SplitMix64
        var steps = 0
    }

    /// So many pieces of work at one moment are a loop.
    private static let mostAtOneMoment = 200_000

    let thread = WorldThread()
    let time: VirtualTime
    private let state: Mutex<State>

    init(seed: UInt64) {
        time = VirtualTime(seed: seed, beforeSleep: { [thread] in thread.expect("a sleep") })
        state = Mutex(State(choice: SplitMix64(seed: seed, for: "choice")))
    }

    func host(_ name: String) -> Host { Host(name, in: self) }

    /// How many pieces of work have run.
    var steps: Int { state.withLock { $0.steps } }

    /// Runs `action` on the world's thread when so much time has passed.
    func after(_ duration: Duration, _ action: @escaping @Sendable () -> Void) {
        time.schedule(after: duration) { [self] in add(.action(action)) }
    }

    /// Runs `action` on the world's thread, before or after whatever else can run now.
    func soon(_ action: @escaping @Sendable () -> Void) { add(.action(action)) }

    /// Runs everything that can run at this moment; `afterEach` runs between two pieces.
    func runUntilIdle(afterEach: () -> Void = {}) throws(Fault) {
        let result = thread.run { () -> Result<Void, Fault> in
            for _ in 0..<Self.mostAtOneMoment {
                guard let work = next() else { return .success(()) }
                switch work {
                case .job(let job, let host): job.runSynchronously(on: host.asUnownedTaskExecutor())
                case .action(let action): action()
                }
                if let escape = thread.firstEscape { return .failure(.escaped(escape)) }
                afterEach()
            }
            return .failure(.spinning)
        }
        try result.get()
    }

    /// Runs until `isOver`, which is asked whenever nothing can run.
    func run(until isOver: () -> Bool, afterEach: () -> Void = {}) throws(Fault) {
        var atOneMoment = 0
        while true {
            try runUntilIdle(afterEach: afterEach)
            if thread.run(isOver) { return }
            let before = time.elapsed
            // Whom the time wakes is put to work from here: that is no other thread's doing.
            guard thread.run({ time.advance() }) else { throw .stuck }
            atOneMoment = time.elapsed == before ? atOneMoment + 1 : 0
            if atOneMoment > Self.mostAtOneMoment { throw .spinning }
        }
    }

    private func add(_ work: Work) {
        thread.expect("work")
        state.withLock { $0.runnable.append(work) }
    }

    private func next() -> Work? {
        state.withLock { state in
            guard !state.runnable.isEmpty else { return nil }
            state.steps += 1
            let index = Int(state.choice.next() % UInt64(state.runnable.count))
            state.runnable.swapAt(index, state.runnable.count - 1)
            return state.runnable.removeLast()
        }
    }

    private func removeWork(of host: Host) {
        state.withLock { state in
            state.runnable.removeAll { work in
                switch work {
                case .job(_, let owner): owner === host
                case .action: false
                }
            }
        }
    }
}
