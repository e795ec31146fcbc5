/// What ``DestinationPolicy`` says of a number.
package enum DestinationVerdict: Sendable, Equatable {
    /// The number may be called; it is in this country.
    case allowed(Country)
    case refused(DestinationRefusal)
    /// The number cannot be one as it is written.
    case misspelt(NumberMisspelling)
}

/// Why a number is not called. The description may be shown to the client: it contains no digit of the number.
package enum DestinationRefusal: Sendable, Hashable, CustomStringConvertible {
    /// An ordinary number of a country that is not listed.
    case countryNotAllowed(Country)
    /// The caller pays the called party: 900 and 976 numbers of North America, +44 9, +979 and their like.
    case premiumRate
    /// The caller pays more than for a call to the country, and the called party may have a share of it.
    case sharedCost
    /// A number that follows a person to wherever, at a price that its holder chooses: +44 70, +1 500, +878.
    case personalNumber
    /// Nobody can talk to a pager.
    case pager
    /// The entrance to mailboxes, from which some networks let a caller dial on.
    case voicemailAccess
    /// +870, +881, and the satellite ranges inside of countries.
    case satellite
    /// A code that no country has: +800, +882, +883, +888.
    case internationalNetwork
    /// Emergency and other service codes.
    case emergencyOrShort
    /// No country is known to have given the number to anybody.
    case unassigned

    package var description: String {
        switch self {
        case .countryNotAllowed(let country): "calls to the country \(country) are not allowed"
        case .premiumRate: "premium-rate numbers are never called"
        case .sharedCost: "shared-cost numbers are never called"
        case .personalNumber: "personal numbers are never called"
        case .pager: "pagers are never called"
        case .voicemailAccess: "voicemail access numbers are never called"
        case .satellite: "satellite numbers are never called"
        case .internationalNetwork: "numbers of international networks are never called"
        case .emergencyOrShort: "emergency, service and short numbers are never called"
        case .unassigned: "the number belongs to no known range of any country"
        }
    }
}
