import FoundationEssentials

/// The TwiML documents that we answer with: the files of a directory, and built-in copies of those it lacks.
package struct TwiMLTemplates: Sendable {
    private let templates: [TwiMLTemplate.Name: TwiMLTemplate]

    /// The `Content-Type` of what ``render(_:)`` returns.
    package static let contentType = "text/xml; charset=utf-8"

    /// Loads and checks the documents: each is rendered with difficult values and parsed.
    /// - Parameter directory: where `connect.xml`, `unavailable.xml`, `reject.xml`, `hangup.xml` and `fallback.xml` may
    ///   stand; `nil` for the built-in copies alone.
    /// - Throws: every problem, with file and line.
    package init(directory: String?) throws(TwiMLTemplateError) {
        var templates: [TwiMLTemplate.Name: TwiMLTemplate] = [:]
        var problems: [TwiMLTemplateError.Problem] = []
        if let directory {
            var isDirectory = false
            if !FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory) || !isDirectory {
                problems.append(.init(file: directory, line: nil, problem: "no such directory"))
            }
        }
        for name in TwiMLTemplate.Name.allCases {
            let file = directory.map { "\($0)/\(name.rawValue).xml" }
            do throws(TwiMLFault) {
                let text = try file.flatMap { path throws(TwiMLFault) in try Self.text(ofFile: path) } ?? name.builtIn
                templates[name] = try Self.checked(text, name)
            } catch {
                problems.append(
                    .init(
                        file: file ?? "\(name.rawValue).xml (built-in)",
                        line: error.line == 0 ? nil : error.line,
                        problem: error.problem
                    )
                )
            }
        }
        guard problems.isEmpty else { throw TwiMLTemplateError(problems: problems) }
        self.templates = templates
    }

    /// The finished document, to be sent as ``contentType``.
    package func render(_ document: TwiMLDocument) -> String {
        guard let template = templates[document.name] else {
            preconditionFailure("every document has a template: it was loaded in init")
        }
        return template.rendered(document.value(of:))
    }

    private static func checked(_ text: String, _ name: TwiMLTemplate.Name) throws(TwiMLFault) -> TwiMLTemplate {
        let template = try TwiMLTemplate(text, name: name)
        // Holds whatever ends a comment, a CDATA section, an attribute or a tag, so that a placeholder in a place where
        // escaping does not protect fails here.
        let sample = { (placeholder: TwiMLTemplate.Placeholder) in
            "wss://sample.example/\(placeholder.rawValue)/--]]>?>/\"'<&;"
        }
        let root = try TwiMLCheck.check(template.rendered(sample))
        try name.checkDuty(root, joinURL: sample(.joinURL), streamStatusURL: sample(.streamStatusURL))
        return template
    }

    /// - Returns: `nil` if there is no such file.
    private static func text(ofFile path: String) throws(TwiMLFault) -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        // To read a pipe would wait for whoever writes to it.
        let target = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
        let kind = try? FileManager.default.attributesOfItem(atPath: target)[.type] as? FileAttributeType
        guard kind == .typeRegular else {
            throw TwiMLFault(line: 0, problem: "is no regular file")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw TwiMLFault(line: 0, problem: "the file cannot be read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw TwiMLFault(line: 0, problem: "the file is not UTF-8")
        }
        return text
    }
}

/// Why the TwiML documents cannot be used.
package struct TwiMLTemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    package struct Problem: Sendable, Equatable {
        package var file: String
        /// From 1; `nil` if it concerns the whole file.
        package var line: Int?
        package var problem: String
    }

    package let problems: [Problem]

    /// One line for each problem: `twiml/connect.xml:4: not well-formed XML`.
    package var description: String {
        problems.map { problem in
            "\(problem.file):\(problem.line.map { "\($0):" } ?? "") \(problem.problem)"
        }.joined(separator: "\n")
    }
}
