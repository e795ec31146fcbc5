import HTTPTypes
import Testing

@testable import Gateway

private let header = HTTPField.Name("Idempotency-Key")!

private func headers(_ values: String...) -> HTTPFields {
    var headers = HTTPFields()
    for value in values { headers.append(HTTPField(name: header, value: value)) }
    return headers
}

@Suite struct `An Idempotency-Key` {
    @Test(arguments: [
        ("k", "k"), ("8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324"),
        ("\"k\"", "k"), ("a\"b", "a\"b"), ("~!#", "~!#"),
        (String(repeating: "k", count: 255), String(repeating: "k", count: 255)),
        ("\"" + String(repeating: "k", count: 255) + "\"", String(repeating: "k", count: 255)),
    ])
    func `is visible ASCII, quoted or bare`(given: String, text: String) throws {
        #expect(try IdempotencyKey(headers(given))?.text == text)
    }

    @Test(arguments: [
        "", "\"\"", "\"", "\"a", "a\"", "a b", "a\tb", "ü", "\"a\\b\"", "\"a\"b\"",
        String(repeating: "k", count: 256),
    ])
    func `of another form is refused`(given: String) {
        #expect { _ = try IdempotencyKey(headers(given)) } throws: { error in
            (error as? Problem)?.code == .idempotencyKeyInvalid
        }
    }

    @Test func `stands once or not at all`() throws {
        #expect(try IdempotencyKey(HTTPFields()) == nil)
        #expect(throws: Problem.self) { _ = try IdempotencyKey(headers("a", "a")) }
    }

    @Test func `makes two requests the same by path and body`() {
        let digest = IdempotencyKey.digest(path: "/calls/a", body: [1])
        #expect(digest == IdempotencyKey.digest(path: "/calls/a", body: [1]))
        #expect(digest != IdempotencyKey.digest(path: "/calls/b", body: [1]))
        #expect(digest != IdempotencyKey.digest(path: "/calls/a", body: [1, 0]))
    }
}
