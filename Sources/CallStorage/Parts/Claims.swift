import CallDomain

/// Who says that a phone call, or a conversation, belongs to one of our calls.
///
/// The greater the number the stronger the binding, and two kinds of witness are stronger than one of them alone. A phone
/// call of ours has both the answer and the signature; where one stands against the other, the vendor's answer to our
/// own create stays, so that a message whose ids disagree changes nothing. Either overrules a look-up.
struct Witness: OptionSet, Equatable {
    let rawValue: UInt8

    /// Found by number and time.
    static let lookUp = Witness(rawValue: 1)
    /// Our id in the signed URL, or in the signed metadata.
    static let signed = Witness(rawValue: 2)
    /// The vendor's answer to our own create.
    static let answer = Witness(rawValue: 4)
}

/// Which of our calls a phone call or a conversation is said to belong to.
struct Claims: Equatable {
    /// Few: nearly always one. Sorted by id.
    private var witnesses: [Claim] = []

    private struct Claim: Equatable {
        let id: CallID
        var witness: Witness
    }

    /// - Returns: whether that is new.
    mutating func add(_ id: CallID, _ witness: Witness) -> Bool {
        if let index = witnesses.firstIndex(where: { $0.id == id }) {
            return witnesses[index].witness.insert(witness).inserted
        }
        let place = witnesses.firstIndex { $0.id > id } ?? witnesses.endIndex
        witnesses.insert(Claim(id: id, witness: witness), at: place)
        return true
    }

    func witness(of id: CallID) -> Witness { witnesses.first { $0.id == id }?.witness ?? [] }

    /// The call with the strongest claim; of equal ones the bytewise smaller id.
    var best: CallID? {
        var best: Claim?
        for claim in witnesses where claim.witness.rawValue > (best?.witness.rawValue ?? 0) { best = claim }
        return best?.id
    }
}
