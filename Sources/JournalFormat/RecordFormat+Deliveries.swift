import CallDomain

/// The numbers of what is remembered of telling others.
private enum DeliveryKind: UInt8 {
    case subscribed = 1
    case unsubscribed = 2
    case trialAsked = 3
    case tried = 4
    case retryAsked = 5
}

extension DeliveryRecord: Stored {
    func write(to out: inout RecordWriter) {
        switch self {
        case .subscribed(let subscription):
            out.byte(DeliveryKind.subscribed.rawValue)
            out.put(subscription)
        case .unsubscribed(let id):
            out.byte(DeliveryKind.unsubscribed.rawValue)
            out.put(id)
        case .trialAsked(let id):
            out.byte(DeliveryKind.trialAsked.rawValue)
            out.put(id)
        case .tried(let id, let attempt):
            out.byte(DeliveryKind.tried.rawValue)
            out.put(id)
            out.put(attempt)
        case .retryAsked(let id):
            out.byte(DeliveryKind.retryAsked.rawValue)
            out.put(id)
        }
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let number = try reader.byte()
        guard let kind = DeliveryKind(rawValue: number) else { throw reader.unknown("kind of delivery", Int(number)) }
        self =
            switch kind {
            case .subscribed: .subscribed(try reader.get())
            case .unsubscribed: .unsubscribed(try reader.get())
            case .trialAsked: .trialAsked(try reader.get())
            case .tried: .tried(try reader.get(), try reader.get())
            case .retryAsked: .retryAsked(try reader.get())
            }
    }
}

extension Subscription: Stored {
    func write(to out: inout RecordWriter) {
        out.put(id)
        out.put(url)
        out.put(secret)
        out.put(createdAt)
        out.put(types.sorted { $0.rawValue < $1.rawValue })
        _ = out.fields()
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (id, url) = (try reader.get(SubscriptionID.self), try reader.get(String.self))
        let (secret, createdAt) = (try reader.get(String.self), try reader.get(Timestamp.self))
        let types = try reader.get([CallNews].self)
        _ = try reader.fields(0, of: "a subscription")
        self.init(id: id, url: url, types: Set(types), secret: secret, createdAt: createdAt)
    }
}

extension CallNews: Numbered {
    var number: UInt8 { rawValue }
    static let byNumber = table()
}

/// 16 bytes.
extension SubscriptionID: Stored {
    func write(to out: inout RecordWriter) { out.halves(high, low) }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (high, low) = try reader.halves()
        self.init(high: high, low: low)
    }
}

/// 16 bytes.
extension DeliveryID: Stored {
    func write(to out: inout RecordWriter) { out.halves(high, low) }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (high, low) = try reader.halves()
        self.init(high: high, low: low)
    }
}

extension DeliveryAttempt: Stored {
    func write(to out: inout RecordWriter) {
        out.put(at)
        out.put(milliseconds)
        let fields = out.fields()
        out.field(0, of: fields, status)
        out.field(1, of: fields, reason)
        out.field(2, of: fields, next)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let (at, milliseconds) = (try reader.get(Timestamp.self), try reader.get(Int.self))
        let fields = try reader.fields(3, of: "an attempt")
        self.init(
            at: at,
            status: try reader.field(0, of: fields),
            reason: try reader.field(1, of: fields),
            milliseconds: milliseconds,
            next: try reader.field(2, of: fields)
        )
    }
}

extension EventPlace: Stored {
    func write(to out: inout RecordWriter) {
        out.put(position)
        out.byte(part)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        let position = try reader.get(Position.self)
        let part = try reader.byte()
        guard part > 0 else { throw .malformed("the place of an event") }
        self.init(position, part: part)
    }
}

extension Delivery.Status: Numbered {
    var number: UInt8 {
        switch self {
        case .pending: 1
        case .delivered: 2
        case .failed: 3
        }
    }
    static let byNumber = table()
}

extension EventReceiver: Stored {
    func write(to out: inout RecordWriter) {
        switch self {
        case .subscription(let id):
            out.byte(1)
            out.put(id)
        case .order(let id):
            out.byte(2)
            out.put(id)
        }
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        switch try reader.byte() {
        case 1: self = .subscription(try reader.get())
        case 2: self = .order(try reader.get())
        case let number: throw reader.unknown("kind of receiver", Int(number))
        }
    }
}

extension Delivery.Subject: Stored {
    func write(to out: inout RecordWriter) {
        switch self {
        case .event(let news, let status, let id):
            out.byte(1)
            out.put(news)
            out.put(status)
            out.put(id)
        case .trial: out.byte(2)
        }
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        switch try reader.byte() {
        case 1: self = .event(try reader.get(), try reader.get(), try reader.get())
        case 2: self = .trial
        case let number: throw reader.unknown("subject of a delivery", Int(number))
        }
    }
}

/// As a part of a snapshot.
extension Delivery: Stored {
    func write(to out: inout RecordWriter) {
        out.put(id)
        out.put(receiver)
        out.put(subject)
        out.put(place)
        out.put(at)
        out.put(status)
        out.put(attempts)
        out.put(tries)
        out.put(due)
        let fields = out.fields()
        out.field(0, of: fields, settledBy)
    }

    init(from reader: inout RecordReader) throws(FormatError) {
        self.init(
            id: try reader.get(),
            receiver: try reader.get(),
            subject: try reader.get(),
            place: try reader.get(),
            at: try reader.get()
        )
        (status, attempts) = (try reader.get(), try reader.get())
        (tries, due) = (try reader.get(), try reader.get())
        let fields = try reader.fields(1, of: "a delivery")
        settledBy = try reader.field(0, of: fields)
    }
}
