import CallDomain

/// Who says that a phone call, or a conversation, belongs to one of our calls.
///
/// The greater its weight the stronger the binding, and the weights of several witnesses add up. A phone
/// call of ours has both the answer and the signature; where one stands against the other, the vendor's answer to our
/// own create stays, so that a message whose ids disagree changes nothing. Either overrules a look-up.
struct Witness: OptionSet, Equatable {
    let rawValue: UInt8

    /// Found by number and time; or asked about a phone call that is the order's by better witnesses, to which it adds nothing.
    static let lookUp = Witness(rawValue: 1)
    /// Our id in the signed URL, or in the signed metadata.
    static let signed = Witness(rawValue: 2)
    /// The vendor's answer to our own create.
    static let answer = Witness(rawValue: 4)
    /// The conversation of the call names the phone call in its signed metadata. With the signature of the phone call's own
    /// messages it weighs no more than one of them: both give back what we sent.
    static let tied = Witness(rawValue: 8)

    /// Of all of them.
    static let all: Witness = [.lookUp, .signed, .answer, .tied]

    var weight: Int {
        let weight = (contains(.answer) ? 4 : 0) + (isDisjoint(with: [.signed, .tied]) ? 0 : 2)
        return weight == 0 && contains(.lookUp) ? 1 : weight
    }
}

/// Which of our calls a phone call or a conversation is said to belong to.
struct Claims: Equatable {
    /// Few: nearly always one. Sorted by id.
    private var witnesses: [Claim] = []

    private struct Claim: Equatable {
        let id: CallID
        var witness: Witness
    }

    var isEmpty: Bool { witnesses.isEmpty }

    /// Says whether there is that witness.
    /// - Returns: whether that is new.
    mutating func set(_ witness: Witness, of id: CallID, to isThere: Bool) -> Bool {
        if let index = witnesses.firstIndex(where: { $0.id == id }) {
            if isThere { return witnesses[index].witness.insert(witness).inserted }
            guard witnesses[index].witness.remove(witness) != nil else { return false }
            if witnesses[index].witness.isEmpty { witnesses.remove(at: index) }
            return true
        }
        guard isThere else { return false }
        let place = witnesses.firstIndex { $0.id > id } ?? witnesses.endIndex
        witnesses.insert(Claim(id: id, witness: witness), at: place)
        return true
    }

    func witness(of id: CallID) -> Witness { witnesses.first { $0.id == id }?.witness ?? [] }

    /// The call with the strongest claim; of equal ones the bytewise smaller id.
    var best: CallID? {
        var best: Claim?
        for claim in witnesses where claim.witness.weight > (best?.witness.weight ?? 0) { best = claim }
        return best?.id
    }
}
