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

/// Where events are made durable.
enum JournalKind: Sendable, Equatable {
    /// Nowhere: events are only in memory.
    case none
}

extension ValueForm where Value == JournalKind {
    /// `sqlite:PATH` and `redis://HOST:PORT/DB` are recognized, so that an operator who asks for durability does not
    /// get a gateway without it.
    static var journal: Self {
        Self("none") { (text) throws(ValueFault) in
            if text.asciiLowercased == "none" { return .none }
            guard !text.hasPrefix("rediss://") else {
                throw ValueFault("asks for a journal over TLS, which is not supported")
            }
            guard text.hasPrefix("sqlite:") || text.hasPrefix("redis://") else {
                throw ValueFault("is not a known journal")
            }
            throw ValueFault(
                "asks for a journal, but journals come with a later version: set JOURNAL=none or leave it unset"
            )
        }
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
