import CallDomain
import Hummingbird

/// `/openapi.json`: the description of the API, which does not change while the gateway runs.
struct OpenAPIController: Sendable {
    private let file: ServedFile

    init(_ description: APIDescription) {
        file = ServedFile(description.document.encoded, contentType: "application/json")
    }

    func addRoutes(to router: Router<GatewayContext>) {
        router.get("openapi.json") { request, _ in file.answer(to: request) }
    }
}
