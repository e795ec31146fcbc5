import Foundation

#if canImport(FoundationXML)
import FoundationXML
#endif

/// Whether a document is one that Twilio can execute: well-formed XML with `<Response>` at its root, and below it
/// elements that Twilio knows, where it knows them.
final class TwiMLCheck: NSObject, XMLParserDelegate {
    /// Twilio's limit of a document (error 11750), in bytes.
    static let maximumBytes = 64_000

    private var root: TwiMLElement?
    private var open: [TwiMLElement] = []

    /// - Returns: the root element.
    /// - Throws: the line and the problem.
    @discardableResult
    static func check(_ text: String) throws(TwiMLFault) -> TwiMLElement {
        guard text.utf8.count <= maximumBytes else {
            throw TwiMLFault(line: 1, problem: "the document is longer than \(maximumBytes) bytes")
        }
        // A document type declares entities, with which a template could include other content.
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
        guard root.name == "Response" else {
            throw TwiMLFault(line: 1, problem: "the root element is not <Response>")
        }
        try TwiMLSchema.check(root)
        return root
    }

    func parser(
        _ parser: XMLParser,
        didStartElement elementName: String,
        namespaceURI: String?,
        qualifiedName qName: String?,
        attributes attributeDict: [String: String]
    ) {
        let element = TwiMLElement(name: elementName, attributes: attributeDict, line: max(1, parser.lineNumber))
        open.last?.append(element)
        root = root ?? element
        open.append(element)
    }

    func parser(
        _ parser: XMLParser,
        didEndElement elementName: String,
        namespaceURI: String?,
        qualifiedName qName: String?
    ) {
        _ = open.popLast()
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { open.last?.append(string) }

    func parser(_ parser: XMLParser, foundCDATA CDATABlock: Data) {
        open.last?.append(String(decoding: CDATABlock, as: UTF8.self))
    }
}
