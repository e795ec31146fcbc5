/// Messages made of a genuine one of Twilio's by drawing other borders between its names and values, or by hiding a
/// parameter behind a name that Twilio does not send.
package enum OddShapes {
    package typealias Pairs = [(name: String, value: String)]

    /// Every way to put one or more parameters, or the end of one, into the value of the one before it, or into the name
    /// or the value of one that Twilio does not send; and to cut a value, so that the rest becomes a parameter of its own.
    ///
    /// `genuine` is sorted by its names.
    package static func all(of genuine: Pairs) -> [Pairs] {
        var shapes: [Pairs] = []
        for index in genuine.indices {
            shapes += swallowing(genuine, index)
            shapes += renamed(genuine, index)
            shapes += cut(genuine, index)
        }
        return shapes
    }

    private static func swallowing(_ genuine: Pairs, _ index: Int) -> [Pairs] {
        var shapes: [Pairs] = []
        for end in genuine.indices where end > index {
            var shape = genuine
            shape[index].value += text(of: genuine[(index + 1)...end])
            shape.removeSubrange((index + 1)...end)
            shapes.append(shape)
        }
        return shapes
    }

    private static func renamed(_ genuine: Pairs, _ index: Int) -> [Pairs] {
        let (name, value) = genuine[index]
        let first = String(name.prefix(1))
        var others: Pairs = [("Zz" + name, value), ("Zz", name + value)]
        others.append((first, String(name.dropFirst()) + value))
        if let initial = value.first {
            others.append((name + value, ""))
            others.append((name + String(initial), String(value.dropFirst())))
        }
        var shapes: [Pairs] = []
        for other in others {
            var shape = genuine
            shape[index] = other
            shapes.append(shape)
        }
        return shapes
    }

    /// Those whose signed text is the genuine one: the rest of the value, and perhaps what follows it, stands next in order.
    private static func cut(_ genuine: Pairs, _ index: Int) -> [Pairs] {
        let (name, value) = genuine[index]
        let before: [String] = genuine[...index].map(\.name)
        let known: [String] = genuine.map(\.name) + ["FromCity", "SipCallId", "SequenceNumber"]
        var shapes: [Pairs] = []
        for length in value.indices.dropFirst() {
            let rest = String(value[length...])
            var names: [String] = known.filter { rest.hasPrefix($0) }
            names.append(rest)
            for next in Set(names) where name < next && !before.contains(next) {
                for end in index..<genuine.count {
                    if end + 1 < genuine.count, genuine[end + 1].name <= next { continue }
                    let swallowed: String = text(of: genuine[(index + 1)..<(end + 1)])
                    var shape: Pairs = Array(genuine[..<index])
                    shape.append((name, String(value[..<length])))
                    shape.append((next, String(rest.dropFirst(next.count)) + swallowed))
                    shape += genuine[(end + 1)...]
                    shapes.append(shape)
                }
            }
        }
        return shapes
    }

    private static func text(of pairs: ArraySlice<(name: String, value: String)>) -> String {
        pairs.map { $0.name + $0.value }.joined()
    }
}
