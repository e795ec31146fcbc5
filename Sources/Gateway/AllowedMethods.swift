import HTTPTypes
import Hummingbird

extension Router where Context == GatewayContext {
    /// Answers 405 with `Allow` for every method that a known path does not support; the router would answer 404. Call
    /// it after all routes are added.
    func refuseOtherMethods() {
        let all: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]
        for (path, routes) in Dictionary(grouping: routes, by: \.path.description) {
            var methods = Set(routes.map(\.method))
            if methods.contains(.get) { methods.insert(.head) }
            let allowed = methods.map(\.rawValue).sorted().joined(separator: ", ")
            for method in all where !methods.contains(method) {
                on(RouterPath(path), method: method) { _, _ -> Response in
                    let advice = path == "/calls" ? " POST /calls/{agent_id} places a call." : ""
                    var problem = Problem(.methodNotAllowed, "This path supports \(allowed).\(advice)")
                    problem.headers[.allow] = allowed
                    throw problem
                }
            }
        }
    }
}
