import Crypto
import Foundation

/// The vendors' signatures, computed once more for the tests.
enum Signatures {
    /// HMAC-SHA1 over URL and sorted pairs, in base64.
    static func twilio(_ url: String, _ form: [(name: String, value: String)]) -> String {
        let tail = form.sorted { $0.name < $1.name }.map { $0.name + $0.value }.joined()
        var hash = HMAC<Insecure.SHA1>(key: SymmetricKey(data: Data(SandboxRig.authToken.utf8)))
        hash.update(data: Data((url + tail).utf8))
        return Data(hash.finalize()).base64EncodedString()
    }

    /// HMAC-SHA256 over body and timestamp, in hex.
    static func ultravox(_ body: String, _ timestamp: String, secret: String) -> String {
        var hash = HMAC<SHA256>(key: SymmetricKey(data: Data(secret.utf8)))
        hash.update(data: Data(body.utf8))
        hash.update(data: Data(timestamp.utf8))
        return hash.finalize().map { String(format: "%02x", $0) }.joined()
    }
}
