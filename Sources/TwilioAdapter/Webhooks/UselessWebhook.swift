/// Why a verified webhook says nothing that we can use. The raw values are stable: operators see them in the
/// dead-letter list and in metrics.
package enum UselessWebhook: String, Error, Sendable, CaseIterable {
    case repeatedParameter = "repeated_parameter"
    /// The signed text holds the name of a parameter that decides, and the message does not have that parameter, or has it
    /// in another place: the borders between names and values, which Twilio's signature does not cover, may have been
    /// shifted.
    case shiftedParameter = "shifted_parameter"
    case malformedCallID = "malformed_call_id"
    case malformedCallSid = "malformed_call_sid"
    case malformedStreamSid = "malformed_stream_sid"
    case malformedRecordingSid = "malformed_recording_sid"
    case malformedSequenceNumber = "malformed_sequence_number"
    case malformedAnsweredBy = "malformed_answered_by"
    case unknownStatus = "unknown_status"
    case unknownEvent = "unknown_event"
}
