/// Why a call went wrong.
package struct CallError: Sendable, Equatable {
    package enum Source: String, Sendable, CaseIterable {
        case twilio
        case ultravox
        case gateway
    }

    package var source: Source
    /// The vendor's error code, or a stable code of this gateway.
    package var code: String?
    package var message: String
    /// The final SIP response of the dialed leg.
    package var sipResponseCode: Int?

    package init(source: Source, code: String?, message: String, sipResponseCode: Int? = nil) {
        self.source = source
        self.code = code
        self.message = message
        self.sipResponseCode = sipResponseCode
    }
}

extension CallError {
    /// Of a call that Twilio did not know when it was to be ended.
    static let unknownToTwilio = "Twilio was asked to end the call and has no such call: it is over"
}
