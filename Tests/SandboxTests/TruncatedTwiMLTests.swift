import Testing

@testable import Sandbox

@Suite(.timeLimit(.minutes(2))) struct `Truncated TwiML` {
    private static let document = """
        <?xml version="1.0" encoding="UTF-8"?>
        <Response><Say voice="alice">Fish &amp; chips</Say><Connect><Stream url="wss://a.example/x"/></Connect></Response>
        """

    @Test func `a document cut anywhere is refused`() throws {
        let bytes = Array(Self.document.utf8)
        #expect(try TwiMLDocument(bytes).verbs.count == 2)
        for length in bytes.indices {
            #expect(throws: TwiMLDocument.ParseFailure.self, "cut after \(length) bytes") {
                try TwiMLDocument(Array(bytes[..<length]))
            }
        }
    }

    @Test(arguments: ["</Response>", "<Response/>", "text", "<", "&amp;"])
    func `a document that goes on behind its root is refused`(_ more: String) {
        #expect(throws: TwiMLDocument.ParseFailure.self) { try TwiMLDocument(Array((Self.document + more).utf8)) }
    }
}
