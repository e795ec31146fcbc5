/// Which numbers may be called: ordinary numbers in an allowed country, and no others.
///
/// Toll fraud uses numbers whose owner is paid by the caller, and countries that the operator never calls. Therefore
/// the country is determined from the whole number, and a number without a known country is refused.
package struct DestinationPolicy: Sendable, Equatable {
    package let allowed: AllowedCountries

    package init(allowed: AllowedCountries) {
        self.allowed = allowed
    }

    /// Calls stay in the country of `number`, the gateway's own.
    /// - Returns: `nil` where the number has no country.
    package init?(countryOf number: PhoneNumber) {
        guard let country = Self.country(of: number) else { return nil }
        self.init(allowed: .only([country]))
    }

    /// Whether `number` may be called, and if not, the reason.
    ///
    /// Reasons that hold in every country come first, so that a premium number abroad is refused as premium.
    package func verdict(on number: PhoneNumber) -> DestinationVerdict {
        switch NumberingPlan.world.assignment(of: number) {
        case .assigned(let country, let service): verdict(on: service, of: country)
        case .wrongLength(let length):
            if number.text.utf8.count <= Self.longestServiceCode + 1 {
                .refused(.emergencyOrShort)
            } else {
                .misspelt(NumberSpelling.suggestion(for: number).map { .writtenOtherwise($0) } ?? .wrongLength(length))
            }
        case .unassigned:
            NumberSpelling.suggestion(for: number).map { .misspelt(.writtenOtherwise($0)) } ?? .refused(.unassigned)
        }
    }

    /// So many digits behind a `+` are no number that is too short, but a code such as 911 or 112 with a `+` before it.
    private static let longestServiceCode = 3

    /// The country of a number, whatever its service: also of one that is never called.
    package static func country(of number: PhoneNumber) -> Country? {
        guard case .assigned(let country, _) = NumberingPlan.world.assignment(of: number) else { return nil }
        return country
    }

    private func verdict(on service: NumberingPlan.Service, of country: Country?) -> DestinationVerdict {
        switch service {
        case .ordinary:
            guard let country else { return .refused(.unassigned) }
            return allowed.includes(country) ? .allowed(country) : .refused(.countryNotAllowed(country))
        case .premium: return .refused(.premiumRate)
        case .shared: return .refused(.sharedCost)
        case .personal: return .refused(.personalNumber)
        case .pager: return .refused(.pager)
        case .voicemail: return .refused(.voicemailAccess)
        case .satellite: return .refused(.satellite)
        case .network: return .refused(.internationalNetwork)
        case .short: return .refused(.emergencyOrShort)
        }
    }
}
