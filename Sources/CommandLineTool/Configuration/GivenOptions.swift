/// Settings that a command line gives.
struct GivenOptions: Sendable {
    /// By name. They win over the environment and `.env`.
    var values: [String: String] = [:]
    /// The problems of the options themselves; their values are checked with all others.
    var problems: [SettingProblem] = []

    /// The process's variables with these in front of them.
    ///
    /// Where an option gives a setting, the file that the environment names for it is left aside with the value there.
    func over(_ environment: [String: String]) -> [String: String] {
        var merged = environment
        for (name, value) in values {
            merged[name] = value
            merged[name + "_FILE"] = nil
        }
        return merged
    }
}
