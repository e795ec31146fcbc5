import CallDomain

extension Erased: Stored {
    func write(to out: inout RecordWriter) {
        out.put(id)
        out.put(names)
        out.put(copies)
        let fields = out.fields()
        out.field(0, of: fields, key)
        out.flag(1, of: fields, countsForDay)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (id, names) = (try reader.get(CallID.self), try reader.get([NameDigest].self))
        let copies = try reader.get([VendorCopy].self)
        let fields = try reader.fields(2, of: "an erasure")
        self.init(
            id: id,
            names: names,
            copies: copies,
            key: try reader.field(0, of: fields),
            countsForDay: fields.has(1)
        )
    }
}

extension ErasedKey: Stored {
    func write(to out: inout RecordWriter) {
        out.put(name)
        out.block(digest)
        out.put(since)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (name, digest) = (try reader.get(NameDigest.self), Array(try reader.block()))
        self.init(name: name, digest: digest, since: try reader.get())
    }
}

/// The numbers of what vendors keep.
private enum CopyKind: UInt8 {
    case recording = 1
    case conversation = 2
}

extension VendorCopy: Stored {
    func write(to out: inout RecordWriter) {
        switch self {
        case .recording(let sid):
            out.byte(CopyKind.recording.rawValue)
            out.put(sid)
        case .conversation(let id):
            out.byte(CopyKind.conversation.rawValue)
            out.put(id)
        }
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let number = try reader.byte()
        guard let kind = CopyKind(rawValue: number) else { throw reader.unknown("vendor's copy", Int(number)) }
        self =
            switch kind {
            case .recording: .recording(try reader.get())
            case .conversation: .conversation(try reader.get())
            }
    }
}

/// The numbers of what becomes of an erasure.
private enum NewsKind: UInt8 {
    case found = 1
    case deleted = 2
    case journalCleaned = 3
}

extension ErasureNews: Stored {
    func write(to out: inout RecordWriter) {
        switch self {
        case .found(let copy):
            out.byte(NewsKind.found.rawValue)
            out.put(copy)
        case .deleted(let vendor, let name):
            out.byte(NewsKind.deleted.rawValue)
            out.put(vendor)
            out.put(name)
        case .journalCleaned(let position):
            out.byte(NewsKind.journalCleaned.rawValue)
            out.put(position)
        }
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let number = try reader.byte()
        guard let kind = NewsKind(rawValue: number) else { throw reader.unknown("news of an erasure", Int(number)) }
        self =
            switch kind {
            case .found: .found(try reader.get())
            case .deleted: .deleted(try reader.get(), try reader.get())
            case .journalCleaned: .journalCleaned(try reader.get())
            }
    }
}

/// 16 bytes.
extension NameDigest: Stored {
    func write(to out: inout RecordWriter) { out.halves(high, low) }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (high, low) = try reader.halves()
        self.init(high: high, low: low)
    }
}

/// Two varints, the higher one first.
extension Position: Stored {
    func write(to out: inout RecordWriter) {
        out.varint(high)
        out.varint(low)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (high, low) = (try reader.varint(), try reader.varint())
        self.init(high: high, low: low)
    }
}

extension Vendor: Numbered {
    var number: UInt8 {
        switch self {
        case .twilio: 1
        case .ultravox: 2
        }
    }
    static let byNumber = table()
}

extension Erasure.Deletion: Stored {
    func write(to out: inout RecordWriter) {
        out.put(vendor)
        out.put(name)
        out.put(at)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(vendor: try reader.get(), name: try reader.get(), at: try reader.get())
    }
}

/// As a part of a snapshot.
extension Erasure: Stored {
    func write(to out: inout RecordWriter) {
        out.put(id)
        out.put(erasedAt)
        out.put(begunBy)
        out.put(names)
        out.put(copies)
        out.put(deletions)
        let fields = out.fields()
        out.field(0, of: fields, key)
        out.field(1, of: fields, lastTrace)
        out.field(2, of: fields, journalCleanedAt)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(id: try reader.get(), erasedAt: try reader.get(), begunBy: try reader.get())
        (names, copies, deletions) = (try reader.get(), try reader.get(), try reader.get())
        let fields = try reader.fields(3, of: "an erasure")
        key = try reader.field(0, of: fields)
        lastTrace = try reader.field(1, of: fields)
        journalCleanedAt = try reader.field(2, of: fields)
    }
}
