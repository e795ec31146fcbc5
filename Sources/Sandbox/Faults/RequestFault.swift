import OrderedCollections

/// How a stand-in can misbehave towards a request.
///
/// `acts` says whether the vendor does what it was asked before it fails: the call is created and lives on, though the
/// client does not learn of it. All times here are real ones, which the tempo does not shorten.
package enum RequestFault: Sendable, Equatable {
    /// Acts late, and answers.
    case delay(Duration)
    /// Acts at once, and answers late.
    case lateAnswer(Duration)
    /// An error in the vendor's own form, 400 to 599; below 500 the vendor never acts. `retryAfter` is in seconds.
    case failure(status: Int, acts: Bool = false, retryAfter: Int? = nil)
    /// The next connection is reset as soon as it is accepted. The listening socket stays open, so the client's
    /// `connect` succeeds. A request on a connection that was open before is answered with the same reset. A connection
    /// to the control API counts as well; the other stand-in's control API can be used meanwhile.
    case refuse
    /// Closes when a request begins, without looking at more than its head.
    case closeBeforeReading
    /// Closes when half of the body has come.
    case closeWhileReading
    /// Closes in good order instead of an answer.
    case closeAfterReading(acts: Bool = false)
    /// Closes with a TCP reset instead of an answer.
    case reset(acts: Bool = false)
    /// Sends the first byte of an answer, and closes.
    case oneByte(acts: Bool = false)
    /// Closes as ``closeAfterReading(acts:)`` does, but only when a request comes for the first time: a repetition with
    /// the same method, target and body is answered.
    case closeOnce(acts: Bool = false)
    /// Acts, announces the whole answer and closes after half of its body.
    case truncated
    /// Acts, and spoils the identifier in the answer: Twilio's `sid`, Ultravox's `callId`.
    case sid(IdentifierFlaw)
    /// Acts, and spoils the `joinUrl` in the answer. Ultravox only.
    case joinURL(JoinURLFlaw)
    /// A web page instead of JSON.
    case html(status: Int = 200, acts: Bool = false)
    /// Any answer, word for word: a vendor's refusal, or what a proxy on the way says of its own; that
    /// may come after the vendor has acted. JSON goes out as such, any other text as a web page. `retryAfter` is in
    /// seconds.
    case answer(status: Int, body: String, acts: Bool = false, retryAfter: Int? = nil)
    /// A 301 to another place; by default to ``elsewhere``.
    case redirect(location: String = elsewhere, acts: Bool = false)
    /// A good status, then a body that trickles until the client goes: `bytes` each `pause`.
    case endless(bytes: Int = 1024, pause: Duration = .milliseconds(100), acts: Bool = false)
    /// A good status, then a gzip file of about a thousandth of the `bytes` that it inflates to.
    case gzipBomb(bytes: Int = 1 << 30, acts: Bool = false)
    /// Acts, and answers only when so many webhooks of the new call were delivered, or after the longest wait.
    case callbacksFirst(count: Int = 1, atMost: Duration = .seconds(10))

    /// What is wrong with an identifier.
    package enum IdentifierFlaw: String, Sendable, CaseIterable {
        case missing
        /// Text that would leave its place in a URL.
        case malformed
        /// Of another call, if there is one, else of none.
        case foreign
    }

    /// What is wrong with a join URL.
    package enum JoinURLFlaw: String, Sendable, CaseIterable {
        case missing
        /// `ws`, not `wss`.
        case insecure
        /// Quotes that would end an attribute.
        case quotes
        /// Tags that would add a verb.
        case markup
    }

    /// The discard port, where nobody listens.
    package static let elsewhere = "http://127.0.0.1:9/elsewhere"

    /// When a fault strikes, and therefore what is known of the request by then.
    enum Stage {
        case connection
        case head
        case request
    }

    var stage: Stage {
        switch self {
        case .refuse: .connection
        case .closeBeforeReading, .closeWhileReading: .head
        case .delay, .lateAnswer, .failure, .closeAfterReading, .reset, .oneByte, .closeOnce, .truncated, .sid,
            .joinURL, .html, .answer, .redirect, .endless, .gzipBomb, .callbacksFirst:
            .request
        }
    }

    /// As the control API and the ledger name it.
    var name: String {
        switch self {
        case .delay: "delay"
        case .lateAnswer: "late_answer"
        case .failure: "failure"
        case .refuse: "refuse"
        case .closeBeforeReading: "close_before_reading"
        case .closeWhileReading: "close_while_reading"
        case .closeAfterReading: "close_after_reading"
        case .reset: "reset"
        case .oneByte: "one_byte"
        case .closeOnce: "close_once"
        case .truncated: "truncated"
        case .sid: "sid"
        case .joinURL: "join_url"
        case .html: "html"
        case .answer: "answer"
        case .redirect: "redirect"
        case .endless: "endless"
        case .gzipBomb: "gzip_bomb"
        case .callbacksFirst: "callbacks_first"
        }
    }

    /// The options as the control API names them.
    var options: OrderedDictionary<String, JSON> {
        switch self {
        case .delay(let time), .lateAnswer(let time): ["ms": .milliseconds(time)]
        case .failure(let status, let acts, let retryAfter):
            ["status": .int(status), "acts": .bool(acts), "retry_after": retryAfter.map(JSON.int) ?? .null]
        case .refuse, .closeBeforeReading, .closeWhileReading, .truncated: [:]
        case .closeAfterReading(let acts), .reset(let acts), .oneByte(let acts), .closeOnce(let acts):
            ["acts": .bool(acts)]
        case .sid(let flaw): ["variant": .string(flaw.rawValue)]
        case .joinURL(let flaw): ["variant": .string(flaw.rawValue)]
        case .html(let status, let acts): ["status": .int(status), "acts": .bool(acts)]
        case .answer(let status, let body, let acts, let retryAfter):
            [
                "status": .int(status), "body": (try? JSON(parsing: Array(body.utf8))) ?? .string(body),
                "acts": .bool(acts), "retry_after": retryAfter.map(JSON.int) ?? .null,
            ]
        case .redirect(let location, let acts): ["location": .string(location), "acts": .bool(acts)]
        case .endless(let bytes, let pause, let acts):
            ["bytes": .int(bytes), "ms": .milliseconds(pause), "acts": .bool(acts)]
        case .gzipBomb(let bytes, let acts): ["bytes": .int(bytes), "acts": .bool(acts)]
        case .callbacksFirst(let count, let longest): ["count": .int(count), "ms": .milliseconds(longest)]
        }
    }
}

extension JSON {
    /// A duration in whole milliseconds.
    static func milliseconds(_ time: Duration) -> JSON { .int(Int(time / .milliseconds(1))) }
}
