import CallDomain

// The numbers of words in every version. A number is never given to another word.

extension CallStatus: Numbered {
    var number: UInt8 {
        switch self {
        case .pending: 1
        case .unknown: 2
        case .unconfirmed: 3
        case .queued: 4
        case .initiated: 5
        case .ringing: 6
        case .inProgress: 7
        case .noAnswer: 8
        case .busy: 9
        case .failed: 10
        case .canceled: 11
        case .completed: 12
        }
    }
    static let byNumber = table()
}

extension CallDirection: Numbered {
    var number: UInt8 {
        switch self {
        case .outbound: 1
        case .inbound: 2
        }
    }
    static let byNumber = table()
}

extension CallError.Source: Numbered {
    var number: UInt8 {
        switch self {
        case .twilio: 1
        case .ultravox: 2
        case .gateway: 3
        }
    }
    static let byNumber = table()
}

extension StreamReport.Event: Numbered {
    var number: UInt8 {
        switch self {
        case .started: 1
        case .stopped: 2
        case .error: 3
        }
    }
    static let byNumber = table()
}

extension RecordingReport.Status: Numbered {
    var number: UInt8 {
        switch self {
        case .inProgress: 1
        case .absent: 2
        case .failed: 3
        case .completed: 4
        }
    }
    static let byNumber = table()
}

extension ConversationReport.Event: Numbered {
    var number: UInt8 {
        switch self {
        case .started: 1
        case .joined: 2
        case .ended: 3
        case .billed: 4
        }
    }
    static let byNumber = table()
}

extension CallOrder.MachineDetection: Numbered {
    var number: UInt8 {
        switch self {
        case .off: 1
        case .detect: 2
        case .hangUp: 3
        }
    }
    static let byNumber = table()
}

extension CallOrder.Join: Numbered {
    var number: UInt8 {
        switch self {
        case .eager: 1
        case .onAnswer: 2
        }
    }
    static let byNumber = table()
}
