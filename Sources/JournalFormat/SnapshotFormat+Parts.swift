import CallDomain

// What the parts of a snapshot are made of.

extension Snapshot.KnownCall: Stored {
    func write(to out: inout RecordWriter) {
        out.events(events)
        out.list(legs)
        out.list(conversations)
        let fields = out.fields()
        out.field(0, of: fields, sid)
        out.field(1, of: fields, alias)
        out.field(2, of: fields, listedAt)
        out.field(3, of: fields, templateContext)
        out.flag(4, of: fields, isOrdered)
        out.flag(5, of: fields, isDialed)
        out.field(6, of: fields, heldNumber)
        out.field(7, of: fields, position)
        out.flag(8, of: fields, hasEnded)
        out.field(9, of: fields, told)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init()
        events = try reader.events()
        legs = try reader.list()
        conversations = try reader.list()
        let fields = try reader.fields(10, of: "a call")
        sid = try reader.field(0, of: fields)
        alias = try reader.field(1, of: fields)
        listedAt = try reader.field(2, of: fields)
        templateContext = try reader.field(3, of: fields)
        isOrdered = fields.has(4)
        isDialed = fields.has(5)
        heldNumber = try reader.field(6, of: fields)
        position = try reader.field(7, of: fields)
        hasEnded = fields.has(8)
        told = try reader.field(9, of: fields)
    }
}

extension Snapshot.KnownSubject: Stored {
    func write(to out: inout RecordWriter) {
        out.events(events)
        out.list(claims)
        out.list(ties)
        let fields = out.fields()
        out.field(0, of: fields, best)
        out.flag(1, of: fields, isAdopted)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init()
        events = try reader.events()
        claims = try reader.list()
        ties = try reader.list()
        let fields = try reader.fields(2, of: "a phone call or conversation")
        best = try reader.field(0, of: fields)
        isAdopted = fields.has(1)
    }
}

extension Snapshot.Claim: Stored {
    func write(to out: inout RecordWriter) {
        out.put(id)
        out.byte(witness)
        out.byte(isDoubtful ? 1 : 0)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (id, witness, isDoubtful) = (try reader.get(CallID.self), try reader.byte(), try reader.byte())
        guard isDoubtful <= 1 else { throw .malformed("a claim") }
        self.init(id: id, witness: witness, isDoubtful: isDoubtful == 1)
    }
}

extension Snapshot.Tie: Stored {
    func write(to out: inout RecordWriter) {
        out.put(id)
        out.put(sid)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(id: try reader.get(), sid: try reader.get())
    }
}

extension Snapshot.KnownKey: Stored {
    func write(to out: inout RecordWriter) {
        out.block(digest)
        out.put(callID)
        let fields = out.fields()
        out.field(0, of: fields, answer)
        out.field(1, of: fields, keptAt)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (digest, callID) = (Array(try reader.block()), try reader.get(CallID.self))
        let fields = try reader.fields(2, of: "a key")
        self.init(
            digest: digest,
            callID: callID,
            answer: try reader.field(0, of: fields),
            keptAt: try reader.field(1, of: fields)
        )
    }
}

extension Snapshot.Early: Stored {
    func write(to out: inout RecordWriter) {
        out.put(since)
        switch subject {
        case .leg(let sid)?:
            out.byte(1)
            out.put(sid)
        case .conversation(let id)?:
            out.byte(2)
            out.put(id)
        case nil: out.byte(3)
        }
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let since = try reader.get(Timestamp.self)
        switch try reader.byte() {
        case 1: self.init(subject: .leg(try reader.get()), since: since)
        case 2: self.init(subject: .conversation(try reader.get()), since: since)
        case 3: self.init(subject: nil, since: since)
        case let number: throw reader.unknown("kind of early message", Int(number))
        }
    }
}

extension Snapshot.Kept: Stored {
    func write(to out: inout RecordWriter) {
        out.put(at)
        out.put(name)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let at = try reader.get(Timestamp.self)
        self.init(name: try reader.get(), at: at)
    }
}

extension Snapshot.Tombstone: Stored {
    func write(to out: inout RecordWriter) {
        out.halves(high, low)
        out.signed(day)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (high, low) = try reader.halves()
        self.init(high: high, low: low, day: try reader.signed())
    }
}

extension Snapshot.Ended: Stored {
    func write(to out: inout RecordWriter) {
        out.put(at)
        out.put(number)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let at = try reader.get(Timestamp.self)
        self.init(number: try reader.get(), at: at)
    }
}

extension Snapshot.Notice: Stored {
    func write(to out: inout RecordWriter) {
        out.put(place)
        out.put(news)
        out.put(status)
        out.put(at)
        let fields = out.fields()
        out.field(0, of: fields, callID)
        out.field(1, of: fields, previous)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let place = try reader.get(EventPlace.self)
        let (news, status) = (try reader.get(CallNews.self), try reader.get(CallStatus.self))
        let at = try reader.get(Timestamp.self)
        let fields = try reader.fields(2, of: "an event")
        self.init(
            place: place,
            callID: try reader.field(0, of: fields),
            news: news,
            status: status,
            at: at,
            previous: try reader.field(1, of: fields)
        )
    }
}

extension CallCursor: Stored {
    func write(to out: inout RecordWriter) {
        out.put(listedAt)
        out.put(id)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(listedAt: try reader.get(), id: try reader.get())
    }
}

extension Snapshot.Summary: Stored {
    func write(to out: inout RecordWriter) {
        out.put(position)
        out.put(dialing)
        out.signed(day)
        out.put(callsToday)
        out.list(parkedToday)
        out.put(worthMakingRoom)
        for count in [calls, legs, conversations, keys] { out.put(count) }
        for numbers in [early, answers, tombstones, numbers] { out.put(StoredRange(numbers: numbers)) }
        let fields = out.fields()
        out.field(0, of: fields, tidied)
        out.flag(1, of: fields, hasFound)
        out.field(2, of: fields, erasures == 0 ? nil : erasures)
        out.field(3, of: fields, notices.isEmpty && notices.lowerBound == 0 ? nil : StoredRange(numbers: notices))
        out.field(4, of: fields, noticesBegin)
        out.field(5, of: fields, subscriptions == 0 ? nil : subscriptions)
        out.field(6, of: fields, deliveries == 0 ? nil : deliveries)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init()
        position = try reader.get()
        dialing = try reader.get()
        day = try reader.signed()
        callsToday = try reader.get()
        parkedToday = try reader.list()
        worthMakingRoom = try reader.get()
        (calls, legs) = (try reader.get(), try reader.get())
        (conversations, keys) = (try reader.get(), try reader.get())
        func next(_ reader: inout RecordReader) throws(FormatError) -> Range<UInt64> {
            try reader.get(StoredRange.self).numbers
        }
        (early, answers) = (try next(&reader), try next(&reader))
        (tombstones, numbers) = (try next(&reader), try next(&reader))
        let fields = try reader.fields(7, of: "a summary")
        tidied = try reader.field(0, of: fields)
        hasFound = fields.has(1)
        erasures = try reader.field(2, of: fields) ?? 0
        notices = (try reader.field(3, of: fields) as StoredRange?)?.numbers ?? 0..<0
        noticesBegin = try reader.field(4, of: fields)
        subscriptions = try reader.field(5, of: fields) ?? 0
        deliveries = try reader.field(6, of: fields) ?? 0
    }
}

extension RecordWriter {
    mutating func list(_ elements: [some Stored]) {
        varint(UInt64(elements.count))
        for element in elements { put(element) }
    }

    fileprivate mutating func events(_ events: [CallEvent]) {
        varint(UInt64(events.count))
        var last: CallID?
        for event in events {
            if let id = event.callID {
                byte(id == last ? 2 : 1)
                if id != last { put(id) }
                last = id
            } else {
                byte(0)
            }
            put(event.receivedAt)
            put(event.fact)
        }
    }
}

extension RecordReader {
    mutating func list<Element: Stored>() throws(FormatError) -> [Element] {
        let count = try count()
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try get()) }
        return elements
    }

    fileprivate mutating func events() throws(FormatError) -> [CallEvent] {
        let count = try count()
        var events: [CallEvent] = []
        events.reserveCapacity(count)
        var last: CallID?
        for _ in 0..<count {
            let id: CallID?
            switch try byte() {
            case 0: id = nil
            case 1:
                id = try get(CallID.self)
                last = id
            case 2 where last != nil: id = last
            default: throw .malformed("an event")
            }
            events.append(CallEvent(callID: id, receivedAt: try get(), fact: try get()))
        }
        return events
    }
}

/// The numbers of a queue's elements, which are small enough to be added up.
private struct StoredRange: Stored {
    let numbers: Range<UInt64>

    init(numbers: Range<UInt64>) { self.numbers = numbers }

    func write(to out: inout RecordWriter) {
        out.varint(numbers.lowerBound)
        out.varint(UInt64(numbers.count))
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (begin, count) = (try reader.varint(), try reader.varint())
        guard begin < 1 << 60, count < 1 << 60 else { throw .malformed("the numbers of a queue") }
        numbers = begin..<begin + count
    }
}
