import HTTPTypes

/// The headers of the answer, collected line by line as libcurl hands them over.
///
/// Interim answers (1xx) are dropped when the next status line comes, trailers when they come; all of them count.
struct ResponseHead {
    private(set) var headers: HTTPFields = [:]
    private(set) var byteCount = 0
    /// Whether the empty line that ends the final answer's head has come.
    private(set) var isComplete = false
    /// Whether there were more bytes than are taken.
    var isTooLarge: Bool { byteCount > limit }
    private let limit: Int
    private var isInterim = false

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes one line with its line end.
    /// - Returns: `false` when the answer must not be read on: the head has become too large, or names a transfer coding
    ///   but `chunked`. libcurl 7.88 would inflate a body for which nobody has asked to be compressed.
    mutating func append(_ line: UnsafeRawBufferPointer) -> Bool {
        byteCount += line.count
        guard !isTooLarge else { return false }
        guard !isComplete else { return true }
        if line.starts(with: "HTTP/".utf8) {
            headers = [:]
            isInterim = Self.statusIsInterim(line)
            return true
        }
        let text = line.prefix { $0 != 0x0D && $0 != 0x0A }
        if text.isEmpty {
            isComplete = !isInterim
            return true
        }
        // A line that we cannot read (folded, or with an impossible name) is no reason to fail the answer.
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")),
            let name = HTTPField.Name(String(decoding: text[..<colon], as: UTF8.self))
        else { return true }
        let field = HTTPField(name: name, lenientValue: Self.trimmed(text[text.index(after: colon)...]))
        headers.append(field)
        return name != .transferEncoding || field.value.lowercased() == "chunked"
    }

    private static func statusIsInterim(_ line: UnsafeRawBufferPointer) -> Bool {
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        return parts.count > 1 && parts[1].first == UInt8(ascii: "1")
    }

    private static func trimmed(_ value: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var value = value.drop(while: isBlank)
        while let last = value.last, isBlank(last) { value.removeLast() }
        return Array(value)
    }
}
