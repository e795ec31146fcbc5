import OrderedCollections

/// The type of a field in Ultravox's strictly parsed requests.
indirect enum ProtoType: Sendable {
    case string
    case bool
    case number
    case integer
    case duration
    /// Any JSON object, kept as it is.
    case structure
    /// Any JSON value, kept as it is.
    case value
    case enumeration(Set<String>)
    case message(String)
    case list(ProtoType)
    case map(ProtoType)
}

/// A message type and its strict parser.
struct ProtoMessage: Sendable {
    let name: String
    let fields: [String: ProtoType]

    /// Checks an object and normalises it: nulls are dropped, durations get their canonical form.
    /// - Throws: a 400 with the text of the protobuf parser.
    func parse(_ json: JSON) throws(UltravoxProblem) -> JSON {
        guard let members = json.object else {
            throw .detail("Failed to parse \(name): expected an object")
        }
        var parsed: JSON = [:]
        var result = parsed.object ?? [:]
        for (key, value) in members {
            guard let type = fields[key] else {
                throw .detail(#"Message type "ultravox.v1.\#(name)" has no field named "\#(key)""#)
            }
            guard value != .null else { continue }
            result[key] = try Self.parse(value, as: type, field: key)
        }
        parsed = .object(result)
        return parsed
    }

    private static func parse(_ value: JSON, as type: ProtoType, field: String) throws(UltravoxProblem) -> JSON {
        switch (type, value) {
        case (.string, .string), (.bool, .bool), (.number, .int), (.number, .double), (.integer, .int),
            (.structure, .object), (.value, _):
            return value
        case (.duration, .string(let text)):
            guard let duration = ProtoDuration(text) else { break }
            return .string(duration.normalized)
        case (.enumeration(let cases), .string(let text)):
            guard cases.contains(text) else { break }
            return value
        case (.message(let name), .object):
            guard let message = ProtoMessage.named(name) else { break }
            do throws(UltravoxProblem) {
                return try message.parse(value)
            } catch {
                throw .detail("Failed to parse \(field) field: " + (error.body["detail"]?.string ?? ""))
            }
        case (.list(let element), .array(let values)):
            var parsed: [JSON] = []
            for value in values { parsed.append(try parse(value, as: element, field: field)) }
            return .array(parsed)
        case (.map(let element), .object(var members)):
            for (key, value) in members { members[key] = try parse(value, as: element, field: field) }
            return .object(members)
        default:
            break
        }
        throw .detail("Failed to parse \(field) field: invalid value \(value.text)")
    }
}
