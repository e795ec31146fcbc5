/// What a client may send on a connection, and how long it may take.
///
/// Tests shorten the times; a server uses the defaults.
package struct ConnectionLimits: Sendable {
    /// Bytes of a request target; one more is 414.
    package var requestTarget = 8 * 1024
    /// Bytes of request target, field names and field values together, trailers included; one more is 431.
    package var fields = 32 * 1024
    /// Number of fields, trailers included; one more is 431.
    package var fieldCount = 100
    /// Bytes of a body on the paths without a limit of their own; one more is 413.
    package var body = 256 * 1024
    /// Bytes of a form on `/webhooks/twilio/…`; one more is 413.
    package var form = 64 * 1024
    /// Bytes of a body on `/webhooks/ultravox`; one more is 413.
    package var ultravoxBody = 1024 * 1024

    /// From the opening of a connection to its first byte.
    package var openingTime = Duration.seconds(10)
    /// From a message's first byte to the end of its head.
    package var headTime = Duration.seconds(10)
    /// From the end of a head to the end of its body.
    package var bodyTime = Duration.seconds(30)
    /// How long the bytes of an answer may wait for a reader that does not take them.
    package var readerTime = Duration.seconds(30)
    /// From an answer to the first byte of the next message.
    package var idleTime = Duration.seconds(75)
    /// How long what a refused client still sends is read and thrown away, so that no reset overtakes the answer.
    package var lingerTime = Duration.seconds(5)

    package init() {}

    /// Bytes of a head that count as no field: method, version, colons, line ends and the spaces around values.
    var separators: Int { 4 * 1024 }
    /// Bytes that chunks may cost beyond what they carry: sizes, extensions, line ends, trailers.
    var chunkOverhead: Int { 64 * 1024 }
    /// Bytes that wait behind an unfinished answer; with more, the connection ends after that answer.
    var waiting: Int { 256 * 1024 }
    /// How long a linger may hold up a stop.
    var lingerTimeWhenStopping: Duration { min(lingerTime, .seconds(1)) }
    /// A timer that looks this often is on time for every phase.
    var shortestTime: Duration { min(openingTime, headTime, bodyTime, readerTime, idleTime) }

    /// The most bytes that a body sent to that target may have.
    func bodySize(target: String) -> Int {
        switch WebhookTarget(target.utf8) {
        case .twilio: form
        case .ultravox: ultravoxBody
        case nil: body
        }
    }
}
