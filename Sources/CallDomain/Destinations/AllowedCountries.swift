/// Where calls may go.
package enum AllowedCountries: Sendable, Equatable {
    /// `*`: every country. Numbers without a country, and services that are always refused, are not included.
    case all
    case only(Set<Country>)

    package func includes(_ country: Country) -> Bool {
        switch self {
        case .all: true
        case .only(let countries): countries.contains(country)
        }
    }
}
