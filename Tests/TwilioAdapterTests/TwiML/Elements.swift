import Foundation
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

/// What a parser finds in a document: the names of its elements in order, their attributes, and the text.
final class Elements: NSObject, XMLParserDelegate {
    private(set) var names: [String] = []
    private(set) var attributes: [String: String] = [:]
    private(set) var text = ""

    init(of document: String) throws {
        super.init()
        let parser = XMLParser(data: Data(document.utf8))
        parser.delegate = self
        let parsed = parser.parse()
        try #require(parsed && parser.parserError == nil, "not well-formed: \(document)")
    }

    func parser(
        _ parser: XMLParser,
        didStartElement elementName: String,
        namespaceURI: String?,
        qualifiedName qName: String?,
        attributes attributeDict: [String: String]
    ) {
        names.append(elementName)
        attributes.merge(attributeDict) { $1 }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
