import FoundationEssentials

/// The answered part of a call: TwiML is fetched and executed until somebody ends it.
struct CallTalk: Sendable {
    /// Why waiting ended early.
    enum Interruption: Sendable {
        /// Ended through the REST API, by the callee or by the time limit.
        case over
        case redirected(TwiMLSource)
        case streamClosed(String)
    }

    /// What follows a verb.
    enum Step: Sendable {
        case next
        case document(TwiMLSource)
        case over
    }

    let life: CallLife
    private let answered = ContinuousClock.now

    init(life: CallLife) {
        self.life = life
    }

    /// Leaves the record final, unless the task was cancelled.
    func run() async {
        guard let order = life.call?.order else { return }
        Recorder(life: life).begin()
        await withTaskGroup { group in
            if let detection = order.detection, detection.isAsynchronous {
                group.addTask { await AnsweringMachine(life: life).decide(detection) }
            }
            await execute(order)
            group.cancelAll()
        }
        if !Task.isCancelled { _ = life.change { $0.end(.completed, sip: 200) } }
    }

    private func execute(_ order: CallOrder) async {
        if let detection = order.detection, !detection.isAsynchronous {
            // The request for TwiML is held until the verdict; the callee hears nothing meanwhile.
            let verdict = AnsweringMachine(life: life)
            guard await pause(verdict.delay(detection)) == nil else { return }
            verdict.record(detection)
        }
        var source = order.source
        while true {
            let loader = TwiMLLoader(talk: self)
            switch await loader.load(source) {
            case .interrupted(.redirected(let next)): source = next
            case .interrupted: return
            case .nothing:
                // A recorded error message, then the line drops.
                _ = await pause(.seconds(2))
                return
            case .document(let document):
                guard let next = await execute(document) else { return }
                source = next
            }
        }
    }

    /// Executes a document; returns where to go on, or `nil` when the call is over.
    private func execute(_ document: TwiMLDocument) async -> TwiMLSource? {
        for warning in document.warnings { life.alert(12200, warning) }
        for verb in document.verbs {
            guard !Task.isCancelled else { return nil }
            switch await execute(verb) {
            case .next: continue
            case .document(let source): return source
            case .over: return nil
            }
        }
        return nil
    }

    private func execute(_ verb: TwiMLVerb) async -> Step {
        switch verb {
        case .say(let text, let repetitions):
            let spoken = Duration.milliseconds(min(60 * text.count, 5000) * min(max(repetitions, 1), 10))
            return step(await pause(spoken))
        case .pause(let seconds):
            return step(await pause(.seconds(seconds)))
        case .hangUp, .reject:
            return .over
        case .connect(let stream, let action):
            let step = await MediaStream(talk: self, stream: stream).run()
            if case .next = step, let action { return .document(.action(action)) }
            return step
        }
    }

    private func step(_ interruption: Interruption?) -> Step {
        switch interruption {
        case nil, .streamClosed: .next
        case .redirected(let source): .document(source)
        case .over: .over
        }
    }

    /// Waits a scenario's delay; streams that close meanwhile do not matter.
    func pause(_ duration: Duration) async -> Interruption? {
        let deadline = ContinuousClock.now + life.core.pace.scaled(duration)
        while true {
            switch await interruption(before: deadline) {
            case .streamClosed: continue
            case let other: return other
            }
        }
    }

    /// Waits until something other than the end of a stream happens to the call; `nil` when the task is cancelled.
    func disturbance() async -> Interruption? {
        while true {
            switch await interruption(before: nil) {
            case .streamClosed: continue
            case let other: return other
            }
        }
    }

    /// Waits until something happens to the call; `nil` at the deadline, or when the task is cancelled.
    func interruption(before deadline: ContinuousClock.Instant?) async -> Interruption? {
        while true {
            let limit = answered + life.core.pace.limit(seconds: Double(life.call?.order.timeLimit ?? 14400))
            var end = limit
            if case .callee(let after) = life.scenario.ending {
                end = min(end, answered + life.core.pace.scaled(after))
            }
            switch await life.line.next(before: min(end, deadline ?? end)) {
            case .ended: return .over
            case .redirected(let source): return .redirected(source)
            case .streamClosed(let id): return .streamClosed(id)
            case .timeLimitChanged: continue
            case nil: return !Task.isCancelled && ContinuousClock.now >= end ? .over : nil
            }
        }
    }
}
