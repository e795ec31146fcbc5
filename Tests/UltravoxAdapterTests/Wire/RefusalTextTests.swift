import Testing

@testable import UltravoxAdapter

@Suite struct RefusalTextTests {
    @Test(arguments: [
        (#"{"detail":"Invalid API key"}"#, "Invalid API key"),
        (#"{"name":["agent with this name already exists."]}"#, "name: agent with this name already exists."),
        (
            #"{"callTemplate":{"voice":["Voice X does not exist"],"model":["bad","worse"]}}"#,
            "callTemplate.voice: Voice X does not exist; callTemplate.model: bad worse"
        ),
        (#"["first","second"]"#, "first second"), (#""plain""#, "plain"),
        (#"{"detail":{"limit":[5]}}"#, "detail.limit: 5"),
        (#"{"detail":"two\nlines\u0007"}"#, "two lines "),
    ])
    func `finds the reasons wherever they are`(_ body: String, _ message: String) {
        #expect(RefusalText.message(from: Array(body.utf8), status: 400) == message)
    }

    @Test(arguments: [
        "", "<html>Bad Gateway</html>", "upstream connect error", "{}", "null", #"{"detail":""}"#, "\u{FF}",
    ])
    func `never passes on a body that is not JSON`(_ body: String) {
        #expect(RefusalText.message(from: Array(body.utf8), status: 418) == "HTTP 418 without a readable reason")
    }

    @Test(arguments: 480...500)
    func `holds no part of a secret, wherever it would be cut`(_ before: Int) {
        let secret = "aBcDeFgH.0123456789abcdef0123456789abcdef"
        let body = #"{"detail":"\#(String(repeating: "x", count: before))\#(secret)"}"#
        let message = RefusalText.message(from: Array(body.utf8), status: 400, withholding: [secret])
        #expect(!message.contains("aB") && message.utf8.count <= 500)
    }

    @Test func `is at most 500 bytes long`() {
        let body = #"{"detail":"\#(String(repeating: "é", count: 5000))"}"#
        #expect(RefusalText.message(from: Array(body.utf8), status: 400).utf8.count == 500)
        let many = "{" + (0..<5000).map { #""f\#($0)":["x"]"# }.joined(separator: ",") + "}"
        #expect(RefusalText.message(from: Array(many.utf8), status: 400).utf8.count <= 500)
    }
}
