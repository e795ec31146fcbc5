import CallDomain
import HTTPTypes
import Hummingbird
import TestSupport
import Testing

@testable import Gateway

@Suite struct `The description of the API` {
    private let document = APIDescription(
        publicBaseURL: "https://gw.example.com/",
        version: "1.2.3",
        maxCallDuration: .seconds(3600)
    ).document

    private var operations: [(path: String, method: String, operation: JSONValue)] {
        (document["paths"]?.objectValue ?? [:]).flatMap { path, item in
            (item.objectValue ?? [:]).map { (path, $0.key.uppercased(), $0.value) }
        }
    }

    @Test func `has every route of the router, and no other`() throws {
        let served = try wholeGateway().servedRoutes().routes.map { "\($0.method.rawValue) \($0.path)" }
        let described = operations.map { "\($0.method) \($0.path)" }
        #expect(Set(described).subtracting(served) == [], "described, not served")
        #expect(Set(served).subtracting(described) == [], "served, not described")
        #expect(served.count == described.count && served.count > 25)
    }

    @Test func `has every problem code with its status, and no other`() throws {
        let components = try #require(document["components"])
        let examples = try #require(components["examples"]?.objectValue)
        for (code, example) in examples {
            #expect(example["value"]?["code"]?.stringValue == code)
            #expect(example["value"]?["status"]?.intValue == Problem.Code(rawValue: code)?.status.code)
        }
        #expect(Set(examples.keys) == Set(Problem.Code.allCases.map(\.rawValue)))

        var answered: Set<String> = ["method_not_allowed"]
        for (path, method, operation) in operations {
            for (status, response) in operation["responses"]?.objectValue ?? [:] where status != "default" {
                for code in response["content"]?[Problem.contentType]?["examples"]?.objectValue?.keys ?? [] {
                    #expect(Problem.Code(rawValue: code).map { String($0.status.code) } == status, "\(method) \(path)")
                    answered.insert(code)
                }
            }
        }
        #expect(answered == Set(examples.keys))

        let known = components["schemas"]?["ProblemCode"]?["anyOf"]?.arrayValue?.first
        let words = try #require(known?["enum"]?.arrayValue)
        let early = Refusal.allCases.compactMap { refusal in
            refusal.problem(limits: ConnectionLimits())
                .flatMap { try? JSONParser.parse(Array($0.utf8))["code"]?.stringValue }
        }
        #expect(Set(words.compactMap(\.stringValue)) == Set(examples.keys).union(early))
        #expect(Set(words.compactMap(\.stringValue)).count == words.count)
    }

    @Test func `refers to nothing that is not there, and has no component in vain`() throws {
        var referred: Set<String> = []
        forEachObject { _, object in
            guard let reference = object["$ref"]?.stringValue else { return }
            referred.insert(reference)
        }
        for reference in referred {
            let names = try #require(reference.hasPrefix("#/") ? reference.split(separator: "/").dropFirst() : nil)
            let found = names.reduce(Optional(document)) { $0?[String($1)] }
            #expect(found != nil, "\(reference)")
        }
        for kind in ["schemas", "parameters", "headers"] {
            for name in document["components"]?[kind]?.objectValue?.keys ?? [] {
                #expect(referred.contains("#/components/\(kind)/\(name)"), "nobody refers to \(kind)/\(name)")
            }
        }
    }

    @Test func `names each operation once, says what it is for, and which key it needs`() throws {
        let tags = try #require(document["tags"]?.arrayValue).compactMap { $0["name"]?.stringValue }
        var names: Set<String> = []
        for (path, method, operation) in operations {
            let name = try #require(operation["operationId"]?.stringValue, "\(method) \(path)")
            #expect(names.insert(name).inserted, "\(name) stands twice")
            let isSnakeCase = name.utf8.allSatisfy { $0 == 0x5F || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
            #expect(isSnakeCase, "\(name)")
            #expect(operation["summary"]?.stringValue?.isEmpty == false, "\(name)")
            #expect(operation["description"]?.stringValue?.isEmpty == false, "\(name)")
            let its = operation["tags"]?.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(its.count == 1 && tags.contains(its[0]), "\(name)")
            #expect(operation["errors"] == nil, "\(name)")
            let isPublic =
                path == "/openapi.json" || ["/webhooks/", "/health/", "/docs"].contains(where: path.hasPrefix)
            #expect((operation["security"]?.arrayValue == []) == isPublic, "\(name)")
            // Path parameters stand in the path.
            let parameters = (operation["parameters"]?.arrayValue ?? []).map(resolved)
            let inPath = parameters.filter { $0["in"] == "path" }.compactMap { $0["name"]?.stringValue }
            let captured = path.split(separator: "/").filter { $0.hasPrefix("{") }.map(String.init)
            #expect(inPath.map { "{\($0)}" } == captured, "\(name)")
        }
    }

    @Test func `explains every parameter, header, answer, schema and member`() {
        var explained = 0
        forEachObject { place, object in
            switch place.dropLast().last {
            case "properties", "schemas", "responses", "headers":
                explained += 1
                let isExplained = resolved(.object(object))["description"]?.stringValue?.isEmpty == false
                #expect(isExplained, "\(place.joined(separator: "/"))")
            default: break
            }
            if object["in"] != nil {
                #expect(object["description"]?.stringValue?.isEmpty == false, "\(place.joined(separator: "/"))")
            }
        }
        #expect(explained > 500)
    }

    @Test func `says in which unit a number counts`() {
        forEachObject { place, object in
            guard let name = place.last, name.hasSuffix("_seconds") else { return }
            #expect(object["description"]?.stringValue?.contains("seconds") == true, "\(place.joined(separator: "/"))")
        }
    }

    @Test func `leaves words of answers open for later versions`() {
        // What a client sends is closed, and so are the places where this is said on purpose.
        let closed = ["Order", "AgentRequest", "DialingRequest", "SubscriptionRequest", "Tool"]
        forEachObject { place, object in
            guard object["enum"] != nil, place.contains("schemas"), !closed.contains(where: place.contains) else {
                return
            }
            #expect(place.dropLast().last == "anyOf", "\(place.joined(separator: "/"))")
        }
    }

    @Test func `links answers to operations that take what they give`() throws {
        let byName = Dictionary(
            uniqueKeysWithValues: operations.map { ($0.operation["operationId"]?.stringValue ?? "", $0.operation) }
        )
        var linked: Set<String> = []
        for (_, _, operation) in operations {
            for response in (operation["responses"]?.objectValue ?? [:]).values {
                for (name, link) in response["links"]?.objectValue ?? [:] {
                    let target = try #require(byName[link["operationId"]?.stringValue ?? ""], "\(name)")
                    let parameters = (target["parameters"]?.arrayValue ?? []).map(resolved)
                    #expect(link["parameters"]?.objectValue?.keys.elementsEqual(["id"]) == true, "\(name)")
                    #expect(parameters.contains { $0["in"] == "path" && $0["name"] == "id" }, "\(name)")
                    #expect(link["description"]?.stringValue?.isEmpty == false, "\(name)")
                    linked.insert(name)
                }
            }
        }
        #expect(linked.count == 10)
    }

    @Test func `tells the facts of this gateway`() throws {
        #expect(document["openapi"] == "3.1.0")
        #expect(document["info"]?["version"] == "1.2.3")
        #expect(document["servers"]?.arrayValue?.first?["url"] == "https://gw.example.com")
        let order = document["components"]?["schemas"]?["Order"]?["properties"]
        #expect(order?["max_duration_seconds"]?["maximum"]?.intValue == 3600)
        #expect(document["components"]?["parameters"]?["Limit"]?["schema"]?["maximum"]?.intValue == 200)
    }

    private func resolved(_ value: JSONValue) -> JSONValue {
        guard value["description"] == nil, let reference = value["$ref"]?.stringValue else { return value }
        return reference.split(separator: "/").dropFirst().reduce(Optional(document)) { $0?[String($1)] } ?? .null
    }

    /// Visits every object of the document but those in examples, with the names on the way to it.
    private func forEachObject(_ visit: (_ place: [String], _ object: JSONObject) -> Void) {
        func walk(_ value: JSONValue, _ place: [String]) {
            switch value {
            case .null, .bool, .number, .string: break
            case .array(let values):
                for (index, value) in values.enumerated() { walk(value, place + [String(index)]) }
            case .object(let members):
                visit(place, members)
                for (name, value) in members where !["value", "example"].contains(name) { walk(value, place + [name]) }
            }
        }
        walk(document, [])
    }
}
