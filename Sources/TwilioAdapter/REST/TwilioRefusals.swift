import CallDomain

/// What Twilio's error codes mean for an order: whose mistake each is, and what to do next.
///
/// The only such table of the program; `fixtures/twilio/refusals.json` holds the same with its sources, and
/// `docs/troubleshooting.md` shows it. Twilio's console is named by the words of its menus, which last longer than its
/// addresses.
/// - SeeAlso: https://www.twilio.com/docs/api/errors
enum TwilioRefusals {
    /// The meaning of a refusal with that code, or of one without. The HTTP status decides where the code is not in the
    /// table.
    static func meaning(ofCode code: Int?, status: Int) -> RefusalMeaning {
        if let code, let known = table[code] { return known }
        switch (status, code) {
        case (401, _), (403, _): return credentials
        case (_, let code?):
            return RefusalMeaning(
                .client,
                "Twilio refused it with its error \(code)",
                "https://www.twilio.com/docs/api/errors/\(code) explains the error."
            )
        case (_, nil): return RefusalMeaning(.client, "Twilio refused it without a reason", "Correct the order.")
        }
    }

    static let table: [Int: RefusalMeaning] = account.merging(setup) { $1 }.merging(client) { $1 }
        .merging(gateway) { $1 }.merging(notNow) { $1 }

    private static let credentials = RefusalMeaning(
        .account,
        "Twilio does not take the credentials, or they may not do this",
        "Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET and the "
            + "permissions of that API key."
    )

    private static let suspended = RefusalMeaning(
        .account,
        "Twilio's account is not active",
        "Check the balance and the status of the account in Twilio's console (Billing)."
    )

    /// Nothing can be dialed until the operator has mended this.
    private static let account: [Int: RefusalMeaning] = [
        10001: suspended,
        10005: RefusalMeaning(
            .account,
            "voice calls are disabled for Twilio's account",
            "Ask Twilio's support to enable them (Twilio's console, Support)."
        ),
        20003: credentials,
        20005: suspended,
        20006: credentials,
        20008: RefusalMeaning(
            .account,
            "Twilio's test credentials place no calls",
            "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to the live credentials."
        ),
        20010: RefusalMeaning(
            .account,
            "Twilio has disabled this for the account",
            "Ask Twilio's support to enable it (Twilio's console, Support)."
        ),
        20403: suspended,
        20404: RefusalMeaning(
            .account,
            "Twilio has no such account there",
            "Check TWILIO_ACCOUNT_SID and TWILIO_BASE_URL, which must be of the account's region."
        ),
        20423: RefusalMeaning(
            .account,
            "Twilio does not take the SID of the account",
            "Check TWILIO_ACCOUNT_SID."
        ),
        70051: credentials,
        90010: suspended,
    ]

    private static let publicURL = RefusalMeaning(
        .setup,
        "Twilio does not take a URL of this gateway",
        "Check PUBLIC_BASE_URL: an https address that Twilio can reach from the internet."
    )

    private static let caller = RefusalMeaning(
        .setup,
        "the number that calls is not one that this account may call from",
        "TWILIO_PHONE_NUMBER must be a number of the account, or one that is verified in Twilio's console (Phone "
            + "Numbers, Verified Caller IDs).",
        isAboutCaller: true
    )

    private static let trialDestination = RefusalMeaning(
        .setup,
        "a trial account calls verified numbers only",
        "Upgrade the account, or verify the number in Twilio's console (Phone Numbers, Verified Caller IDs)."
    )

    private static let countries = RefusalMeaning(
        .setup,
        "the account may not call this country or range of numbers",
        "Allow it in Twilio's console (Voice, Settings, Geo permissions), or take the country out of "
            + "ALLOWED_COUNTRIES."
    )

    private static let transportSecurity = RefusalMeaning(
        .setup,
        "Twilio does not take the TLS that it was offered",
        "Update libcurl on this machine; with UPSTREAM_PROXY, update that proxy."
    )

    /// Some orders cannot be placed until the operator has mended this.
    private static let setup: [Int: RefusalMeaning] = [
        10002: RefusalMeaning(
            .setup,
            "a trial account cannot do this",
            "Upgrade the account in Twilio's console (Billing)."
        ),
        11100: publicURL,
        20004: RefusalMeaning(
            .setup,
            "what answers does not take this method",
            "Check TWILIO_BASE_URL and UPSTREAM_PROXY: requests must reach Twilio as they were sent."
        ),
        20011: transportSecurity,
        20012: transportSecurity,
        20426: transportSecurity,
        21203: countries,
        21205: publicURL,
        21210: caller,
        21212: caller,
        21215: countries,
        21219: trialDestination,
        21264: caller,
        21502: publicURL,
        21609: publicURL,
        573002: RefusalMeaning(
            .setup,
            "a trial account calls each verified number from the number that is assigned to it",
            "Set TWILIO_PHONE_NUMBER to the trial number that Twilio's console shows for the called number, or upgrade "
                + "the account.",
            isAboutCaller: true
        ),
        573005: trialDestination,
    ]

    private static let wrongNumber = RefusalMeaning(
        .client,
        "the called number is not one that Twilio can call",
        "Check `phone_number`."
    )

    /// What the order asks for cannot be done.
    private static let client: [Int: RefusalMeaning] = [
        21202: RefusalMeaning(
            .client,
            "the called number is a premium number",
            "Check `phone_number`; Twilio calls no premium numbers."
        ),
        21211: wrongNumber,
        21214: RefusalMeaning(
            .client,
            "the called number cannot be reached",
            "Check `phone_number`, or call it another way."
        ),
        21216: RefusalMeaning(
            .client,
            "Twilio blocks calls to this number",
            "Check `phone_number`. If it is right, the operator can ask Twilio's support; numbers in +1 need a Primary "
                + "Customer Profile of the account (Twilio's console, Trust Hub)."
        ),
        21217: wrongNumber,
    ]

    private static func unreadable(_ parameter: String) -> RefusalMeaning {
        RefusalMeaning(
            .gateway,
            "Twilio does not take the \(parameter) that the gateway sent",
            "This is a mistake of the gateway: report it with the request_id."
        )
    }

    /// What the gateway sends is wrong; no client and no operator can mend it.
    private static let gateway: [Int: RefusalMeaning] = [
        20001: unreadable("parameters"),
        20413: unreadable("size of the request"),
        20422: unreadable("parameters"),
        21201: unreadable("To"),
        21206: unreadable("SendDigits"),
        21207: unreadable("IfMachine"),
        21208: unreadable("Timeout"),
        21209: unreadable("Method"),
        21213: unreadable("From"),
        21218: unreadable("ApplicationSid"),
        21234: unreadable("MachineDetection"),
        21626: unreadable("StatusCallbackEvent"),
        32018: unreadable("Twiml"),
    ]

    private static let concurrency = RefusalMeaning(
        .notNow,
        "the account has as many calls as Twilio allows at a time",
        "Send the order again when a call has ended. The operator can lower MAX_CONCURRENT_CALLS to Twilio's limit, or "
            + "have the limit raised (Twilio's console, Trust Hub).",
        wait: .seconds(30)
    )

    /// The same order may do well later.
    private static let notNow: [Int: RefusalMeaning] = [
        10004: concurrency,
        20429: RefusalMeaning(
            .notNow,
            "the account sends more requests at a time than Twilio allows",
            "Send the order again later. Other programs with this account count, too.",
            wait: .seconds(5)
        ),
        22005: RefusalMeaning(
            .notNow,
            "more than a day's worth of calls wait in Twilio's own queue",
            "Send the order again later. The operator can lower CALLS_PER_SECOND to the account's rate.",
            wait: .seconds(600)
        ),
        86008: concurrency,
    ]
}
