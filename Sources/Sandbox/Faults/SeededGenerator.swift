/// A small source of repeatable chance (SplitMix64).
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension Array {
    /// In an order that the seed decides and that is never the present one, if there is any other.
    func reordered(seed: UInt64) -> [Element] {
        var generator = SeededGenerator(seed: seed)
        var order = [Int](indices).shuffled(using: &generator)
        if count > 1, order == [Int](indices) { order.append(order.removeFirst()) }
        return order.map { self[$0] }
    }
}
