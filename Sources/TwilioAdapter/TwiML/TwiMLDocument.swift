package import CallDomain

/// The documents that we answer to Twilio.
package enum TwiMLDocument: Sendable {
    /// Hand the audio to the agent until it hangs up.
    case connect(joinURL: JoinURL, streamStatusURL: String, language: String = SpokenText.defaultLanguage)
    /// Say that no agent is available, and hang up.
    case unavailable(SpokenText = .unavailable)
    /// Do not answer an inbound call. A template that would rather say so is given ``SpokenText/unavailable``.
    case reject
    case hangUp
    /// Apologise, because the document before could not be used, and hang up.
    case fallback(SpokenText = .apology)

    var name: TwiMLTemplate.Name {
        switch self {
        case .connect: .connect
        case .unavailable: .unavailable
        case .reject: .reject
        case .hangUp: .hangup
        case .fallback: .fallback
        }
    }

    func value(of placeholder: TwiMLTemplate.Placeholder) -> String {
        switch (placeholder, self) {
        case (.joinURL, .connect(let joinURL, _, _)): joinURL.text
        case (.streamStatusURL, .connect(_, let url, _)): url
        case (.message, .unavailable(let text)), (.message, .fallback(let text)): text.message
        case (.language, .unavailable(let text)), (.language, .fallback(let text)): text.language
        case (.message, .reject): SpokenText.unavailable.message
        case (.language, .reject): SpokenText.unavailable.language
        case (.language, .connect(_, _, let language)): language
        // A template is refused at load if it asks for what its document does not have.
        case (.joinURL, _), (.streamStatusURL, _), (.message, _), (.language, _): ""
        }
    }
}

/// A sentence for a caller's ear.
package struct SpokenText: Sendable, Equatable {
    package var message: String
    /// A language that Twilio speaks, such as `en-US`.
    /// - SeeAlso: https://www.twilio.com/docs/voice/twiml/say
    package var language: String

    package init(_ message: String, language: String = Self.defaultLanguage) {
        self.message = message
        self.language = language
    }

    package static let defaultLanguage = "en-US"
    package static let unavailable = SpokenText("We are sorry, nobody can take this call right now. Goodbye.")
    package static let apology = SpokenText("We are sorry, something went wrong on our side. Goodbye.")
}
