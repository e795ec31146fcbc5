import Foundation

/// What the environment, `.env` and the files named by `NAME_FILE` say about known settings, merged.
///
/// The environment wins over `.env`, setting by setting: where it has `NAME` or `NAME_FILE`, even empty, both of `.env`
/// are left aside.
struct SettingsSource: Sendable {
    /// Where a value came from.
    enum Origin: Sendable, Equatable {
        case environment
        case dotEnv
        /// The file that `NAME_FILE` names.
        case file
    }

    struct Given: Sendable {
        let text: String
        let origin: Origin
    }

    /// By name; empty ones are here too.
    private(set) var given: [String: Given] = [:]
    private(set) var problems: [SettingProblem] = []
    private(set) var warnings: [String] = []
    /// Names that ``problems`` has already dealt with: it would be wrong to call them missing.
    private(set) var unreadable: Set<String> = []

    private let surroundings: Surroundings

    /// - Parameters:
    ///   - environment: the process's variables.
    ///   - names: of all settings.
    ///   - required: of those that must be set.
    ///   - surroundings: where `.env` and the files are.
    init(environment: [String: String], names: [String], required: Set<String>, surroundings: Surroundings) {
        self.surroundings = surroundings
        let nearMiss = NearMiss(names: names)
        let dotEnv = readDotEnv(nearMiss)
        readNearMisses(nearMiss, environment, dotEnv, required)
        for name in names {
            let file = name + "_FILE"
            if environment[name] != nil || environment[file] != nil {
                take(name, environment[name], file: environment[file], from: .environment)
            } else {
                take(name, dotEnv[name], file: dotEnv[file], from: .dotEnv)
            }
        }
    }

    /// The environment belongs to other programs, too: a name there that only looks like one of ours (`API_KEY`,
    /// `CORS_ORIGIN`) stops the start only where the setting that it resembles is missing.
    private mutating func readNearMisses(
        _ nearMiss: NearMiss,
        _ environment: [String: String],
        _ dotEnv: [String: String],
        _ required: Set<String>
    ) {
        for name in environment.keys.sorted() {
            guard let near = nearMiss.suggestion(for: name, in: .environment) else { continue }
            let meant = near.hasSuffix("_FILE") ? String(near.dropLast("_FILE".count)) : near
            let names = [meant, meant + "_FILE"]
            let source = names.contains { environment[$0] != nil } ? environment : dotEnv
            let isMissing = names.allSatisfy { source[$0]?.isEmpty ?? true }
            if required.contains(meant), isMissing {
                problems.append(SettingProblem(name: name, wrong: "is not a setting: did you mean \(near)?"))
            } else {
                warnings.append(
                    "\(name) in the environment is not a setting. It resembles \(near): rename it if you meant that"
                )
            }
        }
    }

    private mutating func take(_ name: String, _ text: String?, file: String?, from origin: Origin) {
        guard let file, !file.isEmpty else {
            if let text { given[name] = Given(text: text, origin: origin) }
            return
        }
        guard text?.isEmpty ?? true else {
            unreadable.insert(name)
            return problems.append(
                SettingProblem(name: name, wrong: "and \(name)_FILE are both set: remove one of them")
            )
        }
        do {
            let content = try surroundings.smallTextFile(file)
            let lineEnd = content.unicodeScalars.reversed().prefix { $0 == "\n" || $0 == "\r" }.count
            let text = String(Substring(content.unicodeScalars.dropLast(lineEnd)))
            given[name] = Given(text: text, origin: .file)
        } catch {
            unreadable.insert(name)
            problems.append(SettingProblem(name: name + "_FILE", wrong: "names a file that \(error.wrong)"))
        }
    }

    private mutating func readDotEnv(_ nearMiss: NearMiss) -> [String: String] {
        let text: String
        do {
            guard let content = try surroundings.dotEnv() else { return [:] }
            text = content
        } catch {
            problems.append(SettingProblem(name: ".env", wrong: error.wrong))
            return [:]
        }
        let dotEnv = DotEnv(text)
        for bad in dotEnv.malformations {
            problems.append(
                SettingProblem(
                    name: ".env line \(bad.line)",
                    wrong: bad.wrong,
                    good: "NAME=value, NAME='value', NAME=\"value\" or # comment"
                )
            )
        }
        var values: [String: String] = [:]
        var lines: [String: Int] = [:]
        for entry in dotEnv.entries {
            if nearMiss.isKnown(entry.name) {
                if let first = lines[entry.name] {
                    problems.append(
                        SettingProblem(
                            name: ".env line \(entry.line)",
                            wrong: "sets \(entry.name) a second time, after line \(first)"
                        )
                    )
                    continue
                }
                (values[entry.name], lines[entry.name]) = (entry.value, entry.line)
            } else if let meant = nearMiss.suggestion(for: entry.name, in: .dotEnv) {
                problems.append(
                    SettingProblem(
                        name: ".env line \(entry.line)",
                        wrong: "sets \(entry.name), which is not a setting: did you mean \(meant)?"
                    )
                )
            } else {
                let name = Self.looksLikeAName(entry.name) ? entry.name : "a name"
                warnings.append(".env line \(entry.line) sets \(name), which is not a setting of this gateway")
            }
        }
        return values
    }

    /// Whether a foreign name may be shown: the middle of a key that went over several lines reads as a name, too.
    private static func looksLikeAName(_ text: String) -> Bool {
        text.utf8.count <= 40
            && text.utf8.allSatisfy {
                UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || $0 == UInt8(ascii: "_")
            }
    }
}
