import ArgumentParser

/// Settings on the command line, which win over the environment and `.env`.
struct SettingOptions: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Sets any setting that is not a secret.", valueName: "NAME=VALUE")
    )
    var assignments: [String] = []

    @Option(help: "The address to listen on, as HOST.")
    var host: String?

    @Option(help: "The TCP port to listen on, as PORT; 0 picks a free one.")
    var port: String?

    @Option(help: "The least severe log lines that are written, as LOG_LEVEL.")
    var logLevel: String?

    /// The options' values and their problems.
    var given: GivenOptions {
        var given = GivenOptions()
        given.values["HOST"] = host
        given.values["PORT"] = port
        given.values["LOG_LEVEL"] = logLevel
        for assignment in assignments {
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            let entry = SettingCatalogue.all.first { $0.name == name }
            if parts.count != 2 || name.isEmpty {
                given.problems.append(SettingProblem(name: "--set", wrong: "is not written NAME=VALUE"))
            } else if let entry, !entry.isSecret, given.values[name] == nil {
                given.values[name] = String(parts[1])
            } else if let entry {
                let wrong =
                    entry.isSecret
                    ? "is a secret, and everybody on this machine can read a command line: use the environment or "
                        + "\(name)_FILE"
                    : "is given twice on the command line"
                given.problems.append(SettingProblem(name: "--set \(name)", wrong: wrong))
            } else {
                let meant = NearMiss(names: SettingCatalogue.all.map(\.name)).suggestion(for: name, in: .dotEnv)
                let advice = meant.map { ": did you mean \($0)?" } ?? ""
                given.problems.append(SettingProblem(name: "--set", wrong: "names an unknown setting\(advice)"))
            }
        }
        return given
    }
}
