import CallDomain
import Synchronization

/// SplitMix64: small, fast, and the same on every machine.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A generator of its own for one concern, so that another number drawn for one does not change what the others draw.
    init(seed: UInt64, for concern: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in concern.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var mixed = SplitMix64(seed: seed ^ hash)
        self.init(seed: mixed.next())
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// A seed's randomness for one concern.
final class SeededBits: RandomBits {
    private let generator: Mutex<SplitMix64>

    init(seed: UInt64, for concern: String) { generator = Mutex(SplitMix64(seed: seed, for: concern)) }

    func next() -> UInt64 { generator.withLock { $0.next() } }

    /// A number below `bound`.
    func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// True in so many of a hundred cases.
    func chance(_ percent: Int) -> Bool { below(100) < percent }

    /// Whole milliseconds from the range.
    func duration(_ range: ClosedRange<Int>) -> Duration {
        .milliseconds(range.lowerBound + below(range.upperBound - range.lowerBound + 1))
    }

    func element<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// So many hexadecimal digits.
    func hex(_ count: Int) -> String {
        var text = ""
        while text.utf8.count < count {
            let digits = String(next(), radix: 16)
            text += String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
        return String(text.prefix(count))
    }
}
