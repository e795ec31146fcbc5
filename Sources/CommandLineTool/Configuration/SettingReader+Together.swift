import CallDomain
import TwilioAdapter

/// What can be wrong with settings that are good one by one.
extension SettingReader {
    /// Settings that conflict with each other. Settings with a problem of their own are left out.
    var problemsOfSeveral: [SettingProblem] { halfSetAPIKey + missingCountry }

    private var halfSetAPIKey: [SettingProblem] {
        let pair = [SettingCatalogue.twilioAPIKeySid.entry, SettingCatalogue.twilioAPIKeySecret.entry]
        let isSet = pair.map { givenText($0) != nil || source.unreadable.contains($0.name) }
        guard isSet[0] != isSet[1] else { return [] }
        let (present, absent) = isSet[0] ? (pair[0], pair[1]) : (pair[1], pair[0])
        return [
            SettingProblem(
                name: absent.name,
                wrong: "is not set, although \(present.name) is: set both or neither",
                good: absent.good
            )
        ]
    }

    private var missingCountry: [SettingProblem] {
        let countries = SettingCatalogue.allowedCountries.entry
        guard givenText(countries) == nil, !source.unreadable.contains(countries.name),
            let number = try? optional(SettingCatalogue.twilioPhoneNumber),
            DestinationPolicy(countryOf: number) == nil
        else { return [] }
        return [.countryless]
    }

    /// `TWIML_DIR`, or `twiml` in the working directory if that is there.
    func twimlDirectory() throws(SettingsProblems) -> String? {
        try optional(SettingCatalogue.twimlDir) ?? surroundings.usualTwiMLDirectory
    }

    /// Everything that is wrong with the TwiML templates, by file and line.
    var templateProblems: [SettingProblem] {
        // A directory that has a problem of its own has none with its files.
        guard !source.unreadable.contains(SettingCatalogue.twimlDir.entry.name) else { return [] }
        let directory: String?
        do throws(SettingsProblems) {
            directory = try twimlDirectory()
        } catch {
            return []
        }
        do throws(TwiMLTemplateError) {
            _ = try TwiMLTemplates(directory: directory)
            return []
        } catch {
            return error.problems.map { problem in
                SettingProblem(
                    name: problem.line.map { "\(problem.file):\($0):" } ?? "\(problem.file):",
                    wrong: "\(problem.problem); correct the file, or remove it to use the built-in copy"
                )
            }
        }
    }
}

extension SettingProblem {
    /// `ALLOWED_COUNTRIES` is left to a number that has no country.
    static var countryless: SettingProblem {
        let countries = SettingCatalogue.allowedCountries.entry
        return SettingProblem(
            name: countries.name,
            wrong: "is not set, and TWILIO_PHONE_NUMBER has no country to be the default",
            good: countries.good
        )
    }
}
