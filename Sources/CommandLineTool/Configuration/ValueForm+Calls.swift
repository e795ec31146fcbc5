import CallDomain

extension ValueForm where Value == AllowedCountries {
    static var countries: Self {
        let codes = ValueForm<[Country]>.list("") { (text) throws(ValueFault) in
            guard let code = Country(text) else { throw ValueFault("is not an ISO 3166-1 code in capital letters") }
            return code
        }
        return Self(good: "ISO 3166-1 codes with commas between them, such as US,CA, or * alone") {
            (text, surroundings) throws(ValueFault) in
            text == "*" ? .all : .only(Set(try codes.parse(text, surroundings)))
        }
        .spelled { $0.settingText }
    }
}

extension AllowedCountries {
    /// As `ALLOWED_COUNTRIES` is written.
    var settingText: String {
        switch self {
        case .all: "*"
        case .only(let countries): countries.map(\.text).sorted().joined(separator: ",")
        }
    }
}

/// Where what the gateway knows is made durable.
enum JournalKind: Sendable, Equatable {
    /// Nowhere: it is in memory alone.
    case none
    /// In an SQLite file, with its path.
    case sqlite(String)

    /// Without the trait `SQLite` the program has no journal.
    static var usual: String {
        #if SQLite
        "sqlite:switchboard.sqlite"
        #else
        "none"
        #endif
    }
}

extension ValueForm where Value == JournalKind {
    /// `redis://HOST:PORT/DB` is recognized, so that an operator who asks for it does not get something else.
    static var journal: Self {
        Self(good: "none, or sqlite: with the path of a file, such as sqlite:switchboard.sqlite") {
            (text, surroundings) throws(ValueFault) in
            if text.asciiLowercased == "none" { return .none }
            if text.hasPrefix("sqlite:") { return .sqlite(try sqlitePath(String(text.dropFirst(7)), surroundings)) }
            guard !text.hasPrefix("rediss://") else {
                throw ValueFault("asks for a journal over TLS, which is not supported")
            }
            guard text.hasPrefix("redis://") else { throw ValueFault("is not a known journal") }
            throw ValueFault("asks for a Redis journal, which comes with a later version: use sqlite:PATH")
        }
        .spelled { kind in
            switch kind {
            case .none: "none"
            case .sqlite(let path): "sqlite:\(path)"
            }
        }
    }

    private static func sqlitePath(_ path: String, _ surroundings: Surroundings) throws(ValueFault) -> String {
        #if SQLite
        guard !path.isEmpty, !path.hasSuffix("/"), !path.utf8.contains(0) else {
            throw ValueFault("names no file: write sqlite:switchboard.sqlite or sqlite:/path/to/file")
        }
        return surroundings.absolutePath(path)
        #else
        throw ValueFault("asks for an SQLite journal, and this program was built without it: set JOURNAL=none")
        #endif
    }
}

extension ValueForm where Value == String {
    /// The Sid of a Twilio API key: `SK` and 32 hexadecimal digits.
    static var twilioKeySid: Self {
        Self("SK followed by 32 hexadecimal digits") { text in
            text.hasPrefix("SK") && text.utf8.count == 34 && text.dropFirst(2).utf8.allSatisfy(isHexDigit) ? text : nil
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x41...0x46 ~= byte || 0x61...0x66 ~= byte
    }
}
