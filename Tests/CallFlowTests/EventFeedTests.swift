import CallDomain
import ServiceLifecycleTestKit
import Testing

@testable import CallFlow

private func sid(_ number: Int) -> CallSid {
    let digits = String(number, radix: 16)
    return CallSid("CA" + String(repeating: "0", count: 32 - digits.count) + digits)!
}

private func status(_ status: CallStatus, of number: Int = 1) -> CallFact {
    .statusReported(StatusReport(callSid: sid(number), status: status, sequenceNumber: nil))
}

extension EventDelivery {
    fileprivate var news: [CallNews] {
        if case .events(let events) = self { events.map(\.notice.news) } else { [] }
    }
    fileprivate var places: [EventPlace] {
        if case .events(let events) = self { events.map(\.notice.place) } else { [] }
    }
    fileprivate var end: EventStreamEnd? { if case .end(let end) = self { end } else { nil } }
    fileprivate var isQuiet: Bool { if case .quiet = self { true } else { false } }
    fileprivate var isGap: Bool { if case .gap = self { true } else { false } }
}

extension EventReader {
    /// The next events.
    fileprivate func news() async -> [CallNews] { await next()?.news ?? [] }

    /// Reads until something else comes than a sign of life.
    fileprivate func nextButQuiet() async -> EventDelivery? {
        while let delivery = await next() {
            if !delivery.isQuiet { return delivery }
        }
        return nil
    }
}

extension EventReader {
    /// Takes that many events.
    fileprivate func readEvents(_ count: Int) async -> Int {
        var read = 0
        while read < count, let delivery = await next(), delivery.end == nil { read += delivery.news.count }
        return read
    }
}

/// A flow whose feed runs. Its clock goes on by itself, second by second, whenever nobody else has anything to do.
private func feeding(_ body: @Sendable (Stage) async throws -> Void) async throws {
    try await testGracefulShutdown { trigger in
        let stage = Stage()
        async let run: Void = stage.flow.events.run()
        try await body(stage)
        trigger.triggerGracefulShutdown()
        await run
    }
}

extension Stage {
    fileprivate func tell(_ facts: CallFact...) async throws {
        for fact in facts { _ = try await flow.receive(fact, claimed: nil) }
    }

    fileprivate func reader(
        of number: Int? = nil,
        _ filter: EventFilter = EventFilter(),
        after place: EventPlace? = nil
    ) throws -> EventReader {
        flow.reader(of: try number.map { try #require(flow.callID(of: sid($0))) }, filter, after: place)
    }
}

@Suite(.timeLimit(.minutes(1)), .timeKept) struct `A stream of events` {
    @Test func `tells what happens, once and in order`() async throws {
        try await feeding { stage in
            try await stage.tell(status(.ringing))
            let reader = try stage.reader()
            try await stage.tell(status(.inProgress), status(.completed))
            var (news, places) = ([CallNews](), [EventPlace]())
            while news.last != .completed, let delivery = await reader.next() {
                news += delivery.news
                places += delivery.places
            }
            #expect(news == [.answered, .completed])
            #expect(places == places.sorted() && Set(places).count == 2)
            #expect(stage.flow.events.readerCount == 1)
            reader.close()
            #expect(await reader.next() == nil)
            #expect(stage.flow.events.readerCount == 0)
        }
    }

    @Test func `shows after 15 s of quiet that it lives, and not before`() async throws {
        try await feeding { stage in
            let reader = try stage.reader()
            for _ in 0..<3 {
                let begin = stage.clock.moment
                #expect(try #require(await reader.next()).isQuiet)
                #expect(stage.clock.moment - begin >= .seconds(15))
                #expect(stage.clock.moment - begin <= .seconds(17))
            }
            reader.close()
        }
    }

    @Test func `needs no sign of life while it tells events`() async throws {
        try await feeding { stage in
            let reader = try stage.reader()
            for number in 1...8 {
                let next = stage.clock.moment + .seconds(5)
                while stage.clock.moment < next { await Task.yield() }
                try await stage.tell(status(.ringing, of: number))
                #expect(await reader.news() == [.ringing])
            }
            reader.close()
        }
    }

    @Test func `ends for a reader for whom too many events wait`() async throws {
        let count = EventReader.mostWaiting + 10
        try await feeding { stage in
            let (slow, quick) = (try stage.reader(), try stage.reader())
            // From the sign of life on they are told what happens as it does.
            for reader in [slow, quick] { #expect(try #require(await reader.next()).isQuiet) }
            async let read = quick.readEvents(count)
            for number in 1...count {
                try await stage.tell(status(.ringing, of: number))
                // The other one is given the time that it needs.
                if number.isMultiple(of: 100) { try await stage.clock.sleep(for: .milliseconds(1)) }
            }
            #expect(await read == count)
            #expect(await slow.next()?.end == .slow)
            #expect(await slow.next() == nil)
            #expect(stage.flow.events.readerCount == 1)
            #expect(stage.flow.events.slowReaderCount == 1)
            quick.close()
            #expect(stage.flow.events.slowReaderCount == 1)
        }
    }

    @Test func `of a call ends 60 s after the call, and tells what comes late`() async throws {
        try await feeding { stage in
            try await stage.tell(status(.inProgress))
            let reader = try stage.reader(of: 1)
            #expect(await reader.news() == [.answered])
            try await stage.tell(status(.completed))
            #expect(await reader.news() == [.completed])
            let end = stage.clock.moment
            #expect(try #require(await reader.next()).isQuiet)
            let machine = MachineDetectionReport(callSid: sid(1), answeredBy: "machine_start", duration: nil)
            try await stage.tell(.machineDetected(machine))
            #expect(await reader.nextButQuiet()?.news == [.machineDetected])
            #expect(await reader.nextButQuiet()?.end == .over)
            let lasted = stage.clock.moment - end
            #expect(lasted >= .seconds(59) && lasted <= .seconds(63))
            #expect(await reader.next() == nil)
            #expect(stage.flow.events.readerCount == 0)
            // Of one that has been over for long, too, all is told.
            let late = try stage.reader(of: 1)
            let begin = stage.clock.moment
            #expect(await late.news() == [.answered, .completed, .machineDetected])
            #expect(await late.next()?.end == .over)
            #expect(stage.clock.moment == begin, "nobody waits for a call that has been over for long")
        }
    }

    @Test func `of a call of which the end is not asked for ends with it, too`() async throws {
        try await feeding { stage in
            try await stage.tell(status(.ringing))
            var filter = EventFilter()
            filter.types = [.answered]
            let reader = try stage.reader(of: 1, filter)
            try await stage.tell(status(.inProgress), status(.completed))
            #expect(await reader.news() == [.answered])
            #expect(await reader.nextButQuiet()?.end == .over)
        }
    }

    @Test func `ends when the gateway stops`() async throws {
        try await testGracefulShutdown { trigger in
            let stage = Stage()
            async let run: Void = stage.flow.events.run()
            try await stage.tell(status(.ringing))
            let readers = [try stage.reader(), try stage.reader(of: 1)]
            #expect(await readers[1].news() == [.ringing])
            trigger.triggerGracefulShutdown()
            await run
            for reader in readers + [try stage.reader()] { #expect(await reader.nextButQuiet()?.end == .stopping) }
            #expect(stage.flow.events.readerCount == 0)
        }
    }

    @Test func `is forgotten when nobody reads it any more, and whoever waits for it goes on`() async throws {
        let stage = Stage()
        let reader = try stage.reader()
        #expect(stage.flow.events.readerCount == 1)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { #expect(await reader.next() == nil) }
            for _ in 0..<100 { await Task.yield() }
            reader.close()
        }
        #expect(stage.flow.events.readerCount == 0)
    }

    @Test func `goes on inside of a record`() async throws {
        try await feeding { stage in
            let call = try await stage.flow.place(Stage.order)
            let reader = try stage.reader()
            try await stage.tell(.conversationReported(ended(of: call, at: stage.clock.now)))
            let told = try #require(await reader.next())
            #expect(told.news == [.answered, .agentJoined, .agentLeft])
            #expect(told.places.map(\.part) == [1, 2, EventPlace.last])
            for id in [nil, call.id] {
                for seen in 0...1 {
                    let rest = stage.flow.reader(of: id, EventFilter(), after: told.places[seen])
                    #expect(await rest.news() == Array(told.news[(seen + 1)...]))
                    rest.close()
                }
            }
            reader.close()
        }
    }

    @Test func `says so where it cannot go on without a gap`() async throws {
        try await feeding { stage in
            try await stage.tell(status(.ringing))
            for place in [EventPlace(Position(high: .max, low: 7)), EventPlace(.start)] {
                let reader = try stage.reader(after: place)
                #expect(try #require(await reader.next()).isGap)
                reader.close()
            }
        }
    }

    @Test(arguments: [1, 2])
    func `of what is asked for tells that alone`(wanted: Int) async throws {
        try await feeding { stage in
            var filter = EventFilter()
            filter.metadata = ["tenant": "\(wanted)"]
            filter.agentID = ScriptedPlatform.agentID
            let reader = try stage.reader(filter)
            for (number, tenant) in [1, 2, 1, 2].enumerated() {
                var order = Stage.order(number: 100 + number)
                order.metadata = ["tenant": .string("\(tenant)")]
                _ = try await stage.flow.place(order)
            }
            var told: [EventDelivery] = []
            while told.flatMap(\.news).count(where: { $0 == .queued }) < 2, let delivery = await reader.nextButQuiet() {
                told.append(delivery)
            }
            for case .events(let events) in told {
                #expect(events.allSatisfy { $0.notice.call.metadata["tenant"] == .string("\(wanted)") })
            }
            reader.close()
        }
    }
}

private func ended(of call: Call, at time: Timestamp) -> ConversationReport {
    var report = ConversationReport(ultravoxCallID: ScriptedPlatform.ultravoxCallID, event: .ended, callID: call.id)
    (report.joinedAt, report.endedAt) = (time, time)
    return report
}
