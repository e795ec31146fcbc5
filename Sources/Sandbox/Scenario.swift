/// What happens at the far end of the line, and what goes wrong at Twilio, chosen by the last four digits of the called
/// number.
///
/// ``all`` is the one table: the command line and the README print it.
package struct Scenario: Sendable {
    /// How the attempt to reach somebody ends.
    enum Outcome: Sendable {
        case answered
        case busy
        case noAnswer
        /// The network gives up at once, without ringing.
        case unreachable
        /// Twilio's REST API refuses to create the call.
        case refused
    }

    /// Who ends the conversation, if nobody else does before.
    enum Ending: Sendable {
        case agent(after: Duration)
        case callee(after: Duration)
        case nobody
    }

    /// The last four digits of the called number.
    package let suffix: String
    /// One line for people.
    package let summary: String
    let outcome: Outcome
    let ring: Duration
    let ending: Ending
    let isMachine: Bool
    /// How Twilio misbehaves when the call is created.
    private(set) var requestFault: RequestFault?
    /// Whether only the first of two orders for a number meets the fault.
    private(set) var sparesRepetition = false
    /// How both vendors misbehave when they report the call; Ultravox from the join on.
    private(set) var webhookFault: WebhookFault?

    private init(
        _ suffix: String,
        _ summary: String,
        _ outcome: Outcome = .answered,
        ring: Duration = .milliseconds(1500),
        ending: Ending = .agent(after: .seconds(3)),
        isMachine: Bool = false
    ) {
        self.suffix = suffix
        self.summary = summary
        self.outcome = outcome
        self.ring = ring
        self.ending = ending
        self.isMachine = isMachine
    }

    /// An answered call that meets a fault.
    private init(_ suffix: String, _ summary: String, _ fault: RequestFault, sparesRepetition: Bool = false) {
        self.init(suffix, summary)
        requestFault = fault
        self.sparesRepetition = sparesRepetition
    }

    private init(_ suffix: String, _ summary: String, _ fault: WebhookFault) {
        self.init(suffix, summary)
        webhookFault = fault
    }

    /// Whether an order meets no fault, given how many there were for the same number before.
    func spares(orderAfter earlier: Int) -> Bool { sparesRepetition && !earlier.isMultiple(of: 2) }

    /// Every scenario, the default first.
    package static let all = [
        Scenario("0100", "answered; a conversation, then the agent hangs up"),
        Scenario("0101", "busy", .busy),
        Scenario("0102", "nobody answers", .noAnswer, ring: .seconds(5)),
        Scenario("0103", "fails: the number does not exist (SIP 404)", .unreachable),
        Scenario(
            "0104",
            "an answering machine answers; the agent talks to it unless somebody hangs up",
            ending: .agent(after: .seconds(4)),
            isMachine: true
        ),
        Scenario("0105", "answered; the callee hangs up early", ending: .callee(after: .milliseconds(1200))),
        Scenario("0107", "answered; the call lasts until it is ended through an API", ending: .nobody),
        Scenario("0108", "answered after ringing for 10 seconds", ring: .seconds(10)),
        Scenario("0109", "refused by Twilio when the call is created (21216)", .refused),
        Scenario("0110", "created, but Twilio closes the connection without an answer", .closeAfterReading(acts: true)),
        Scenario("0111", "created, but Twilio answers 503", .failure(status: 503, acts: true)),
        Scenario("0112", "not created: Twilio answers 503", .failure(status: 503)),
        Scenario(
            "0113",
            "Twilio answers 429 with `Retry-After: 1`; the next order for the number is accepted",
            .failure(status: 429, retryAfter: 1),
            sparesRepetition: true
        ),
        Scenario("0114", "created, but Twilio answers 20 seconds late", .lateAnswer(.seconds(20))),
        Scenario("0115", "created, but the answer has no CallSid", .sid(.missing)),
        Scenario("0116", "two callbacks arrive before Twilio's answer", .callbacksFirst(count: 2)),
        Scenario("0117", "answered; all callbacks and webhooks are lost, only the TwiML is requested", .lost),
        Scenario("0118", "answered; every callback, webhook and request for TwiML is sent twice at once", .doubled()),
        Scenario("0119", "answered; all callbacks and webhooks arrive at the end, in random order", .shuffled()),
    ]

    /// The scenario of a called number; any number not in the table is answered as `0100`.
    package static func of(number: String) -> Scenario {
        all.first { number.hasSuffix($0.suffix) } ?? all[0]
    }
}
