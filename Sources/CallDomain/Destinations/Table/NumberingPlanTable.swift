// Written by scripts/generate-destinations from phonenumbers 9.0.43. Do not edit.

/// Which numbers belong to which country and service.
///
/// One group a line: calling code, country (`001` for none), service, possible lengths of what follows the calling code,
/// and patterns of how that begins (`*`: with any digit). The first line that a number matches in length and beginning
/// decides.
/// - SeeAlso: `fixtures/destinations/README.md`
enum NumberingPlanTable {
    static let text = [zone1To3, zone4To5, zone6To8, zone9].joined(separator: "\n")
}
