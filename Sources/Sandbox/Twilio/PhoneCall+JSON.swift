import FoundationEssentials
import OrderedCollections

extension PhoneCall {
    private var uri: String { "/2010-04-01/Accounts/\(accountSid)/Calls/\(sid)" }

    /// The call object of the REST API: absent values are null, numbers are texts.
    var json: JSON {
        [
            "sid": .string(sid),
            "date_created": .string(VendorTime.rfc2822(created)),
            "date_updated": .string(VendorTime.rfc2822(updated)),
            "parent_call_sid": nil,
            "account_sid": .string(accountSid),
            "to": .string(order.to),
            "to_formatted": .string(Self.formatted(order.to)),
            "from": .string(order.from),
            "from_formatted": .string(Self.formatted(order.from)),
            "phone_number_sid": .string(OwnedNumber.sid(of: order.from)),
            "status": .string(status.rawValue),
            "start_time": JSON(started.map(VendorTime.rfc2822)),
            "end_time": JSON(ended.map(VendorTime.rfc2822)),
            "duration": JSON(durationSeconds.map(String.init)),
            "price": JSON(price),
            "price_unit": "USD",
            "direction": "outbound-api",
            "answered_by": JSON(answeredBy),
            "annotation": nil,
            "api_version": "2010-04-01",
            "forwarded_from": nil,
            "group_sid": nil,
            "caller_name": nil,
            "queue_time": .string(String(queueMilliseconds)),
            "trunk_sid": nil,
            "uri": "\(uri).json",
            "subresource_uris": .object(
                .init(
                    uniqueKeysWithValues: Self.subresources.map { ($0.0, .string("\(uri)/\($0.1).json")) }
                )
            ),
        ]
    }

    /// The object of the answer that creates the call, in which no time is known yet.
    var creationJSON: JSON {
        guard case .object(var members) = json else { return json }
        members["date_created"] = .null
        members["date_updated"] = .null
        return .object(members)
    }

    /// Filled in some time after the end; begun minutes of an answered call are charged.
    private var price: String? {
        guard isSettled, answered != nil, let durationSeconds else { return nil }
        let thousandths = (durationSeconds + 59) / 60 * 14
        let digits = String(thousandths % 1000)
        return "-\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits + "00"
    }

    private var queueMilliseconds: Int {
        started.map { Int($0.timeIntervalSince(created) * 1000) } ?? 0
    }

    /// US and Canadian numbers are formatted for display, all others stay as they are.
    static func formatted(_ number: String) -> String {
        let digits = number.dropFirst(2)
        guard number.hasPrefix("+1"), digits.count == 10 else { return number }
        return "(\(digits.prefix(3))) \(digits.dropFirst(3).prefix(3))-\(digits.suffix(4))"
    }

    private static let subresources = [
        ("notifications", "Notifications"), ("recordings", "Recordings"), ("payments", "Payments"),
        ("events", "Events"), ("siprec", "Siprec"), ("streams", "Streams"), ("transcriptions", "Transcriptions"),
        ("user_defined_message_subscriptions", "UserDefinedMessageSubscriptions"),
        ("user_defined_messages", "UserDefinedMessages"),
    ]
}
