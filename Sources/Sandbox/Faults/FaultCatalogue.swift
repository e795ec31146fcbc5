import OrderedCollections

/// Every fault by its name in the control API.
enum FaultCatalogue {
    /// Name, options and what happens, as `GET /_sandbox/faults` shows them.
    private static let entries: [(name: String, options: String, summary: String)] = [
        ("delay", "ms", "acts late, and answers"),
        ("late_answer", "ms", "acts at once, and answers late"),
        ("failure", "status, acts, retry_after", "an error in the vendor's form, before or after acting"),
        ("refuse", "", "the next connection is reset when accepted, also one to this API: use the other stand-in's"),
        ("close_before_reading", "", "closes after the request's head"),
        ("close_while_reading", "", "closes after half of the body"),
        ("close_after_reading", "acts", "closes instead of an answer"),
        ("reset", "acts", "resets the connection instead of an answer"),
        ("one_byte", "acts", "closes after one byte of an answer"),
        ("close_once", "acts", "closes instead of an answer; a repetition is answered"),
        ("truncated", "", "acts, and closes after half of the answer's body"),
        ("sid", "variant", "acts, and answers with a wrong identifier"),
        ("join_url", "variant", "acts, and answers with a wrong joinUrl"),
        ("html", "status, acts", "a web page instead of JSON"),
        ("answer", "status, body, acts, retry_after", "any answer word for word: JSON, or a text as a web page"),
        ("redirect", "location, acts", "a 301 to another address"),
        ("endless", "bytes, ms, acts", "a body that arrives slowly until the client disconnects"),
        ("gzip_bomb", "bytes, acts", "a small body that inflates to this many bytes"),
        ("callbacks_first", "count, ms", "acts, and answers after this many webhooks of the call"),
        ("lost", "", "the webhook is never sent"),
        ("doubled", "copies", "this many copies of the webhook at once"),
        ("shuffled", "seed", "all webhooks of a call at its end, in another order"),
        ("late", "ms", "the webhook is sent late"),
    ]

    static let names = entries.map(\.name)

    static let json: JSON = .array(
        entries.map { entry in
            [
                "fault": .string(entry.name), "options": .string(entry.options), "summary": .string(entry.summary),
            ]
        }
    )

    static func requestFault(_ name: String, _ form: inout FaultForm) throws(FaultProblem) -> RequestFault? {
        switch name {
        case "delay": return .delay(try form.time())
        case "late_answer": return .lateAnswer(try form.time())
        case "failure":
            guard let status = try form.integer("status") else { throw FaultProblem("status is missing") }
            return .failure(status: status, acts: try form.flag("acts"), retryAfter: try form.integer("retry_after"))
        case "refuse": return .refuse
        case "close_before_reading": return .closeBeforeReading
        case "close_while_reading": return .closeWhileReading
        case "close_after_reading": return .closeAfterReading(acts: try form.flag("acts"))
        case "reset": return .reset(acts: try form.flag("acts"))
        case "one_byte": return .oneByte(acts: try form.flag("acts"))
        case "close_once": return .closeOnce(acts: try form.flag("acts"))
        case "truncated": return .truncated
        case "sid": return try form.variant(RequestFault.IdentifierFlaw.self).map { .sid($0) }
        case "join_url": return try form.variant(RequestFault.JoinURLFlaw.self).map { .joinURL($0) }
        case "html": return .html(status: try form.integer("status") ?? 200, acts: try form.flag("acts"))
        case "answer":
            guard let status = try form.integer("status") else { throw FaultProblem("status is missing") }
            return .answer(
                status: status,
                body: try form.content("body"),
                acts: try form.flag("acts"),
                retryAfter: try form.integer("retry_after")
            )
        case "redirect":
            let location = try form.text("location") ?? RequestFault.elsewhere
            return .redirect(location: location, acts: try form.flag("acts"))
        case "endless":
            let bytes = try form.integer("bytes") ?? 1024
            return .endless(bytes: bytes, pause: try form.time(.milliseconds(100)), acts: try form.flag("acts"))
        case "gzip_bomb":
            return .gzipBomb(bytes: try form.integer("bytes") ?? 1 << 30, acts: try form.flag("acts"))
        case "callbacks_first":
            return .callbacksFirst(count: try form.integer("count") ?? 1, atMost: try form.time(.seconds(10)))
        default: return nil
        }
    }

    static func webhookFault(_ name: String, _ form: inout FaultForm) throws(FaultProblem) -> WebhookFault? {
        switch name {
        case "lost": return .lost
        case "doubled": return .doubled(copies: try form.integer("copies") ?? 2)
        case "shuffled": return .shuffled(seed: try form.seed() ?? 0)
        case "late": return .late(try form.time())
        default: return nil
        }
    }
}

extension FaultForm {
    fileprivate mutating func variant<Variant>(
        _ type: Variant.Type
    ) throws(FaultProblem) -> Variant? where Variant: CaseIterable & RawRepresentable<String> {
        Variant(rawValue: try choice("variant", Variant.allCases.map(\.rawValue)))
    }
}
