/// Turns the seconds of a scenario into real ones.
struct Pace: Sendable {
    let tempo: Double

    /// A scenario's delay.
    func scaled(_ duration: Duration) -> Duration { duration * tempo }

    /// A limit that the client set in seconds (`joinTimeout`, `maxDuration`, `TimeLimit`).
    ///
    /// A fast tempo shortens it as well, so that nobody waits an hour for a time-out, but never below three real
    /// seconds or what the client asked for, if that is less: network and scheduling do not get faster with the tempo.
    /// A slow tempo leaves it alone.
    func limit(seconds: Double) -> Duration {
        .seconds(max(seconds * min(1, tempo), min(seconds, 3)))
    }
}
