import Crypto
import FoundationEssentials

/// `X-Twilio-Signature`: HMAC-SHA1 by Twilio's design. <https://www.twilio.com/docs/usage/webhooks/webhooks-security>
enum TwilioSignature {
    /// The signature over the URL as requested (no fragment; a GET's parameters are in the query) and the parameters of
    /// a form body, with the account's primary auth token, used as text.
    static func sign(url: String, form: [Parameter], token: String) -> String {
        var text = signedURL(url)
        for parameter in form.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            text += parameter.name + parameter.value
        }
        let key = SymmetricKey(data: Array(token.utf8))
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Array(text.utf8), using: key)
        return Data(code).base64EncodedString()
    }

    /// Voice drops the port of an https URL and keeps that of an http one; credentials are never signed.
    private static func signedURL(_ url: String) -> String {
        guard var parts = URLParts(url) else { return url }
        parts.credentials = nil
        if parts.scheme.lowercased() == "https" { parts.port = nil }
        return parts.requestURL
    }
}
