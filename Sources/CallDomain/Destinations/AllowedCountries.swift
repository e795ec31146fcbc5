/// Where calls may go.
package enum AllowedCountries: Sendable, Equatable {
    /// `*`: every country. What no country has, and services that are refused everywhere, are not included.
    case all
    case only(Set<Country>)

    package func includes(_ country: Country) -> Bool {
        switch self {
        case .all: true
        case .only(let countries): countries.contains(country)
        }
    }
}
