import CallDomain
import TestSupport
import Testing

@testable import TwilioAdapter

@Suite("The rule of X-Twilio-Signature")
struct WebhookVerifierTests {
    @Test("Every vector is judged as its source expects", arguments: try SignatureVector.all())
    func judgesEveryVector(vector: SignatureVector) throws {
        let algorithm: VerificationKey.Algorithm = vector.algorithm == "HMAC_SHA256" ? .hmacSHA256 : .hmacSHA1
        let verifier = WebhookVerifier(keys: [VerificationKey(Secret(vector.authToken), algorithm: algorithm)])
        let body: WebhookVerifier.Body
        if let form = vector.rawForm {
            let parameters = try #require(FormParameters(form: Array(form.utf8)))
            #expect(parameters.pairs.map { [$0.name, $0.value] } == vector.params)
            body = .form(parameters)
        } else if let text = vector.body {
            body = .other(Array(text.utf8))
        } else if vector.params.isEmpty {
            body = .none
        } else {
            body = .form(FormParameters(vector.params.map { FormParameters.Pair($0[0], $0[1]) }))
        }
        let accepted = verifier.accepts(signature: vector.signature ?? "", url: vector.url, body: body)
        #expect(accepted == vector.valid)
    }

    // From Twilio's documentation.
    private let url = "https://example.com/myapp.php?foo=1&bar=2"
    private let signature = "L/OH5YylLD5NRKLltdqwSvS0BnU="
    private let form = FormParameters([
        .init("CallSid", "CA1234567890ABCDE"), .init("Caller", "+14158675310"), .init("Digits", "1234"),
        .init("From", "+14158675310"), .init("To", "+18005551212"),
    ])

    @Test("No other text than the signature itself is accepted")
    func acceptsOneText() {
        let verifier = WebhookVerifier(authTokens: [Secret("12345")])
        #expect(verifier.accepts(signature: signature, url: url, body: .form(form)))
        let characters = Array(signature)
        for index in characters.indices {
            var forged = characters
            forged[index] = forged[index] == "A" ? "B" : "A"
            #expect(!verifier.accepts(signature: String(forged), url: url, body: .form(form)))
        }
        // "U=" and "V=" decode to the same byte.
        let alike = String(characters.dropLast(2)) + "V="
        for text in [
            "", " ", "=", alike, signature + "=", " \(signature)", "\(signature)\n", String(signature.dropLast()),
        ] {
            #expect(
                !verifier.accepts(signature: text, url: url, body: .form(form)),
                "accepted \(text.debugDescription)"
            )
        }
    }

    @Test("Any of the keys will do, and an empty one never does")
    func triesEveryKey() {
        for tokens in [["12345"], ["other", "12345"], ["12345", "other"], ["", "12345"]] {
            let verifier = WebhookVerifier(authTokens: tokens.map { Secret($0) })
            #expect(verifier.accepts(signature: signature, url: url, body: .form(form)))
        }
        for tokens in [[], [""], ["other"], ["", "other"], ["12346"]] {
            let verifier = WebhookVerifier(authTokens: tokens.map { Secret($0) })
            #expect(!verifier.accepts(signature: signature, url: url, body: .form(form)))
            let signedWithNothing = VerificationKey(Secret("")).signature(url: url, tail: form.signedText)
            #expect(!verifier.accepts(signature: signedWithNothing, url: url, body: .form(form)))
        }
    }

    @Test("A key is never used with another algorithm than its own")
    func keepsToTheAlgorithm() {
        let secret = Secret("12345")
        let long = VerificationKey(secret, algorithm: .hmacSHA256).signature(url: url, tail: form.signedText)
        #expect(!WebhookVerifier(authTokens: [secret]).accepts(signature: long, url: url, body: .form(form)))
        let verifier = WebhookVerifier(keys: [VerificationKey(secret, algorithm: .hmacSHA256)])
        #expect(verifier.accepts(signature: long, url: url, body: .form(form)))
        #expect(!verifier.accepts(signature: signature, url: url, body: .form(form)))
    }

    @Test(
        "Two forms of a URL are tried, and no more",
        arguments: [
            ("https://h/p", ["https://h/p", "https://h:443/p"]),
            ("https://h:443/p", ["https://h/p", "https://h:443/p"]),
            ("https://h:8443/p?x=:9", ["https://h/p?x=:9", "https://h:8443/p?x=:9"]),
            ("http://h/p", ["http://h/p", "http://h:80/p"]),
            ("http://127.0.0.1:8080/p", ["http://127.0.0.1/p", "http://127.0.0.1:8080/p"]),
            ("https://u:p@h:1/p@q:2", ["https://u:p@h/p@q:2", "https://u:p@h:1/p@q:2"]),
            ("https://[2001:db8::1]/p", ["https://[2001:db8::1]/p", "https://[2001:db8::1]:443/p"]),
            ("https://[2001:db8::1]:7?q", ["https://[2001:db8::1]?q", "https://[2001:db8::1]:7?q"]),
            ("https://h", ["https://h", "https://h:443"]),
        ]
    )
    func triesTwoForms(url: String, forms: [String]) {
        #expect(SignedURL(url)?.forms == forms)
    }

    @Test("What is no URL is refused", arguments: ["", "h/p", "//h/p", "https:/h", ":"])
    func refusesWhatIsNoURL(url: String) {
        let key = VerificationKey(Secret("12345"))
        let verifier = WebhookVerifier(keys: [key])
        #expect(!verifier.accepts(signature: key.signature(url: url, tail: []), url: url, body: .none))
    }

    @Test("A body that is no form is bound by exactly one hash in the query")
    func bindsOtherBodies() {
        let key = VerificationKey(Secret("12345"))
        let verifier = WebhookVerifier(keys: [key])
        let hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        for (query, body, accepted) in [
            ("bodySHA256=\(hash)", "{}", true), ("x=1&bodySHA256=\(hash)", "{}", true),
            ("bodySHA256=\(hash)", "{ }", false), ("bodySHA256=\(hash.uppercased())", "{}", false),
            ("bodySHA256=\(hash)&bodySHA256=\(hash)", "{}", false), ("bodySHA256=", "", false), ("x=1", "{}", false),
            ("#bodySHA256=\(hash)", "{}", false),
        ] {
            let url = "https://h/p?\(query)"
            let signature = key.signature(url: url, tail: [])
            let answer = verifier.accepts(signature: signature, url: url, body: .other(Array(body.utf8)))
            #expect(answer == accepted, "\(query)")
        }
    }
}
