/// State that only the world's thread touches: every access checks that, so it needs no lock.
final class Confined<State>: @unchecked Sendable {
    private let thread: WorldThread
    private var state: State

    init(_ state: State, to thread: WorldThread) {
        self.state = state
        self.thread = thread
    }

    var value: State {
        get {
            thread.expect("simulated state")
            return state
        }
        _modify {
            thread.expect("simulated state")
            yield &state
        }
    }
}
