/// Texts of Ultravox that are passed on to clients, logs and timelines.
enum VendorText {
    /// Text of several lines: without control characters other than tab, line feed and carriage return, cut after
    /// `limit` bytes of UTF-8 between two scalars.
    /// - Returns: `nil` if nothing is left.
    static func lines(_ text: String, upTo limit: Int) -> String? {
        bounded(text, limit) { scalar in
            switch scalar {
            case "\t", "\n", "\r": scalar
            default: isControl(scalar) ? nil : scalar
            }
        }
    }

    /// Text of one line: control characters and line breaks become blanks. Otherwise like ``lines(_:upTo:)``.
    static func line(_ text: String, upTo limit: Int) -> String? {
        bounded(text, limit) { isControl($0) ? " " : $0 }
    }

    /// A word of Ultravox's: control characters are dropped. Otherwise like ``lines(_:upTo:)``.
    static func word(_ text: String, upTo limit: Int) -> String? {
        bounded(text, limit) { isControl($0) ? nil : $0 }
    }

    private static func bounded(
        _ text: String,
        _ limit: Int,
        _ kept: (Unicode.Scalar) -> Unicode.Scalar?
    ) -> String? {
        var scalars = String.UnicodeScalarView()
        var bytes = 0
        for scalar in text.unicodeScalars {
            guard let scalar = kept(scalar) else { continue }
            bytes += UTF8.width(scalar)
            guard bytes <= limit else { break }
            scalars.append(scalar)
        }
        return scalars.isEmpty ? nil : String(scalars)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
