import Foundation

#if canImport(FoundationXML)
import FoundationXML
#endif

/// `<Stream>` within `<Connect>`. <https://www.twilio.com/docs/voice/twiml/stream>
struct TwiMLStream: Sendable {
    var url: String
    var name: String?
    var track: String?
    var statusCallback: WebhookTarget?
}

/// The verbs that this stand-in executes.
enum TwiMLVerb: Sendable {
    case say(String, repetitions: Int)
    case pause(seconds: Int)
    case hangUp
    case reject
    case connect(TwiMLStream, action: WebhookTarget?)
}

/// A TwiML document, parsed strictly.
struct TwiMLDocument: Sendable {
    private(set) var verbs: [TwiMLVerb] = []
    /// What is not in the schema: Twilio warns (12200) and goes on.
    private(set) var warnings: [String] = []

    /// Not well-formed XML, or no `<Response>` (12100).
    struct ParseFailure: Error {
        let message: String
    }

    init(_ bytes: [UInt8]) throws(ParseFailure) {
        let root = try TwiMLElement.root(of: bytes)
        guard root.name == "Response" else {
            throw ParseFailure(message: "The root of the document is <\(root.name)>, not <Response>")
        }
        for element in root.children { add(element) }
    }

    private mutating func add(_ element: TwiMLElement) {
        switch element.name {
        case "Say":
            warn(element, allowing: ["voice", "language", "loop"])
            verbs.append(.say(element.text, repetitions: element["loop"].flatMap(Int.init) ?? 1))
        case "Pause":
            warn(element, allowing: ["length"])
            verbs.append(.pause(seconds: element["length"].flatMap(Int.init) ?? 1))
        case "Hangup":
            warn(element, allowing: [])
            verbs.append(.hangUp)
        case "Reject":
            warn(element, allowing: ["reason"])
            verbs.append(.reject)
        case "Connect":
            warn(element, allowing: ["action", "method"])
            guard element.children.count == 1, let stream = element.children.first, stream.name == "Stream" else {
                return warnings.append("<Connect> without exactly one <Stream>")
            }
            warn(stream, allowing: ["url", "name", "track", "statusCallback", "statusCallbackMethod"])
            let description = TwiMLStream(
                url: stream["url"] ?? "",
                name: stream["name"],
                track: stream["track"],
                statusCallback: stream.target("statusCallback", "statusCallbackMethod")
            )
            verbs.append(.connect(description, action: element.target("action", "method")))
        default:
            warnings.append("<\(element.name)> is not a verb that the sandbox knows")
        }
    }

    private mutating func warn(_ element: TwiMLElement, allowing names: Set<String>) {
        for name in Set(element.attributes.keys).subtracting(names).sorted() {
            warnings.append("Attribute '\(name)' is not allowed to appear in element '\(element.name)'")
        }
    }
}

/// An element of the document.
private final class TwiMLElement {
    let name: String
    let attributes: [String: String]
    var children: [TwiMLElement] = []
    var text = ""

    init(name: String, attributes: [String: String]) {
        self.name = name
        self.attributes = attributes
    }

    subscript(attribute: String) -> String? { attributes[attribute] }

    func target(_ urlName: String, _ methodName: String) -> WebhookTarget? {
        self[urlName].map { WebhookTarget(url: $0, method: self[methodName]?.uppercased() == "GET" ? "GET" : "POST") }
    }

    static func root(of bytes: [UInt8]) throws(TwiMLDocument.ParseFailure) -> TwiMLElement {
        let builder = TwiMLBuilder()
        let parser = XMLParser(data: Data(bytes))
        parser.shouldResolveExternalEntities = false
        parser.delegate = builder
        // FoundationXML's `parse()` also answers true after some errors (an open element, text behind the root).
        guard parser.parse(), parser.parserError == nil, let root = builder.root else {
            let message = parser.parserError.map { "\($0)" } ?? "no element"
            throw TwiMLDocument.ParseFailure(message: "line \(parser.lineNumber): \(message)")
        }
        return root
    }
}

private final class TwiMLBuilder: NSObject, XMLParserDelegate {
    private(set) var root: TwiMLElement?
    private var open: [TwiMLElement] = []

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        let element = TwiMLElement(name: name, attributes: attributes)
        if let parent = open.last { parent.children.append(element) } else { root = element }
        open.append(element)
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { open.last?.text += text }

    func parser(_ parser: XMLParser, foundCDATA block: Data) {
        open.last?.text += String(decoding: block, as: UTF8.self)
    }
}
