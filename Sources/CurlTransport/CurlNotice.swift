/// What libcurl says of a transfer's connection in its trace (`CURLOPT_DEBUGFUNCTION`), and nowhere else.
///
/// The texts are those of libcurl 7.88. A version that words them otherwise gives no notice, so that less is proven: a
/// request then counts as perhaps acted on. Everything else in the trace, headers and secrets too, is passed over.
enum CurlNotice: Equatable {
    /// The request is on that HTTP/2 stream.
    case streamOpened(Int)
    /// The peer ends the HTTP/2 connection, and processes no stream above the last one (RFC 9113 section 6.8).
    case goAway(lastStream: Int)
    /// The request's stream was refused before anything was processed (RFC 9113 section 8.7), or nghttp2 did not send it
    /// because of GOAWAY; libcurl is about to send it again.
    case streamRefused
    /// libcurl leaves the request's connection and looks for another. Until the next pass begins, what it says is of
    /// whichever idle connections it examines on the way.
    case retrying
    /// The peer will send nothing more over this TLS connection.
    case closeNotify

    init?(_ text: UnsafeRawBufferPointer) {
        guard let first = text.first else { return nil }
        // The URL follows, which may be long.
        if text.starts(with: "Issue another request to this URL: ".utf8) {
            self = .retrying
            return
        }
        // All others are short, and of ASCII.
        guard text.count <= 200 else { return nil }
        switch first {
        case UInt8(ascii: "C"):
            guard text.starts(with: "Connection died, retrying ".utf8) else { return nil }
            self = .retrying
        case UInt8(ascii: "D"):
            guard text.starts(with: "Downgrades to HTTP/1.1".utf8) else { return nil }
            self = .retrying
        case UInt8(ascii: "U"):
            guard let stream = Self.number(after: "Using Stream ID: ", in: text) else { return nil }
            self = .streamOpened(stream)
        case UInt8(ascii: "r"):
            // Spelled "recveived" in 7.88.
            guard Self.range(of: " GOAWAY, error=", in: text) != nil,
                let last = Self.number(after: ", last_stream=", in: text)
            else { return nil }
            self = .goAway(lastStream: last)
        case UInt8(ascii: "R"):
            guard text.starts(with: "REFUSED_STREAM, retrying".utf8) else { return nil }
            self = .streamRefused
        case UInt8(ascii: "T"):
            guard Self.range(of: "(IN), TLS alert, close notify", in: text) != nil else { return nil }
            self = .closeNotify
        default: return nil
        }
    }

    private static func number(after words: String, in text: UnsafeRawBufferPointer) -> Int? {
        guard let end = range(of: words, in: text)?.upperBound else { return nil }
        let digits = text[end...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private static func range(of words: String, in text: UnsafeRawBufferPointer) -> Range<Int>? {
        let words = Array(words.utf8)
        guard text.count >= words.count else { return nil }
        for start in 0...(text.count - words.count) where text[start..<(start + words.count)].elementsEqual(words) {
            return start..<(start + words.count)
        }
        return nil
    }
}
