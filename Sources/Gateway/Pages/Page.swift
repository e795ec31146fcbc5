import CPages

/// A page that is built into the executable: its document, and the files that it consists of.
struct Page: Sendable {
    struct File: Sendable {
        let bytes: [UInt8]
        let contentType: String
    }

    /// HTML.
    let document: File
    let files: [String: File]

    /// The reference page.
    static let docs = Page(cpages_docs)

    private init(_ page: cpages_page) {
        document = File(page.document)
        files = UnsafeBufferPointer(start: page.files, count: page.file_count).reduce(into: [:]) { files, file in
            files[String(cString: file.name)] = File(file)
        }
    }
}

extension Page.File {
    /// - Precondition: the name ends in the extension of a type that pages have.
    fileprivate init(_ file: cpages_file) {
        let name = String(cString: file.name)
        bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
        switch name.split(separator: ".").last {
        case "html": contentType = "text/html; charset=utf-8"
        case "css": contentType = "text/css; charset=utf-8"
        case "js": contentType = "text/javascript; charset=utf-8"
        case "svg": contentType = "image/svg+xml"
        default: preconditionFailure("no type is known for \(name)")
        }
    }
}
