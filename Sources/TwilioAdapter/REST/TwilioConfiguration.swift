package import CallDomain
import FoundationEssentials

/// How we show Twilio who we are.
/// - SeeAlso: https://www.twilio.com/docs/usage/requests-to-twilio
package enum TwilioCredentials: Sendable {
    /// The account's own token, which also signs webhooks.
    case authToken(Secret)
    /// An API key: it survives a change of the token.
    case apiKey(sid: String, secret: Secret)

    /// The parts that must never be shown.
    var secrets: [String] {
        switch self {
        case .authToken(let token): [token.exposed]
        case .apiKey(_, let secret): [secret.exposed]
        }
    }

    /// The value of `Authorization`: HTTP Basic.
    func authorization(_ account: AccountSid) -> String {
        let pair =
            switch self {
            case .authToken(let token): "\(account.text):\(token.exposed)"
            case .apiKey(let sid, let secret): "\(sid):\(secret.exposed)"
            }
        return "Basic " + Data(pair.utf8).base64EncodedString()
    }
}

/// Which account, and where.
package struct TwilioConfiguration: Sendable {
    package var accountSid: AccountSid
    package var credentials: Rotating<TwilioCredentials>
    /// An origin, such as `https://api.twilio.com`: no path.
    package var baseURL: String

    package init(
        accountSid: AccountSid,
        credentials: Rotating<TwilioCredentials>,
        baseURL: String = "https://api.twilio.com"
    ) {
        self.accountSid = accountSid
        self.credentials = credentials
        self.baseURL = baseURL
    }
}
