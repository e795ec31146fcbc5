/// Finds names that were probably meant to be known ones: a misspelt `TWILIO_AUTH_TOKEN_SECONDARY` would be silently
/// without effect.
struct NearMiss: Sendable {
    /// Where a name stands.
    enum Place: Sendable {
        /// Shared with everything else on the machine: short names are left alone there.
        case environment
        /// Ours alone.
        case dotEnv
    }

    private let names: Set<String>
    private let candidates: [(name: String, letters: [UInt8], isLong: Bool)]

    /// - Parameter names: all known names; `NAME_FILE` of each is known too.
    init(names: [String]) {
        candidates = names.flatMap { name in
            [name, name + "_FILE"].map { ($0, Array($0.utf8), name.utf8.count >= Self.longName) }
        }
        self.names = Set(candidates.map(\.name))
    }

    /// Whether `name` is one of ours, or the `_FILE` of one.
    func isKnown(_ name: String) -> Bool { names.contains(name) }

    /// The known name that an unknown one was probably meant to be.
    ///
    /// Near is what differs from a long name (8 characters and more) by two edits at most, letter case aside. Shorter
    /// names have too many neighbours (`HOST`, `HOME`, `PATH`, `POST`): of those, only one edit in `.env` counts.
    func suggestion(for name: String, in place: Place) -> String? {
        guard !isKnown(name) else { return nil }
        let letters = Array(name.uppercased().utf8)
        var best: (name: String, distance: Int)?
        for candidate in candidates where candidate.isLong || place == .dotEnv {
            let limit = candidate.isLong ? 2 : 1
            guard abs(candidate.letters.count - letters.count) <= limit else { continue }
            let distance = Self.distance(letters, candidate.letters)
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate.name, distance) }
        }
        return best?.name
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other (optimal string
    /// alignment).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var best = min(last[j] + (left[i] == right[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row.append(best)
            }
            (beforeLast, last) = (last, row)
        }
        return last[right.count]
    }

    private static let longName = 8
}
