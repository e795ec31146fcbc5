import CallDomain

/// The ranges of what Twilio sends. What lies outside of them counts as absent.
///
/// `Retry-After` has its bound where it is read, in ``TwilioAnswer``.
enum TwilioBounds {
    /// Of a call or a recording. No call lasts longer than a day, whatever `TimeLimit` it has.
    /// - SeeAlso: https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource
    static let seconds = 0...86_400
    /// Of a final response; 600 to 699 are global failures.
    /// - SeeAlso: https://www.rfc-editor.org/rfc/rfc3261#section-21
    static let sipResponseCode = 100...699
    /// Zero says that there is no error.
    /// - SeeAlso: https://www.twilio.com/docs/api/errors
    static let errorCode = 1...999_999
    /// Of `MachineDetectionDuration`, which includes the greeting of a machine where its end is waited for.
    static let detectionMilliseconds = 0...600_000
    static let time = ClosedRange<Timestamp>.plausible
}
