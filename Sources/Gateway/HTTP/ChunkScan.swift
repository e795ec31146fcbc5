/// Follows the chunks of a body (RFC 9112, 7.1) to where it ends, and refuses what two parsers could read in two ways.
struct ChunkScan {
    enum Outcome: Equatable {
        /// All bytes belong to the body, which continues.
        case open
        /// The body ends after so many bytes.
        case ended(after: Int)
        case refused(Refusal)
    }

    private enum State {
        case size(digits: Int)
        case chunkExtension
        case sizeLineFeed
        case data
        case dataCarriageReturn
        case dataLineFeed
        case trailers(LineScan)
    }

    /// No size that a body may have takes more digits.
    private static let mostDigits = 8

    /// The most bytes that the chunks may carry together.
    let limit: Int
    private var state = State.size(digits: 0)
    private var size = 0
    private var carried = 0

    init(limit: Int) { self.limit = limit }

    mutating func advance(over bytes: UnsafeRawBufferPointer) -> Outcome {
        var index = 0
        while index < bytes.count {
            switch state {
            case .data:
                let count = min(size, bytes.count - index)
                size -= count
                index += count
                if size == 0 { state = .dataCarriageReturn }
            case .trailers(var scan):
                let outcome = scan.advance(over: UnsafeRawBufferPointer(rebasing: bytes[index...]))
                state = .trailers(scan)
                switch outcome {
                case .open: return .open
                case .ended(let count): return .ended(after: index + count)
                case .bareLineFeed: return .refused(.lineEnd)
                }
            case .size, .chunkExtension, .sizeLineFeed, .dataCarriageReturn, .dataLineFeed:
                if let refusal = step(bytes[index]) { return .refused(refusal) }
                index += 1
            }
        }
        return .open
    }

    /// One byte outside of the data.
    private mutating func step(_ byte: UInt8) -> Refusal? {
        switch (state, byte) {
        case (.size(let digits), _) where Self.value(ofDigit: byte) != nil:
            guard digits < Self.mostDigits else { return .bodyTooLarge }
            size = size << 4 | (Self.value(ofDigit: byte) ?? 0)
            state = .size(digits: digits + 1)
        case (.size(digits: 1...), UInt8(ascii: ";")):
            state = .chunkExtension
        case (.size(digits: 1...), UInt8(ascii: "\r")), (.chunkExtension, UInt8(ascii: "\r")):
            state = .sizeLineFeed
        case (.chunkExtension, UInt8(ascii: "\t")), (.chunkExtension, 0x20...0x7E):
            break
        case (.sizeLineFeed, UInt8(ascii: "\n")):
            carried += size
            guard carried <= limit else { return .bodyTooLarge }
            state = size == 0 ? .trailers(LineScan()) : .data
        case (.dataCarriageReturn, UInt8(ascii: "\r")):
            state = .dataLineFeed
        case (.dataLineFeed, UInt8(ascii: "\n")):
            state = .size(digits: 0)
        default:
            return .framing
        }
        return nil
    }

    private static func value(ofDigit byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
