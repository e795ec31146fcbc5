import CallDomain
import TestSupport
import Testing

@Suite struct `Which numbers may be called` {
    /// The rows of the table of hostile numbers, and why each is refused.
    static let hostile: [(String, DestinationRefusal)] = [
        ("+911", .emergencyOrShort),
        ("+112", .emergencyOrShort),
        ("+411", .emergencyOrShort),
        ("+19115550100", .emergencyOrShort),
        ("+14115550100", .emergencyOrShort),
        ("+1911", .emergencyOrShort),
        ("+999", .unassigned),
        ("+19005550100", .premiumRate),
        ("+12129765550", .premiumRate),
        ("+14169765550", .premiumRate),
        ("+17879765550", .premiumRate),
        ("+18765550100", .countryNotAllowed(country("JM"))),
        ("+16585550100", .countryNotAllowed(country("JM"))),
        ("+18769765550", .countryNotAllowed(country("JM"))),
        ("+18095550100", .countryNotAllowed(country("DO"))),
        ("+18295550100", .countryNotAllowed(country("DO"))),
        ("+18495550100", .countryNotAllowed(country("DO"))),
        ("+14735550100", .countryNotAllowed(country("GD"))),
        ("+12845550100", .countryNotAllowed(country("VG"))),
        ("+12465550100", .countryNotAllowed(country("BB"))),
        ("+12645550100", .countryNotAllowed(country("AI"))),
        ("+18685550100", .countryNotAllowed(country("TT"))),
        ("+17875550100", .countryNotAllowed(country("PR"))),
        ("+14165550100", .countryNotAllowed(country("CA"))),
        ("+16005550100", .satellite),
        ("+15005550006", .personalNumber),
        ("+881112345678", .satellite),
        ("+881612345678", .satellite),
        ("+870773123456", .satellite),
        ("+8821612345678", .internationalNetwork),
        ("+882112345678", .internationalNetwork),
        ("+883510012345678", .internationalNetwork),
        ("+88812345678901", .internationalNetwork),
        ("+80012345678", .internationalNetwork),
        ("+80812345678", .sharedCost),
        ("+878101234567890", .personalNumber),
        ("+979123456789", .premiumRate),
        ("+33640001234", .satellite),
        ("+61147123456", .satellite),
        ("+447911123456", .countryNotAllowed(country("GG"))),
        ("+24761234", .countryNotAllowed(country("AC"))),
        ("+2908123", .countryNotAllowed(country("TA"))),
        ("+29022123", .countryNotAllowed(country("SH"))),
        ("+449098790123", .premiumRate),
        ("+448712345678", .premiumRate),
        ("+447012345678", .personalNumber),
        ("+447624123456", .countryNotAllowed(country("IM"))),
        ("+447640123456", .pager),
        ("+4918012345678", .sharedCost),
        ("+442079460123", .countryNotAllowed(country("GB"))),
        ("+441534501234", .countryNotAllowed(country("JE"))),
        ("+441481501234", .countryNotAllowed(country("GG"))),
        ("+77011234567", .countryNotAllowed(country("KZ"))),
        ("+79161234567", .countryNotAllowed(country("RU"))),
        ("+3906698123", .countryNotAllowed(country("VA"))),
        ("+390612345678", .countryNotAllowed(country("IT"))),
        ("+4779123456", .countryNotAllowed(country("SJ"))),
        ("+61891621234", .countryNotAllowed(country("CC"))),
        ("+61891641234", .countryNotAllowed(country("CX"))),
        ("+35818212345", .countryNotAllowed(country("AX"))),
        ("+212528812345", .countryNotAllowed(country("MA"))),
        ("+262269601234", .countryNotAllowed(country("YT"))),
        ("+590590271234", .countryNotAllowed(country("BL"))),
        ("+5997151234", .countryNotAllowed(country("BQ"))),
        ("+38343201234", .countryNotAllowed(country("XK"))),
        ("+4409098790123", .unassigned),
        ("+11235550100", .unassigned),
        ("+10005550100", .unassigned),
        ("+21012345678", .unassigned),
        ("+99912345678", .unassigned),
    ]

    @Test(arguments: hostile)
    func `nothing dangerous is called from a gateway that serves the United States`(
        text: String,
        refusal: DestinationRefusal
    ) throws {
        let number = try #require(PhoneNumber(text))
        #expect(DestinationPolicy(allowed: .only([country("US")])).verdict(on: number) == .refused(refusal))
    }

    @Test(arguments: hostile)
    func `only a country that is not listed is called from a gateway that serves all`(
        text: String,
        refusal: DestinationRefusal
    ) throws {
        let verdict = DestinationPolicy(allowed: .all).verdict(on: try #require(PhoneNumber(text)))
        if case .countryNotAllowed(let country) = refusal {
            #expect(verdict == .allowed(country))
        } else {
            #expect(verdict == .refused(refusal))
        }
    }

    @Test(arguments: ["911", "112", "411", "sip:a@b", "client:x", "00442079460123", "+sip:a", "tel:+12025550143"])
    func `what is no number in E.164 does not get as far as the policy`(text: String) {
        #expect(PhoneNumber(text) == nil)
    }

    @Test(arguments: [
        "+12025550143", "+14158675309", "+12125559999", "+18005551212", "+18885550100", "+18009765550", "+15550100001",
        "+12995550100", "+17005550100",
    ])
    func `numbers of the United States, free-phone and unassigned ones of North America among them, are called`(
        text: String
    ) throws {
        let verdict = DestinationPolicy(allowed: .only([country("US")])).verdict(on: try #require(PhoneNumber(text)))
        #expect(verdict == .allowed(country("US")))
    }

    @Test(arguments: [
        ("GB", "+442079460123"), ("GB", "+447400123456"), ("GB", "+443001234567"), ("DE", "+4930123456"),
        ("DE", "+4915123456789"), ("AT", "+43720123456"), ("CH", "+41581234567"), ("FR", "+33612345678"),
        ("IT", "+390612345678"), ("KZ", "+77011234567"), ("JM", "+18765550100"), ("AC", "+24761234"),
    ])
    func `a country that is listed is called, and no other`(code: String, text: String) throws {
        let number = try #require(PhoneNumber(text))
        let here = DestinationPolicy(allowed: .only([country(code), country("BR")]))
        #expect(here.verdict(on: number) == .allowed(country(code)))
        let elsewhere = DestinationPolicy(allowed: .only([country("BR"), country("US"), country("CA")]))
        #expect(elsewhere.verdict(on: number) == .refused(.countryNotAllowed(country(code))))
        #expect(
            DestinationPolicy(allowed: .only([])).verdict(on: number) == .refused(.countryNotAllowed(country(code)))
        )
    }

    @Test(arguments: [
        ("+12025550143", "US"), ("+18005551212", "US"), ("+15005550006", "US"), ("+14165550100", "CA"),
        ("+442079460123", "GB"), ("+18765550100", "JM"),
    ])
    func `the gateway's own number says where calls may go when nobody else does`(text: String, code: String) throws {
        let policy = DestinationPolicy(countryOf: try #require(PhoneNumber(text)))
        #expect(policy?.allowed == .only([country(code)]))
    }

    @Test(arguments: ["+8816123456", "+99912345678", "+911", "+4409098790123"])
    func `a number without a country says nothing of where calls may go`(text: String) throws {
        let number = try #require(PhoneNumber(text))
        #expect(DestinationPolicy(countryOf: number) == nil)
    }

    @Test(arguments: [
        ("+1212555012", "is too short for its country: +1 is followed by 10 digits, and here by 9"),
        ("+1202555014399", "is too long for its country: +1 is followed by 10 digits, and here by 12"),
        ("+5550100", "is too short for its country: +55 is followed by"),
        ("+2902123", "is too short for its country: +290 is followed by 5 digits, and here by 4"),
        ("+44207946012", "is too short for its country"), ("+4420794601234", "is too long for its country"),
        ("+1310555", "is too short for its country"),
    ])
    func `a number that is too short or too long for its country is called that, and not an emergency number`(
        text: String,
        words: String
    ) throws {
        for allowed in [AllowedCountries.all, .only([country("US")])] {
            let verdict = DestinationPolicy(allowed: allowed).verdict(on: try #require(PhoneNumber(text)))
            guard case .misspelt(let fault) = verdict else {
                Issue.record("\(text): \(verdict)")
                continue
            }
            #expect(fault.description.hasPrefix(words), "\(fault)")
        }
    }

    @Test(arguments: [
        ("+5215512345678", "+525512345678"), ("+5212221234567", "+522221234567"), ("+525512345678", "+525512345678"),
        // Nobody in Mexico can have these.
        ("+5211512345678", "+5211512345678"), ("+521551234567", "+521551234567"),
        // What others have changed is not put right for anybody, and Argentina's 9 is still dialed.
        ("+5491112345678", "+5491112345678"), ("+22990011234", "+22990011234"),
    ])
    func `a spelling that its country has given up is put right where nobody else can be meant`(
        given: String,
        meant: String
    ) throws {
        #expect(try #require(PhoneNumber(given)).respelled.text == meant)
    }

    @Test(arguments: [
        ("+5712345678", "+576012345678"), ("+22990011234", "+2290190011234"),
        ("+4402079460123", "+442079460123"), ("+490301234567", "+49301234567"),
    ])
    func `of a spelling that is only likely to be meant the right one is named`(given: String, named: String) throws {
        let verdict = DestinationPolicy(allowed: .all).verdict(on: try #require(PhoneNumber(given)))
        #expect(verdict == .misspelt(.writtenOtherwise(try #require(PhoneNumber(named)))))
    }

    @Test func `a refusal names the country and no digit of the number`() {
        #expect("\(DestinationRefusal.countryNotAllowed(country("JM")))" == "calls to the country JM are not allowed")
        for (_, refusal) in Self.hostile { #expect(!refusal.description.contains { $0.isNumber }) }
    }

    @Test(arguments: ["us", "UK", "ZZ", "EU", "", "USA", "AN", "001", "*"])
    func `only codes that a country has are countries`(text: String) { #expect(Country(text) == nil) }
}

func country(_ code: String) -> Country { Country(code)! }
