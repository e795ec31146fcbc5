extension NumberingPlan {
    /// Reads a table as `scripts/generate-destinations` writes it: calling code, country, service, lengths, patterns.
    ///
    /// What cannot be read is left out, and with it the numbers that it would have allowed; a test holds the table that
    /// we ship to be read in full.
    init(table: String) {
        var areas: [Int: Area] = [:]
        for line in table.utf8.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            guard let (code, some) = Self.line(words) else { continue }
            for range in some { areas[code, default: Area()].append(range) }
        }
        self.init(areas: areas)
    }

    /// The calling code and the ranges of one line; nil for what is no line of a table.
    static func line(_ words: [Substring.UTF8View]) -> (code: Int, ranges: [NumberRange])? {
        guard words.count > 4, let code = number(words[0]),
            let service = Service(rawValue: String(Substring(words[2]))), let lengths = lengths(words[3])
        else { return nil }
        let name = String(Substring(words[1]))
        let country = Country(name)
        guard country != nil || (name == "001" && service != .ordinary) else { return nil }
        let patterns = words[4...].compactMap(beginning)
        guard patterns.count == words.count - 4 else { return nil }
        return (
            code,
            patterns.map { NumberRange(country: country, service: service, lengths: lengths, beginning: $0) }
        )
    }

    /// `7,9-10`
    private static func lengths(_ word: Substring.UTF8View) -> NumberRange.Small? {
        var lengths = NumberRange.Small()
        for part in word.split(separator: UInt8(ascii: ",")) {
            let ends = part.split(separator: UInt8(ascii: "-")).compactMap(number)
            guard let first = ends.first, let last = ends.last, 1 <= first, first <= last, last <= 15 else {
                return nil
            }
            lengths.insert(first...last)
        }
        return lengths
    }

    /// `14[13-579]`, or `*`
    private static func beginning(_ word: Substring.UTF8View) -> [NumberRange.Small]? {
        if word.elementsEqual("*".utf8) { return [] }
        var places: [NumberRange.Small] = []
        var open: NumberRange.Small?
        var previous: Int?
        var isRun = false
        for byte in word {
            switch byte {
            case UInt8(ascii: "["): open = NumberRange.Small()
            case UInt8(ascii: "-"): isRun = true
            case UInt8(ascii: "]"):
                guard let closed = open else { return nil }
                places.append(closed)
                (open, previous) = (nil, nil)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = Int(byte - UInt8(ascii: "0"))
                var set = open ?? NumberRange.Small()
                guard let first = isRun ? previous : digit, first <= digit else { return nil }
                set.insert(first...digit)
                if open == nil { places.append(set) } else { open = set }
                (previous, isRun) = (digit, false)
            default: return nil
            }
        }
        return open == nil ? places : nil
    }

    private static func number(_ word: Substring.UTF8View) -> Int? { Int(Substring(word)) }
}
