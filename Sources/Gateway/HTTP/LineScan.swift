/// Goes over lines that must end in CR LF, up to an empty one: the fields of a head, or the trailers of a body.
///
/// A bare LF is refused, because parsers differ in whether it ends a line (RFC 9112, 2.2 leaves it open).
struct LineScan {
    enum Outcome: Equatable {
        /// All bytes belong to the lines; the empty one is not among them.
        case open
        /// The empty line ends after so many bytes.
        case ended(after: Int)
        case bareLineFeed
    }

    private var lineLength = 0
    private var previous: UInt8 = 0

    mutating func advance(over bytes: UnsafeRawBufferPointer) -> Outcome {
        var index = 0
        for byte in bytes {
            index &+= 1
            if byte == UInt8(ascii: "\n") {
                guard previous == UInt8(ascii: "\r") else { return .bareLineFeed }
                if lineLength == 1 { return .ended(after: index) }
                lineLength = 0
            } else {
                lineLength &+= 1
            }
            previous = byte
        }
        return .open
    }
}
