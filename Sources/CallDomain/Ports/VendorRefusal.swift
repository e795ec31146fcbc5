/// A vendor's "no", in its own words and in ours.
package struct VendorRefusal: Error, Sendable, Equatable {
    package var vendor: Vendor
    /// HTTP status.
    package var status: Int
    /// Twilio's error code, such as 21211.
    package var code: Int?
    /// The vendor's words, which may quote what it was sent: not for logs.
    package var message: String
    /// Twilio's page on the error.
    package var moreInfo: String?
    package var meaning: RefusalMeaning

    /// Without a `meaning`, the status alone decides whose mistake it is.
    package init(
        vendor: Vendor,
        status: Int,
        code: Int? = nil,
        message: String,
        moreInfo: String? = nil,
        meaning: RefusalMeaning? = nil
    ) {
        self.vendor = vendor
        self.status = status
        self.code = code
        self.message = message
        self.moreInfo = moreInfo
        self.meaning = meaning ?? RefusalMeaning(ofStatus: status)
    }
}

/// What a refusal means, in words of ours, which quote nothing that was sent: they may stand in a log.
package struct RefusalMeaning: Sendable, Equatable {
    /// Whose mistake it is, and so who can mend it.
    package enum Mistake: String, Sendable, CaseIterable {
        /// The client's: the vendor cannot do what this order asks for.
        case client
        /// The operator's: a setting of the gateway, or a permission at the vendor. Other orders may do well.
        case setup
        /// The operator's: credentials, or the account as a whole. Nothing does well until it is mended.
        case account
        /// The gateway's: it sent what the vendor does not take.
        case gateway
        /// Nobody's: the vendor has no room for it at the moment.
        case notNow = "not_now"
    }

    package var mistake: Mistake
    /// What is wrong, without a full stop.
    package var reason: String
    /// What to do next, in whole sentences; names the setting, the field or the page of the vendor's console.
    package var advice: String
    /// Of `.notNow`: after how long to ask again, where the vendor does not say.
    package var wait: Duration?
    /// It is about the number that calls, which a client may choose.
    package var isAboutCaller: Bool

    package init(
        _ mistake: Mistake,
        _ reason: String,
        _ advice: String,
        wait: Duration? = nil,
        isAboutCaller: Bool = false
    ) {
        self.mistake = mistake
        self.reason = reason
        self.advice = advice
        self.wait = wait
        self.isAboutCaller = isAboutCaller
    }

    /// Of a refusal of which nothing but the status is known.
    init(ofStatus status: Int) {
        switch status {
        case 401, 402, 403:
            self.init(
                .account,
                "it does not take this gateway's credentials, or the account may not do this",
                "Check the credentials and the account in the vendor's console."
            )
        default: self.init(.client, "it refused the request", "Correct the request and send it again.")
        }
    }
}
