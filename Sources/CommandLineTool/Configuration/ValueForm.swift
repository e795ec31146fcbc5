import Foundation
import Logging

/// Why a text is not a value of a setting, as the rest of a sentence that begins with the setting's name.
///
/// Never repeats the text, which may be a secret in the wrong place.
struct ValueFault: Error, Sendable, Equatable {
    let wrong: String

    init(_ wrong: String) { self.wrong = wrong }
}

/// How the values of a setting are written.
struct ValueForm<Value: Sendable>: Sendable {
    /// What a good value looks like, for people.
    let good: String
    let parse: @Sendable (String, Surroundings) throws(ValueFault) -> Value
    /// A value as it counts, in one spelling; `nil` where there is none but the given one.
    private(set) var spelling: @Sendable (Value) -> String? = { _ in nil }

    init(good: String, parse: @escaping @Sendable (String, Surroundings) throws(ValueFault) -> Value) {
        self.good = good
        self.parse = parse
    }

    init(_ good: String, _ parse: @escaping @Sendable (String) throws(ValueFault) -> Value) {
        self.init(good: good) { (text, _) throws(ValueFault) in try parse(text) }
    }

    /// The same form, with the one spelling of its values.
    func spelled(_ spelling: @escaping @Sendable (Value) -> String?) -> Self {
        var form = self
        form.spelling = spelling
        return form
    }

    /// A form that a failable initialiser knows.
    init(_ good: String, failable parse: @escaping @Sendable (String) -> Value?) {
        self.init(good) { (text) throws(ValueFault) in
            guard let value = parse(text) else { throw ValueFault("is not \(good)") }
            return value
        }
    }
}

extension ValueForm where Value == Int {
    static func wholeNumber(_ range: ClosedRange<Int>) -> Self {
        Self("a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            // `Int` takes a sign, too.
            guard text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = Int(text), range.contains(number) else {
                return nil
            }
            return number
        }
        .spelled { String($0) }
    }
}

extension ValueForm where Value == Double {
    /// Digits with at most one point between them, so that no other notation (`1e3`, `inf`, `0x1`) slips in.
    static func number(from least: Double, to most: Double) -> Self {
        Self("a number from \(least) to \(Int(most)), for example 1 or 0.5") { text in
            let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { 0x30...0x39 ~= $0 } }),
                let number = Double(text), number >= least, number <= most
            else { return nil }
            return number
        }
        .spelled { $0 == $0.rounded() ? String(Int($0)) : String($0) }
    }
}

extension ValueForm where Value == Duration {
    static func duration(from shortest: Duration, to longest: Duration) -> Self {
        Self("a duration from \(shortest.settingText) to \(longest.settingText), such as 500ms, 30s, 15m, 24h or 7d") {
            (text) throws(ValueFault) in
            guard let duration = Duration(settingText: text) else {
                throw ValueFault("is not a whole number followed by ms, s, m, h or d")
            }
            guard duration >= shortest else { throw ValueFault("is shorter than \(shortest.settingText)") }
            guard duration <= longest else { throw ValueFault("is longer than \(longest.settingText)") }
            return duration
        }
        .spelled { $0.settingText }
    }

    /// The same, in whole seconds.
    static func wholeSeconds(from shortest: Duration, to longest: Duration) -> Self {
        let form = duration(from: shortest, to: longest)
        return Self(good: form.good + ", in whole seconds") { (text, surroundings) throws(ValueFault) in
            let duration = try form.parse(text, surroundings)
            guard duration.components.attoseconds == 0 else { throw ValueFault("is not in whole seconds") }
            return duration
        }
        .spelled { $0.settingText }
    }
}

extension ValueForm where Value == Bool {
    static var flag: Self {
        Self("true or false") { text in
            switch text.asciiLowercased {
            case "true": true
            case "false": false
            default: nil
            }
        }
        .spelled { String($0) }
    }
}

extension ValueForm where Value: CaseIterable & RawRepresentable<String> {
    /// One of an enum's raw values, which are in small letters; capital ones count as well.
    static var word: Self {
        Self("one of " + Value.allCases.map(\.rawValue).joined(separator: ", ")) {
            Value(rawValue: $0.asciiLowercased)
        }
        .spelled { $0.rawValue }
    }
}

extension ValueForm {
    /// Parts between commas, blanks around them dropped. Every bad part is reported, by its place in the list.
    static func list<Part: Sendable>(
        _ good: String,
        of part: @escaping @Sendable (String) throws(ValueFault) -> Part
    ) -> Self where Value == [Part] {
        Self(good) { (text) throws(ValueFault) in
            var values: [Part] = []
            var faults: [String] = []
            for (index, piece) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
                let piece = piece.trimmingCharacters(in: .whitespaces)
                do throws(ValueFault) {
                    guard !piece.isEmpty else { throw ValueFault("is empty") }
                    values.append(try part(piece))
                } catch {
                    faults.append("part \(index + 1) \(error.wrong)")
                }
            }
            guard faults.isEmpty else { throw ValueFault("is a list in which " + faults.joined(separator: "; ")) }
            return values
        }
    }
}

extension String {
    /// With the letters A to Z in lower case, and no others: that of K is not the Kelvin sign's.
    var asciiLowercased: String {
        String(decoding: utf8.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 + 0x20 : $0 }, as: UTF8.self)
    }
}
