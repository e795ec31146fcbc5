import CallDomain

// A record as an operator reads it. What may be shown is listed here; what is not listed appears in the unredacted form
// alone, so that nothing private is shown for want of a rule.

extension LoggedRecord {
    /// One line of `journal export`.
    func line(isUnredacted: Bool) -> JSONObject {
        var line: JSONObject = [
            "position": .string("\(position)"), "at": .string(record.at.rfc3339), "kind": .string(record.content.kind),
        ]
        line.merge(record.content.shown) { $1 }
        if isUnredacted { line.merge(["content": .reflecting(record.content)]) { $1 } }
        return line
    }
}

extension Record.Content {
    var kind: String {
        switch self {
        case .ordered: "ordered"
        case .told: "told"
        case .noted: "noted"
        case .undialed: "undialed"
        case .answerKept: "answer_kept"
        case .keyReleased: "key_released"
        case .dialingSet: "dialing_set"
        case .tidied: "tidied"
        case .erased: "erased"
        case .erasureNoted: "erasure_noted"
        case .delivering(.subscribed): "subscribed"
        case .delivering(.unsubscribed): "unsubscribed"
        case .delivering(.trialAsked): "trial_asked"
        case .delivering(.tried): "delivery_tried"
        case .delivering(.retryAsked): "retry_asked"
        }
    }

    /// What everybody may see.
    fileprivate var shown: JSONObject {
        switch self {
        case .ordered(let ordered):
            [
                "call": .string("\(ordered.id)"), "agent": .string("\(ordered.order.agentID)"),
                "phone_number": .string("\(ordered.order.phoneNumber)"), "has_key": .bool(ordered.key != nil),
            ]
        case .told(let message): message.fact.shown(of: message.claimed)
        case .noted(let id, let fact), .undialed(let id, let fact): fact.shown(of: id)
        case .answerKept(let name, let answer, let id):
            [
                "call": .string("\(id)"), "api_key": .string(name.caller), "status": .integer(answer.status),
                "bytes": .integer(answer.body.count),
            ]
        case .keyReleased(let name, let id): ["call": .string("\(id)"), "api_key": .string(name.caller)]
        case .dialingSet(let position): ["is_enabled": .bool(position.isEnabled)]
        case .tidied(let retention):
            [
                "retention_seconds": .integer(Int(retention.calls.components.seconds)),
                "maximum_calls": .integer(retention.maximumCalls),
            ]
        case .erased(let erased): ["call": .string("\(erased.id)")]
        case .erasureNoted(let id, .found): ["call": .string("\(id)"), "type": "found"]
        case .erasureNoted(let id, .deleted(let vendor, _)):
            ["call": .string("\(id)"), "type": "deleted", "source": .string(vendor.rawValue)]
        case .erasureNoted(let id, .journalCleaned): ["call": .string("\(id)"), "type": "journal_cleaned"]
        case .delivering(.subscribed(let subscription)): ["subscription": .string("\(subscription.id)")]
        case .delivering(.unsubscribed(let id)), .delivering(.trialAsked(let id)): ["subscription": .string("\(id)")]
        case .delivering(.tried(let id, let attempt)):
            [
                "delivery": .string("\(id)"), "has_succeeded": .bool(attempt.hasSucceeded),
                "status": .optional(attempt.status),
            ]
        case .delivering(.retryAsked(let id)): ["delivery": .string("\(id)")]
        }
    }
}

extension CallFact {
    fileprivate func shown(of call: CallID?) -> JSONObject {
        var shown: JSONObject = ["source": .string(source.rawValue), "type": .string(timelineType)]
        if let call { shown["call"] = .string("\(call)") }
        if let callSid { shown["call_sid"] = .string("\(callSid)") }
        if let vendorTime { shown["vendor_time"] = .string(vendorTime.rfc3339) }
        return shown
    }
}

extension JSONValue {
    /// Everything that a value holds, by its stored properties.
    static func reflecting(_ value: Any) -> JSONValue {
        switch value {
        case let json as JSONValue: return json
        case let object as JSONObject: return .object(object)
        case let text as String: return .string(text)
        case let flag as Bool: return .bool(flag)
        case let number as any BinaryInteger: return .number(JSONNumber(Int(clamping: number)))
        case let time as Timestamp: return .string(time.rfc3339)
        // Their descriptions are masked.
        case let number as PhoneNumber: return .string(number.text)
        case let url as JoinURL: return .string(url.text)
        case let digest as NameDigest: return .string(hex(digest.high) + hex(digest.low))
        case let duration as Duration: return .string("\(duration)")
        case let bytes as [UInt8]:
            return .string(String(validating: bytes, as: UTF8.self) ?? Hex.encode(bytes))
        default: return members(of: value)
        }
    }

    private static func hex(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func members(of value: Any) -> JSONValue {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.map { reflecting($0.value) } ?? .null
        case .collection, .set: return .array(mirror.children.map { reflecting($0.value) })
        case .enum where mirror.children.isEmpty: return .string("\(value)")
        default:
            // Identifiers, whose stored form is no text.
            if value is any CustomStringConvertible { return .string("\(value)") }
            var object = JSONObject()
            for (index, child) in mirror.children.enumerated() {
                object[child.label ?? "\(index)"] = reflecting(child.value)
            }
            return .object(object)
        }
    }
}
