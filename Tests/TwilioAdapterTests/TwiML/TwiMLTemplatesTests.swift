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
            ("reject.xml", "<Response>\n<Say>{{massage}}</Say>\n</Response>", 2, "{{massage}} is not a placeholder"),
            ("reject.xml", "<Response>\n\n<Say>{{ message }}</Say></Response>", 3, "is not a placeholder"),
            ("hangup.xml", "<Response>{{join_url}}</Response>", 1, "not a placeholder of hangup.xml; it has none"),
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
        try expectRefusal(of: text, in: file, line: line, problem: problem)
    }

    @Test(
        "A document that cannot do its job stops the start, with file, line and what to write",
        arguments: [
            ("connect.xml", "<Response/>", 1, "<Response> is empty"),
            ("connect.xml", "<Response>\n<Hangup/></Response>", 1, "the agent is not connected: write <Connect>"),
            ("connect.xml", "<Response>\n<Connect/></Response>", 2, "<Connect> has no <Stream>"),
            (
                "connect.xml", "<Response>\n<Connect>\n<Stream url=\"wss://other.example/\"/></Connect></Response>", 3,
                "url of <Stream> must be \"{{join_url}}\""
            ),
            (
                "connect.xml", "<Response><Connect><Stream url=\"{{stream_status_url}}\"/></Connect></Response>", 1,
                "url of <Stream> must be"
            ),
            (
                "connect.xml", "<Response><Connect><Stream url=\"{{join_url}}?x=1\"/></Connect></Response>", 1,
                "and nothing else"
            ),
            (
                "connect.xml", "<Response>\n<Start><Stream url=\"{{join_url}}\"/></Start></Response>", 2,
                "<Start><Stream> only listens"
            ),
            (
                "connect.xml", "<Response>\n<connect><Stream url=\"{{join_url}}\"/></connect></Response>", 2,
                "names are case-sensitive: write <Connect>"
            ),
            (
                "connect.xml", "<Response><Connect>\n<stream url=\"{{join_url}}\"/></Connect></Response>", 2,
                "write <Stream>"
            ),
            (
                "connect.xml", "<Response>\n<Stream url=\"{{join_url}}\"/></Response>", 2,
                "<Stream> does not belong in <Response>, but in <Connect> or <Start> or <Stop>"
            ),
            (
                "connect.xml", "<Response><Connect>\n<Stream Url=\"{{join_url}}\"/></Connect></Response>", 2,
                "<Stream> has no attribute Url: write url"
            ),
            (
                "connect.xml",
                "<Response><Connect><Stream url=\"{{join_url}}\" statusCallbak=\"{{stream_status_url}}\"/></Connect>"
                    + "</Response>",
                1, "write statusCallback"
            ),
            (
                "connect.xml", "<Response><Connect><Stream url=\"{{join_url}}\" mode=\"x\"/></Connect></Response>", 1,
                "it knows url, name, track"
            ),
            (
                "connect.xml", "<Response><Conect><Stream url=\"{{join_url}}\"/></Conect></Response>", 1,
                "did you mean <Connect>?"
            ),
            (
                "connect.xml", "<Response>\n<Hangup/><Connect><Stream url=\"{{join_url}}\"/></Connect></Response>", 2,
                "<Hangup> ends the document"
            ),
            (
                "connect.xml",
                "<Response><Connect><Stream url=\"{{join_url}}\"/><Stream url=\"{{join_url}}\"/></Connect></Response>",
                1, "takes one <Stream>"
            ),
            (
                "connect.xml",
                "<Response><Connect><Stream url=\"{{join_url}}\" track=\"both_tracks\"/></Connect></Response>", 1,
                "31941"
            ),
            (
                "connect.xml",
                "<Response><Connect><Stream url=\"{{join_url}}\" statusCallback=\"{{stream_status_url}}\" "
                    + "statusCallbackMethod=\"GET\"/></Connect></Response>",
                1, "must be POST"
            ),
            ("unavailable.xml", "<Response/>", 1, "hears nothing: write <Say"),
            ("unavailable.xml", "<Response><Pause/>\n<Hangup/></Response>", 1, "hears nothing"),
            ("unavailable.xml", "<Response><Say> </Say></Response>", 1, "hears nothing"),
            ("unavailable.xml", "<Response>\n<Hangup/><Say>{{message}}</Say></Response>", 1, "hears nothing"),
            ("unavailable.xml", "<Response>\n<say>{{message}}</say></Response>", 2, "write <Say>"),
            ("unavailable.xml", "<Response>\n{{message}}</Response>", 1, "put it into <Say>"),
            ("fallback.xml", "<Response><Reject/></Response>", 1, "hears nothing"),
            ("fallback.xml", "<Response><Assistant/></Response>", 1, "<Assistant> is not a verb of TwiML"),
            (
                "fallback.xml", "<Response><Say><Pause/>{{message}}</Say></Response>", 1,
                "<Pause> does not belong in <Say>"
            ),
            ("reject.xml", "<Response></Response>", 1, "write <Reject/>"),
            ("reject.xml", "<Response><Pause/></Response>", 1, "the caller is not turned away"),
            ("reject.xml", "<Response><Say>{{message}}</Say>\n<Reject/></Response>", 2, "must be the first verb"),
            ("hangup.xml", "<Response/>", 1, "write <Hangup/>"),
            ("hangup.xml", "<Response><Say>Bye</Say></Response>", 1, "the call is not ended"),
            ("hangup.xml", "<Response>\n<Dial>+12025550143</Dial><Hangup/></Response>", 2, "<Dial> goes on with it"),
            ("hangup.xml", "<Response><HangUp/></Response>", 1, "write <Hangup>"),
        ]
    )
    func refusesIdleDocuments(file: String, text: String, line: Int, problem: String) throws {
        try expectRefusal(of: text, in: file, line: line, problem: problem)
    }

    @Test(
        "A document that does its job in other words is taken",
        arguments: [
            (
                "connect.xml",
                "<Response><Start><Recording channels=\"dual\"/></Start><Say>One moment.</Say><Connect>"
                    + "<Stream url=\"{{join_url}}\" name=\"a\" track=\"inbound_track\"><Parameter name=\"a\" value=\"b\"/>"
                    + "</Stream></Connect><Say>Goodbye.</Say></Response>"
            ),
            ("connect.xml", "<Response>\n<!-- ours -->\n<Connect><Stream url='{{join_url}}'/></Connect></Response>"),
            ("unavailable.xml", "<Response><Pause length=\"1\"/><Play>https://example.com/busy.mp3</Play></Response>"),
            ("unavailable.xml", "<Response><Dial><Number>+12025550143</Number></Dial></Response>"),
            ("fallback.xml", "<Response><Say voice=\"Polly.Joanna\"><s>Sorry.</s><break/></Say></Response>"),
            ("fallback.xml", "<Response><Redirect>https://example.com/other.xml</Redirect></Response>"),
            ("reject.xml", "<Response><Reject reason=\"busy\"/></Response>"),
            ("reject.xml", "<Response><Say>{{message}}</Say><Hangup/></Response>"),
            ("hangup.xml", "<Response><Reject/></Response>"),
        ]
    )
    func takesOtherWords(file: String, text: String) throws {
        try withDirectory([file: text]) { path in _ = try TwiMLTemplates(directory: path) }
    }

    private func expectRefusal(of text: String, in file: String, line: Int, problem: String) throws {
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
