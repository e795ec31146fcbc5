import CallDomain

/// Who says that a phone call, or a conversation, belongs to one of our calls.
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

    /// How strong it is: the greater the stronger, 0 without a witness. `isDoubtful` is explained at ``Claims``.
    func weight(isDoubtful: Bool) -> Int {
        if !isDisjoint(with: [.signed, .tied]) {
            return contains(.answer) ? 5 : isDoubtful ? 2 : 4
        }
        return contains(.answer) ? 3 : contains(.lookUp) ? 1 : 0
    }
}

/// Which of our calls a phone call or a conversation is said to belong to.
///
/// A claim is doubtful if the vendor need not have it: the id is of no order that is known, or the vendor's answer to that
/// order's own create named another one. What is signed then contradicts what we know, and takes nothing from the order that
/// an answer named.
struct Claims: Equatable {
    /// Few: nearly always one. Sorted by id.
    private var claims: [Claim] = []

    private struct Claim: Equatable {
        let id: CallID
        var witness: Witness
        var isDoubtful = false

        var weight: Int { witness.weight(isDoubtful: isDoubtful) }
    }

    var isEmpty: Bool { claims.isEmpty }

    /// The calls that claim it.
    var ids: [CallID] { claims.map(\.id) }

    /// Says whether there is that witness.
    /// - Returns: whether that is new.
    mutating func set(_ witness: Witness, of id: CallID, to isThere: Bool) -> Bool {
        if let index = claims.firstIndex(where: { $0.id == id }) {
            if isThere { return claims[index].witness.insert(witness).inserted }
            guard claims[index].witness.remove(witness) != nil else { return false }
            if claims[index].witness.isEmpty { claims.remove(at: index) }
            return true
        }
        guard isThere else { return false }
        let place = claims.firstIndex { $0.id > id } ?? claims.endIndex
        claims.insert(Claim(id: id, witness: witness), at: place)
        return true
    }

    /// Says whether that call's claim is doubtful.
    /// - Returns: whether that is new.
    mutating func setDoubtful(_ isDoubtful: Bool, _ id: CallID) -> Bool {
        guard let index = claims.firstIndex(where: { $0.id == id }), claims[index].isDoubtful != isDoubtful else {
            return false
        }
        claims[index].isDoubtful = isDoubtful
        return true
    }

    func witness(of id: CallID) -> Witness { claims.first { $0.id == id }?.witness ?? [] }

    func weight(of id: CallID) -> Int { claims.first { $0.id == id }?.weight ?? 0 }

    /// The call with the strongest claim; of equal ones the bytewise smaller id.
    var best: CallID? {
        var best: Claim?
        for claim in claims where claim.weight > (best?.weight ?? 0) { best = claim }
        return best?.id
    }
}

// MARK: Snapshots

extension Claims {
    var kept: [Snapshot.Claim] {
        claims.map { Snapshot.Claim(id: $0.id, witness: $0.witness.rawValue, isDoubtful: $0.isDoubtful) }
    }

    init(_ kept: [Snapshot.Claim]) {
        claims = kept.map { Claim(id: $0.id, witness: Witness(rawValue: $0.witness), isDoubtful: $0.isDoubtful) }
    }
}
