import Foundation

#if canImport(FoundationXML)
import FoundationXML
#endif

/// Whether a document is one that Twilio can execute: well-formed XML with `<Response>` at its root.
final class TwiMLCheck: NSObject, XMLParserDelegate {
    /// Twilio's limit of a document (error 11750), in bytes.
    static let maximumBytes = 64_000

    private var root: String?

    /// - Throws: the line, and what is wrong there.
    static func check(_ text: String) throws(TwiMLFault) {
        guard text.utf8.count <= maximumBytes else {
            throw TwiMLFault(line: 1, problem: "the document is longer than \(maximumBytes) bytes")
        }
        // A document type declares entities, which would let a template pull in what is not in it.
        if let declaration = text.range(of: "<!DOCTYPE") {
            let line = 1 + text[..<declaration.lowerBound].utf8.count { $0 == UInt8(ascii: "\n") }
            throw TwiMLFault(line: line, problem: "a document type declaration is not allowed in TwiML")
        }
        let check = TwiMLCheck()
        let parser = XMLParser(data: Data(text.utf8))
        parser.shouldResolveExternalEntities = false
        parser.delegate = check
        // FoundationXML's `parse()` also answers true after some errors, such as text behind the root.
        let parsed = parser.parse()
        guard parsed, parser.parserError == nil, let root = check.root else {
            throw TwiMLFault(line: max(1, parser.lineNumber), problem: "not well-formed XML")
        }
        guard root == "Response" else {
            throw TwiMLFault(line: 1, problem: "the root element is not <Response>")
        }
    }

    func parser(
        _ parser: XMLParser,
        didStartElement elementName: String,
        namespaceURI: String?,
        qualifiedName qName: String?,
        attributes attributeDict: [String: String]
    ) {
        root = root ?? elementName
    }
}
