import HTTPTypes
import Hummingbird

/// `/docs`: the page for people over `/openapi.json`, and the files that it consists of.
///
/// The page names its files and the description by relative addresses, so that it works behind a proxy that adds or
/// strips a prefix. They are relative to `/docs` without a slash at its end.
struct PageController: Sendable {
    private let page: ServedFile
    private let files: [String: ServedFile]

    init() {
        page = ServedFile(Page.docs.document.bytes, contentType: Page.docs.document.contentType)
        files = Page.docs.files.mapValues { ServedFile($0.bytes, contentType: $0.contentType) }
    }

    func addRoutes(to router: Router<GatewayContext>) {
        router.get("docs") { request, _ in
            if request.uri.path.hasSuffix("/") {
                return Response(status: .permanentRedirect, headers: [.location: "../docs"])
            }
            var response = page.answer(to: request)
            response.headers[.contentSecurityPolicy] = Self.policy
            return response
        }
        router.get("docs/{file}") { request, context in
            guard let file = files[try context.parameters.require("file")] else {
                throw Problem.notFound("The page at /docs has no such file.")
            }
            return file.answer(to: request)
        }
    }

    /// The page runs its own files and talks to this gateway, and to nobody else. It makes no markup of text: the browser
    /// would refuse that too.
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "font-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")
}
