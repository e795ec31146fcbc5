package import Foundation

/// The parameters and fields that a vendor documents, read from a table in `fixtures/`, and a checker against them.
///
/// Requests of our adapters, answers of our sandbox and recorded webhooks are held against the same tables, so that two
/// readings of the vendor's documents meet in one place. `fixtures/README.md` describes the format and the sources.
/// A check returns one sentence per violation, beginning with the path of the field; none means that all is well.
package struct ParameterTable: Sendable {
    /// Which way the described messages travel: to a vendor, or from it.
    package enum Direction: Sendable {
        /// To the vendor: fields that only the vendor sets are violations.
        case request
        /// From the vendor: fields that the vendor never returns are violations.
        case answer
    }

    let types: [String: ParameterType]
    let direction: Direction
    /// The type that `violations(inForm:)` checks against; nil in tables of JSON.
    let formType: String?

    /// Reads a table.
    /// - Parameters:
    ///   - path: The file, below `fixtures/`.
    ///   - direction: Which way the messages travel.
    ///   - formType: The type of forms, in a table of form parameters.
    /// - Throws: A `DecodingError` that names what is no table.
    package init(path: String, direction: Direction, formType: String? = nil) throws {
        self.init(types: try Fixture.decode(from: path), direction: direction, formType: formType)
    }

    /// Reads a table from its text.
    package init(json: Data, direction: Direction, formType: String? = nil) throws {
        let types = try JSONDecoder().decode([String: ParameterType].self, from: json)
        self.init(types: types, direction: direction, formType: formType)
    }

    private init(types: [String: ParameterType], direction: Direction, formType: String?) {
        self.types = types
        self.direction = direction
        self.formType = formType
    }

    /// The form of `POST /2010-04-01/Accounts/{AccountSid}/Calls.json`.
    package static let twilioCreateCall = given("twilio/parameters.json", .request, formType: "CreateCall")
    /// The form of `POST /2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json`.
    package static let twilioUpdateCall = given("twilio/parameters.json", .request, formType: "UpdateCall")
    /// The query of `GET /2010-04-01/Accounts/{AccountSid}/Calls.json`.
    package static let twilioListCalls = given("twilio/parameters.json", .request, formType: "ListCalls")
    /// Answers of the Calls resource: `Call`, `CallList`, `Error`.
    package static let twilioAnswers = given("twilio/call-answer.json", .answer)
    /// Bodies sent to Ultravox: `CreateAgent`, `PatchAgent`, `StartAgentCall`, `SendDataMessage/<type>`.
    package static let ultravoxRequests = given("ultravox/requests.json", .request)
    /// Bodies sent by Ultravox: `Agent`, `AgentPage`, `Call`, `CallPage`, `MessagePage`, `Account`, `VoicePage`,
    /// `ModelPage`, `WebhookEvent`.
    package static let ultravoxAnswers = given("ultravox/answers.json", .answer)

    private static func given(_ path: String, _ direction: Direction, formType: String? = nil) -> ParameterTable {
        do {
            return try ParameterTable(path: path, direction: direction, formType: formType)
        } catch {
            fatalError("fixtures/\(path) is no table of parameters: \(error)")
        }
    }

    /// What is wrong with the table itself: fields of types that it lacks, patterns that do not compile, rules over
    /// fields that do not exist.
    package func flaws() -> [String] {
        var flaws: [String] = []
        if let formType, types[formType] == nil {
            flaws.append("\(formType): the form's type is not in the table")
        }
        for (name, type) in types {
            for (fieldName, field) in type.fields {
                if let missing = field.kind.referencedType, types[missing] == nil {
                    flaws.append("\(name).\(fieldName): type \(missing) is not in the table")
                }
                for pattern in [field.pattern, field.keyPattern].compactMap(\.self)
                where (try? Regex(pattern)) == nil {
                    flaws.append("\(name).\(fieldName): pattern \(pattern) does not compile")
                }
            }
            for rule in type.rules {
                for fieldName in rule.fields where type.fields[fieldName] == nil {
                    flaws.append("\(name): a rule names the unknown field \(fieldName)")
                }
            }
        }
        return flaws.sorted()
    }
}
