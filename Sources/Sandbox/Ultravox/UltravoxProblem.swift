import OrderedCollections

/// An error of Ultravox's REST API, in the shapes of its framework.
struct UltravoxProblem: Error {
    let status: Int
    let body: JSON

    static func detail(_ text: String, status: Int = 400) -> UltravoxProblem {
        UltravoxProblem(status: status, body: ["detail": .string(text)])
    }

    static func field(_ name: String, _ message: String) -> UltravoxProblem {
        UltravoxProblem(status: 400, body: .object([name: [.string(message)]]))
    }

    static let invalidKey = detail("Invalid API key", status: 403)
    static let notFound = detail("Not found.", status: 404)

    static func methodNotAllowed(_ method: String) -> UltravoxProblem {
        detail(#"Method "\#(method)" not allowed."#, status: 405)
    }

    var answer: VendorAnswer { .json(body, status: status) }
}
