/// Finds names that were probably meant to be known ones: a misspelt `TWILIO_AUTH_TOKEN_SECONDARY` would be silently
/// without effect.
struct NearMiss: Sendable {
    /// Where a name is set.
    enum Place: Sendable {
        /// Shared with everything else on the machine: there a name is only taken for a misspelt one of ours if it is
        /// hardly anything else.
        case environment
        /// Ours alone.
        case dotEnv
    }

    private let names: Set<String>
    private let candidates: [Candidate]

    private struct Candidate {
        let name: String
        let letters: [UInt8]
        /// How many edits away a name counts as near, by where it is set.
        let environmentLimit: Int
        let dotEnvLimit: Int

        /// `length` is that of the setting's name, without `_FILE`.
        init(_ name: String, length: Int) {
            self.name = name
            letters = Array(name.utf8)
            switch length {
            case ..<8: (environmentLimit, dotEnvLimit) = (0, 1)
            case 8...10: (environmentLimit, dotEnvLimit) = (1, 2)
            default: (environmentLimit, dotEnvLimit) = (2, 2)
            }
        }
    }

    /// - Parameter names: all known names; `NAME_FILE` of each is known too.
    init(names: [String]) {
        candidates = names.flatMap { name in
            [name, name + "_FILE"].map { Candidate($0, length: name.utf8.count) }
        }
        self.names = Set(candidates.map(\.name))
    }

    /// Whether `name` is one of our settings, or the `_FILE` of one.
    func isKnown(_ name: String) -> Bool { names.contains(name) }

    /// The known name that an unknown one was probably meant to be.
    ///
    /// Near is what differs from a long name by two edits at most, letter case aside. Shorter names have too many
    /// neighbours in the environment (`HOST`, `HOME`, `PATH`; `API_KEYS` and the `APP_KEY` of others): up to 10 letters
    /// one edit counts there, and below 8 none. `.env` is ours: there those count two edits, and one.
    func suggestion(for name: String, in place: Place) -> String? {
        guard !isKnown(name) else { return nil }
        let letters = Array(name.uppercased().utf8)
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let limit =
                switch place {
                case .environment: candidate.environmentLimit
                case .dotEnv: candidate.dotEnvLimit
                }
            guard limit > 0, abs(candidate.letters.count - letters.count) <= limit else { continue }
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
}
