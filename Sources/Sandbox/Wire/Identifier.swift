import FoundationEssentials

/// Identifiers in the vendors' shapes.
enum Identifier {
    /// Two letters and 32 lower-case hex digits.
    static func sid(_ prefix: String) -> String {
        prefix + UUID().uuidString.lowercased().filter { $0 != "-" }
    }

    static func uuid() -> String { UUID().uuidString.lowercased() }
}
