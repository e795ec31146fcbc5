/// What a reload (SIGHUP) does with a setting that was changed.
enum ReloadEffect: Sendable {
    /// Puts it into use: it is a secret, or says how one is used.
    case takesIt
    /// Names it, and leaves it to the next start.
    case leavesIt
    /// Refuses everything: the new secrets may be another account's, and must not be sent to the place of the old ones.
    case refusesAll
    /// Nothing: a gateway that runs does not use it.
    case ignoresIt
}

extension Settings {
    /// The names of the settings with that effect that have other values than in `other`.
    func changes(from other: Settings, _ effect: ReloadEffect) -> [String] {
        zip(other.lines, lines).filter { $1.reload == effect && $1.differs(from: $0) }.map(\.1.name)
    }
}
