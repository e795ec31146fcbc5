import CallDomain
import Foundation
import TestSupport
import Testing

@testable import TwilioAdapter

@Suite("TwiML documents")
struct TwiMLTemplatesTests {
    private static let ours = Fixture.packageRoot.appending(path: "twiml").path

    private static func document(_ name: TwiMLTemplate.Name) throws -> TwiMLDocument {
        switch name {
        case .connect:
            .connect(
                joinURL: try #require(JoinURL("wss://prod-voice.example.com/calls/0b5e/telephony")),
                streamStatusURL: "https://gw.example.com/webhooks/twilio/stream?call=call_01jd9z7q0v3r2m8k4t6w5x1y0a"
            )
        case .unavailable: .unavailable()
        case .reject: .reject
        case .hangup: .hangUp
        case .fallback: .fallback()
        }
    }

    /// `UPDATE_GOLDEN=1` rewrites `fixtures/twiml/` from what is rendered.
    @Test("Each document is the golden one", arguments: TwiMLTemplate.Name.allCases)
    func matchesGolden(name: TwiMLTemplate.Name) throws {
        let golden = Fixture.root.appending(path: "twiml/\(name.rawValue).xml")
        let document = try Self.document(name)
        let rendered = try TwiMLTemplates(directory: nil).render(document)
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            try Data(rendered.utf8).write(to: golden)
        }
        #expect(try Data(contentsOf: golden) == Data(rendered.utf8))
        #expect(try TwiMLTemplates(directory: Self.ours).render(document) == rendered)
    }

    @Test("The built-in copies are the files of twiml/", arguments: TwiMLTemplate.Name.allCases)
    func buildsInTheFiles(name: TwiMLTemplate.Name) throws {
        let file = Fixture.packageRoot.appending(path: "twiml/\(name.rawValue).xml")
        #expect(try Data(contentsOf: file) == Data(name.builtIn.utf8))
    }

    @Test(
        "No value leaves its place",
        arguments: [
            "\"/><Dial>+19005550100</Dial><Say x=\"", "'/><Hangup/>",
            "</Say><Redirect>https://evil.example</Redirect><Say>",
            "<![CDATA[", "]]>", "<!--", "-->", "&lt;", "&#34;", "&", "{{join_url}}", "\"\u{301}><Dial/>",
            "<\u{338}Dial/>",
            "'\u{20D2}", "&\u{301}amp;", "\u{0}\u{1}\u{B}\u{C}\u{1F}", "\u{FFFE}\u{FFFF}", "a\u{85}\u{2028}b\u{1F4A5}",
            "\r\n\t", "<?xml version=\"1.0\"?>",
        ]
    )
    func confinesValues(value: String) throws {
        let templates = try TwiMLTemplates(directory: nil)
        let url = "https://h/stream?call=" + value
        let connect = templates.render(
            .connect(joinURL: try #require(JoinURL("wss://h/j")), streamStatusURL: url)
        )
        let said = templates.render(.unavailable(SpokenText(value, language: value)))
        let allowed = String(
            String.UnicodeScalarView(
                value.unicodeScalars.filter {
                    $0.value >= 0x20 && $0.value != 0xFFFE && $0.value != 0xFFFF || "\t\n\r".unicodeScalars.contains($0)
                }
            )
        )
        let connected = try Elements(of: connect)
        #expect(connected.names == ["Response", "Connect", "Stream", "Hangup"])
        #expect(connected.attributes["statusCallback"].map(flat) == flat("https://h/stream?call=" + allowed))
        let spoken = try Elements(of: said)
        #expect(spoken.names == ["Response", "Say", "Hangup"])
        #expect(flat(spoken.text) == flat(allowed))
        #expect(spoken.attributes["language"].map(flat) == flat(allowed))
    }

    /// White space becomes spaces in attributes and at line ends.
    private func flat(_ text: String) -> [UInt8] {
        text.utf8.filter { $0 > 0x20 }
    }

    @Test("Files replace the built-in copies one by one")
    func loadsFileByFile() throws {
        try withDirectory(["hangup.xml": "<Response><Say>Bye</Say><Hangup/></Response>", "README.md": "{{x}}"]) {
            path in
            let templates = try TwiMLTemplates(directory: path)
            #expect(templates.render(.hangUp) == "<Response><Say>Bye</Say><Hangup/></Response>")
            #expect(templates.render(.reject) == TwiMLTemplate.Name.reject.builtIn)
        }
    }

    @Test(
        "A bad document stops the start, with file and line",
        arguments: [
            ("reject.xml", "<Response>\n<Say>{{massage}}</Say>\n</Response>", 2, "{{massage}} is not known here"),
            ("reject.xml", "<Response>\n\n<Say>{{ message }}</Say></Response>", 3, "is not known here"),
            ("hangup.xml", "<Response>{{join_url}}</Response>", 1, "hangup.xml knows no placeholder"),
            ("unavailable.xml", "<Response><Say>{{message</Say></Response>", 1, "{{ without }}"),
            ("connect.xml", "<Response>\n<Connect>\n</Response>\n", 3, "not well-formed XML"),
            ("connect.xml", "<Response/>\n<Response/>", 2, "not well-formed XML"),
            ("connect.xml", "<Response>\n<Say>&nbsp;</Say></Response>", 2, "not well-formed XML"),
            ("connect.xml", "", 1, "not well-formed XML"), ("connect.xml", "hello", 1, "not well-formed XML"),
            ("connect.xml", " <?xml version=\"1.0\"?><Response/>", 1, "not well-formed XML"),
            ("connect.xml", "<response/>", 1, "the root element is not <Response>"),
            ("connect.xml", "<Response>\n<Connect><Stream url={{join_url}}/></Connect></Response>", 2, "well-formed"),
            ("connect.xml", "<Response>\n<!-- {{join_url}} --></Response>", 2, "not well-formed XML"),
            ("fallback.xml", "<Response><{{message}}/></Response>", 1, "not well-formed XML"),
            ("fallback.xml", "<!DOCTYPE Response [<!ENTITY e \"x\">]>\n<Response>&e;</Response>", 1, "document type"),
            ("fallback.xml", "<Response>" + String(repeating: " ", count: 64_000) + "</Response>", 1, "longer than"),
        ]
    )
    func refusesBadDocuments(file: String, text: String, line: Int, problem: String) throws {
        try withDirectory([file: text]) { path in
            let error = #expect(throws: TwiMLTemplateError.self) { try TwiMLTemplates(directory: path) }
            let found = try #require(error?.problems.first)
            #expect(error?.problems.count == 1)
            #expect(found.file == "\(path)/\(file)")
            #expect(found.line == line)
            #expect(found.problem.contains(problem), "\(found.problem)")
            #expect(error?.description == "\(path)/\(file):\(line): \(found.problem)")
        }
    }

    @Test("All problems are told at once")
    func tellsAllProblems() throws {
        try withDirectory(["connect.xml": "<a/>", "hangup.xml": "<b/>"]) { path in
            let error = #expect(throws: TwiMLTemplateError.self) { try TwiMLTemplates(directory: path) }
            #expect(error?.problems.count == 2)
        }
        #expect(throws: TwiMLTemplateError.self) { try TwiMLTemplates(directory: "/nonexistent/twiml") }
    }

    @Test("A file that is not UTF-8 is refused")
    func refusesOtherEncodings() throws {
        try withDirectory([:]) { path in
            try Data([0x3C, 0xFF]).write(to: URL(filePath: "\(path)/hangup.xml"))
            let error = #expect(throws: TwiMLTemplateError.self) { try TwiMLTemplates(directory: path) }
            #expect(error?.description == "\(path)/hangup.xml: the file is not UTF-8")
        }
    }

    private func withDirectory(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "twiml-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, text) in files { try Data(text.utf8).write(to: directory.appending(path: name)) }
        try body(directory.path)
    }
}
