/// An element of a TwiML document.
final class TwiMLElement {
    let name: String
    let attributes: [String: String]
    /// From 1.
    let line: Int
    private(set) var children: [TwiMLElement] = []
    private(set) var text = ""

    init(name: String, attributes: [String: String], line: Int) {
        self.name = name
        self.attributes = attributes
        self.line = line
    }

    func append(_ child: TwiMLElement) { children.append(child) }
    func append(_ more: String) { text += more }

    var hasWords: Bool {
        text.unicodeScalars.contains { !$0.properties.isWhitespace } || children.contains(where: \.hasWords)
    }

    func fault(_ problem: String) -> TwiMLFault { TwiMLFault(line: line, problem: problem) }
}
