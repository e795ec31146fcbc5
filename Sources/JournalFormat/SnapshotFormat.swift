package import CallDomain

/// How a part of a snapshot is written as bytes: a name, and what stands under it.
///
///     name    := kind (1 byte) · id, or the number of a piece (8 bytes, the highest first)
///     part    := version (1 byte) · time · content
///     list    := length (varint) · elements
///     event   := 0 (no id), 1 (an id follows) or 2 (the id of the event before), 1 byte · time · fact
///
/// All else is as in a record: see ``RecordFormat``, whose versions count here, too. A part stays as it was written until it
/// changes, so a file has parts of several versions. Names have no version: what has a number keeps it for ever.
package enum SnapshotFormat {
    package static func encode(_ name: Snapshot.Name) -> [UInt8] {
        var out = RecordWriter(origin: Timestamp(milliseconds: 0))
        func piece(_ kind: Kind, _ number: UInt64) {
            out.byte(kind.rawValue)
            out.wide(number)
        }
        func id(_ kind: Kind, _ id: some Stored) {
            out.byte(kind.rawValue)
            out.put(id)
        }
        switch name {
        case .call(let call): id(.call, call)
        case .leg(let sid): id(.leg, sid)
        case .conversation(let conversation): id(.conversation, conversation)
        case .key(let name): id(.key, name)
        case .early(let number): piece(.early, number)
        case .answers(let number): piece(.answers, number)
        case .tombstones(let number): piece(.tombstones, number)
        case .numbers(let number): piece(.numbers, number)
        case .notices(let number): piece(.notices, number)
        case .erasure(let call): id(.erasure, call)
        case .subscription(let subscription): id(.subscription, subscription)
        case .delivery(let delivery): id(.delivery, delivery)
        case .summary: out.byte(Kind.summary.rawValue)
        }
        return out.bytes
    }

    /// What stands under the part's name.
    package static func encode(_ part: Snapshot.Part) -> [UInt8] {
        var out = RecordWriter(origin: part.origin)
        out.byte(RecordFormat.version)
        out.signed(part.origin.milliseconds)
        switch part {
        case .call(_, let call): out.put(call)
        case .leg(_, let subject), .conversation(_, let subject): out.put(subject)
        case .key(_, let key): out.put(key)
        case .early(_, let elements): out.list(elements)
        case .answers(_, let elements): out.list(elements)
        case .tombstones(_, let elements): out.list(elements)
        case .numbers(_, let elements): out.list(elements)
        case .notices(_, let elements): out.list(elements)
        case .erasure(_, let erasure): out.put(erasure)
        case .subscription(_, let subscription): out.put(subscription)
        case .delivery(_, let delivery): out.put(delivery)
        case .summary(let summary): out.put(summary)
        }
        return out.bytes
    }

    /// - Throws: unless the bytes are exactly one name and one part.
    package static func decode(
        _ part: UnsafeRawBufferPointer,
        named name: UnsafeRawBufferPointer
    ) throws(FormatError) -> Snapshot.Part {
        var names = RecordReader(unversioned: name)
        var reader = try RecordReader(part)
        reader.origin = try reader.signed()
        let number = try names.byte()
        guard let kind = Kind(rawValue: number) else { throw reader.unknown("kind of part", Int(number)) }
        let decoded: Snapshot.Part =
            switch kind {
            case .call: .call(try names.get(), try reader.get())
            case .leg: .leg(try names.get(), try reader.get())
            case .conversation: .conversation(try names.get(), try reader.get())
            case .key: .key(try names.get(), try reader.get())
            case .early: .early(piece: try names.piece(), try reader.list())
            case .answers: .answers(piece: try names.piece(), try reader.list())
            case .tombstones: .tombstones(piece: try names.piece(), try reader.list())
            case .numbers: .numbers(piece: try names.piece(), try reader.list())
            case .notices: .notices(piece: try names.piece(), try reader.list())
            case .erasure: .erasure(try names.get(), try reader.get())
            case .subscription: .subscription(try names.get(), try reader.get())
            case .delivery: .delivery(try names.get(), try reader.get())
            case .summary: .summary(try reader.get())
            }
        guard reader.rest == 0, names.rest == 0 else { throw .trailing(reader.rest + names.rest) }
        return decoded
    }

    /// The numbers of the kinds of names.
    private enum Kind: UInt8 {
        case call = 1
        case leg = 2
        case conversation = 3
        case key = 4
        case early = 5
        case answers = 6
        case tombstones = 7
        case numbers = 8
        case summary = 9
        case erasure = 10
        case notices = 11
        case subscription = 12
        case delivery = 13
    }
}

extension Snapshot.Part {
    /// From which the part's other times count.
    fileprivate var origin: Timestamp {
        switch self {
        case .call(_, let call): call.events.first?.receivedAt ?? call.listedAt ?? Timestamp(milliseconds: 0)
        case .leg(_, let subject), .conversation(_, let subject):
            subject.events.first?.receivedAt ?? Timestamp(milliseconds: 0)
        case .key(_, let key): key.keptAt ?? Timestamp(milliseconds: 0)
        case .early(_, let elements): elements.first?.since ?? Timestamp(milliseconds: 0)
        case .answers(_, let elements): elements.first?.at ?? Timestamp(milliseconds: 0)
        case .numbers(_, let elements): elements.first?.at ?? Timestamp(milliseconds: 0)
        case .notices(_, let elements): elements.first?.at ?? Timestamp(milliseconds: 0)
        case .erasure(_, let erasure): erasure.erasedAt
        case .subscription(_, let subscription): subscription.createdAt
        case .delivery(_, let delivery): delivery.at
        case .tombstones, .summary: Timestamp(milliseconds: 0)
        }
    }
}

extension RecordReader {
    /// The number of a piece, which is small enough to count its elements.
    fileprivate mutating func piece() throws(FormatError) -> UInt64 {
        let number = try wide()
        guard number < 1 << 48 else { throw .malformed("the number of a piece") }
        return number
    }
}
