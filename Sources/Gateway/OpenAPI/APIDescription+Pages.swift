extension APIDescription {
    /// `/docs`: the page for people.
    var pages: String {
        #"""
        {"paths": {
          "/docs": {"get": {
            "operationId": "get_docs",
            "tags": ["description"],
            "summary": "Read the reference page",
            "description": [
              "The page for people over `GET /openapi.json`: every request with samples to copy and a form to try it. It loads nothing",
              "from elsewhere."
            ],
            "security": [],
            "parameters": [{"$ref": "#/components/parameters/IfNoneMatch"}],
            "responses": {
              "200": {
                "description": "The page.",
                "headers": \#(Self.keptHeaders),
                "content": {"text/html": {}}
              },
              "304": \#(Self.notModified),
              "308": {
                "description": "The page is at `/docs`, without a slash at the end.",
                "headers": {"Location": {
                  "description": "The page, relative to the address of the request.",
                  "required": true, "schema": {"type": "string", "format": "uri-reference"}, "example": "../docs"
                }}
              }
            }
          }},
          "/docs/{file}": {"get": {
            "operationId": "get_docs_file",
            "tags": ["description"],
            "summary": "Read a file of the reference page",
            "description": "The styles, scripts and pictures of `GET /docs`.",
            "security": [],
            "parameters": [
              {
                "name": "file", "in": "path", "required": true, "description": "The name of the file.",
                "schema": {"type": "string", "enum": \#(json(Page.docs.files.keys.sorted()))}, "example": "page.js"
              },
              {"$ref": "#/components/parameters/IfNoneMatch"}
            ],
            "responses": {
              "200": {
                "description": "The file.",
                "headers": \#(Self.keptHeaders),
                "content": {"text/css": {}, "text/javascript": {}, "image/svg+xml": {}}
              },
              "304": \#(Self.notModified)
            },
            "errors": {"not_found": "The page has no such file."}
          }}
        }}
        """#
    }

    /// The headers of ``ServedFile``.
    static let keptHeaders = #"""
        {"ETag": {"$ref": "#/components/headers/ETag"}, "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}}
        """#

    static let notModified = #"""
        {"description": "It is still the one that you have. There is no body.", "headers": \#(keptHeaders)}
        """#
}
