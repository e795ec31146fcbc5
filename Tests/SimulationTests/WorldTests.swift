import CallDomain
import Synchronization
import Testing

/// The world in which the flow is simulated does what its name says.
@Suite("Simulated world")
struct WorldTests {
    /// What happened, in order.
    private final class Notes: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }

        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private struct Failed: Error {}

    @Test("One seed gives one order, and seeds give different ones")
    func seedsDecideTheOrder() throws {
        func order(_ seed: UInt64) throws -> [String] {
            let world = SerialWorld(seed: seed)
            let host = world.host("tasks")
            let notes = Notes()
            world.thread.run {
                host.start {
                    await withTaskGroup(of: Void.self) { group in
                        for name in ["a", "b", "c", "d", "e", "f"] {
                            group.addTask {
                                notes.add(name)
                                // To one same deadline.
                                try? await world.time.sleep(for: .seconds(1))
                                notes.add(name.uppercased())
                            }
                        }
                    }
                    notes.add("end")
                }
            }
            try world.run(until: { notes.all.last == "end" })
            return notes.all
        }
        let orders = try (1...20).map { try order($0) }
        #expect(Set(orders).count > 15)
        for (index, first) in orders.enumerated() {
            #expect(try order(UInt64(index + 1)) == first)
            #expect(first.prefix(6).sorted() == ["a", "b", "c", "d", "e", "f"])
        }
    }

    @Test("Time moves only when nothing can run, and then to the next moment")
    func timeStandsStill() throws {
        let world = SerialWorld(seed: 1)
        let host = world.host("tasks")
        let notes = Notes()
        let start = world.time.now
        world.thread.run {
            host.start {
                try? await world.time.sleep(for: .seconds(5))
                notes.add("5 s: \((world.time.now - start).milliseconds)")
            }
            world.after(.milliseconds(1500)) { notes.add("1.5 s: \((world.time.now - start).milliseconds)") }
        }
        try world.runUntilIdle()
        #expect(world.time.now == start)
        try world.run(until: { notes.all.count == 2 })
        #expect(notes.all == ["1.5 s: 1500", "5 s: 5000"])
        #expect(throws: SerialWorld.Fault.stuck) { try world.run(until: { false }) }
    }

    @Test("A jump of the wall clock wakes nobody and leaves the monotonic clock alone; a frozen process wakes late")
    func clocksJump() throws {
        let world = SerialWorld(seed: 1)
        let host = world.host("tasks")
        let notes = Notes()
        let start = world.time.now
        world.thread.run {
            host.start {
                try? await world.time.sleep(for: .seconds(1))
                notes.add("woken at \(world.time.moment.elapsed)")
            }
        }
        try world.runUntilIdle()
        world.time.setWallClock(by: .seconds(-3600))
        try world.runUntilIdle()
        #expect(notes.all == [])
        #expect(world.time.now - start == .seconds(-3600))
        #expect(world.time.moment == Moment(elapsed: .zero))
        world.thread.run { world.time.leap(by: .seconds(10)) }
        try world.runUntilIdle()
        #expect(notes.all == ["woken at \(Duration.seconds(10))"])
        #expect(world.time.trueTime - start == .seconds(10))
    }

    @Test("A cancelled sleeper wakes at once")
    func sleepersAreCancelled() throws {
        let world = SerialWorld(seed: 3)
        let host = world.host("tasks")
        let notes = Notes()
        world.thread.run {
            host.start {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        do {
                            try await world.time.sleep(for: .seconds(60))
                        } catch {
                            notes.add("\(error is CancellationError)")
                        }
                    }
                    group.addTask { try? await world.time.sleep(for: .seconds(1)) }
                    await group.next()
                    group.cancelAll()
                }
                // A task that is cancelled already does not sleep at all.
                await withTaskGroup(of: Void.self) { group in
                    group.cancelAll()
                    group.addTask {
                        do {
                            try await world.time.sleep(for: .seconds(60))
                        } catch {
                            notes.add("again \(error is CancellationError)")
                        }
                    }
                }
                notes.add("end at \(world.time.elapsed)")
            }
        }
        try world.run(until: { notes.all.count == 3 })
        #expect(notes.all == ["true", "again true", "end at \(Duration.seconds(1))"])
        #expect(!world.time.hasWaiters)
    }

    @Test("A killed process does nothing more; another one goes on")
    func hostsAreKilled() throws {
        let world = SerialWorld(seed: 5)
        let (victim, survivor) = (world.host("victim"), world.host("survivor"))
        let notes = Notes()
        world.thread.run {
            for (host, name) in [(victim, "victim"), (survivor, "survivor")] {
                host.start {
                    for count in 1...3 {
                        notes.add("\(name) \(count)")
                        try? await world.time.sleep(for: .seconds(1))
                    }
                    notes.add("\(name) ended")
                }
            }
            world.after(.milliseconds(1500)) { victim.kill() }
        }
        try world.run(until: { notes.all.contains("survivor ended") })
        #expect(notes.all.filter { $0.hasPrefix("victim") } == ["victim 1", "victim 2"])
        #expect(notes.all.filter { $0.hasPrefix("survivor") }.count == 4)
    }

    @Test("What leaves the world's thread is noticed")
    func escapesAreNoticed() async throws {
        let world = SerialWorld(seed: 1)
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask { try? await world.time.sleep(for: .seconds(1)) }
        }
        #expect(world.thread.firstEscape?.hasPrefix("a sleep") == true)

        let other = SerialWorld(seed: 1)
        other.host("tasks").start {}
        #expect(throws: SerialWorld.Fault.self) { try other.runUntilIdle() }
        #expect(other.thread.firstEscape?.hasPrefix("work") == true)
    }

    @Test("A loop at one moment is told apart from work")
    func loopsAreNoticed() throws {
        let world = SerialWorld(seed: 1)
        let host = world.host("tasks")
        world.thread.run {
            host.start { while true { try? await world.time.sleep(for: .zero) } }
        }
        #expect(throws: SerialWorld.Fault.spinning) { try world.run(until: { false }) }
    }

    @Test("Each concern has its own numbers")
    func concernsAreSplit() {
        let (a, b, c) = (
            SeededBits(seed: 1, for: "a"), SeededBits(seed: 1, for: "b"), SeededBits(seed: 2, for: "a")
        )
        let again = SeededBits(seed: 1, for: "a")
        let numbers = (0..<100).map { _ in a.next() }
        #expect(numbers == (0..<100).map { _ in again.next() })
        let others = (0..<100).flatMap { _ in [b.next(), c.next()] }
        #expect(Set(numbers).isDisjoint(with: others))
        #expect(Set(numbers).count == 100)
        #expect((0..<1000).map { _ in a.below(6) }.min() == 0)
        #expect((0..<1000).map { _ in a.below(6) }.max() == 5)
        #expect(b.hex(33).utf8.count == 33)
    }
}
