import Foundation

/// Detects damaged certificates in a PEM file: the TLS library accepts such a file as a whole or not at all, and
/// reports a problem only when the first request fails.
enum PEMCertificates {
    private static let begin = "-----BEGIN CERTIFICATE-----"
    private static let end = "-----END CERTIFICATE-----"

    /// Checks every certificate of a PEM text; other lines are ignored.
    /// - Throws: the problem, and the number of the certificate.
    static func check(_ text: String) throws(ValueFault) {
        var count = 0
        // The base64 of the certificate that has begun.
        var open: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line == begin {
                guard open == nil else { throw endless(count) }
                count += 1
                open = ""
            } else if line == end, let base64 = open {
                guard isCertificate(base64) else {
                    throw ValueFault("names a file whose certificate \(count) is broken: copy all of it again")
                }
                open = nil
            } else if let base64 = open {
                open = base64 + line
            }
        }
        guard open == nil else { throw endless(count) }
        guard count > 0 else { throw ValueFault("names a file without a PEM certificate") }
    }

    private static func endless(_ number: Int) -> ValueFault {
        ValueFault("names a file whose certificate \(number) has no line \(end): copy all of it again")
    }

    /// Whether it is base64 of what a certificate is made of at least: a sequence of two sequences and a bit string.
    private static func isCertificate(_ base64: String) -> Bool {
        guard let data = Data(base64Encoded: base64) else { return false }
        var bytes = [UInt8](data)[...]
        guard let whole = takeElement(&bytes), whole.tag == sequence, bytes.isEmpty else { return false }
        var parts = whole.content
        var tags: [UInt8] = []
        while let part = takeElement(&parts) { tags.append(part.tag) }
        return parts.isEmpty && tags == [sequence, sequence, bitString]
    }

    private static let sequence: UInt8 = 0x30
    private static let bitString: UInt8 = 0x03

    /// Takes one element of DER off the front of `bytes`; a broken one is left there.
    private static func takeElement(_ bytes: inout ArraySlice<UInt8>) -> (tag: UInt8, content: ArraySlice<UInt8>)? {
        var rest = bytes
        guard let tag = rest.popFirst(), let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            // The number of bytes that hold the length; a certificate of 16 MiB is none.
            let count = Int(first & 0x7F)
            guard (1...3).contains(count), rest.count >= count else { return nil }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(count)
        }
        guard length <= rest.count else { return nil }
        bytes = rest.dropFirst(length)
        return (tag, rest.prefix(length))
    }
}
