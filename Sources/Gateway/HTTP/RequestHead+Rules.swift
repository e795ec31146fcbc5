import NIOCore
import NIOHTTP1

/// What a head that the decoder took says about its body and its connection.
struct JudgedHead: Equatable {
    var framing = BodyFraming.length(0)
    /// The client waits for `100 Continue` before it sends the body.
    var expectsContinue = false
    /// The connection ends with the answer.
    var isLast = false
}

extension HTTPRequestHead {
    /// Holds the head against the rules that the decoder does not keep (RFC 9112, 3.2 and 6; RFC 9110, 10.1.1).
    func judged(bodySize: Int) throws(Refusal) -> JudgedHead {
        var judged = JudgedHead()
        var hosts = 0
        var length: Int?
        var codings = 0
        for (name, value) in headers {
            // By length first: most names are compared with none.
            switch name.utf8.count {
            case 4 where name.isField("host"):
                hosts += 1
                guard value.isHost else { throw .host }
            case 6 where name.isField("expect"):
                guard value.isField("100-continue") else { throw .expectation }
                judged.expectsContinue = true
            case 7 where name.isField("upgrade"):
                // The decoder stops where another protocol could begin; so does the connection.
                judged.isLast = true
            case 14 where name.isField("content-length"):
                guard length == nil, let number = value.length else { throw .framing }
                length = number
            case 17 where name.isField("transfer-encoding"):
                codings += 1
                guard version == .http1_1 else { throw .framing }
                guard value.isField("chunked") else { throw .transferCoding }
            default: break
            }
        }
        // HTTP/1.0 knows no Host, and health checks of load balancers use that.
        guard hosts == 1 || (hosts == 0 && version == .http1_0) else { throw .host }
        guard codings == 0 || (codings == 1 && length == nil) else { throw .framing }
        if let length {
            guard length <= bodySize else { throw .bodyTooLarge }
            judged.framing = .length(length)
        } else if codings == 1 {
            judged.framing = .chunked
        }
        if judged.framing == .length(0) || version == .http1_0 { judged.expectsContinue = false }
        if version == .http1_0 || !isKeepAlive { judged.isLast = true }
        return judged
    }
}

extension String {
    /// Without regard to the case of ASCII letters. `name` is in lower case.
    fileprivate func isField(_ name: String) -> Bool {
        utf8.count == name.utf8.count
            && zip(utf8, name.utf8).allSatisfy { byte, wanted in
                byte == wanted || ((0x41...0x5A).contains(byte) && byte | 0x20 == wanted)
            }
    }

    /// Digits alone; nil also where they are more than a number can be.
    fileprivate var length: Int? {
        guard !utf8.isEmpty, utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(self) ?? .max
    }

    /// One name, IPv4 address or bracketed IPv6 address, and perhaps a port.
    fileprivate var isHost: Bool {
        var rest = utf8[...]
        if rest.first == UInt8(ascii: "[") {
            guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = rest[rest.index(after: rest.startIndex)..<end]
            guard !address.isEmpty, address.allSatisfy({ $0.isHexDigit || $0 == 0x3A || $0 == 0x2E }) else {
                return false
            }
            rest = rest[rest.index(after: end)...]
        } else {
            let end = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
            guard end > rest.startIndex, rest[..<end].allSatisfy(\.isInHostName) else { return false }
            rest = rest[end...]
        }
        guard let colon = rest.first else { return true }
        return colon == UInt8(ascii: ":") && rest.count <= 6
            && rest.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }

    fileprivate var isInHostName: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "%"): true
        default: false
        }
    }
}
