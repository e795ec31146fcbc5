/// What a webhook URL's fragment asks of Twilio's client: `#rc=2&rp=ct,5xx&ct=2000`.
///
/// The fragment is neither requested nor signed; values out of range are ignored.
/// <https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>
struct ConnectionOverrides: Equatable {
    enum RetryReason: String, Sendable {
        case connect = "ct"
        case read = "rt"
        case clientError = "4xx"
        case serverError = "5xx"
    }

    var connectTimeout = Duration.milliseconds(5000)
    var readTimeout = Duration.milliseconds(15000)
    /// All attempts together.
    var totalTimeout = Duration.milliseconds(15000)
    var retries = 1
    var reasons: Set<RetryReason> = [.connect]

    init(fragment: String?) {
        for parameter in Form.decode(fragment ?? "") {
            let value = Int(parameter.value)
            switch (parameter.name, value) {
            case ("ct", .some(100...10000)): connectTimeout = .milliseconds(value ?? 0)
            case ("rt", .some(100...15000)): readTimeout = .milliseconds(value ?? 0)
            case ("tt", .some(100...15000)): totalTimeout = .milliseconds(value ?? 0)
            case ("rc", .some(0...5)): retries = value ?? 0
            case ("rp", _):
                let words = parameter.value.split(separator: ",").map(String.init)
                reasons =
                    words.contains("all")
                    ? [.connect, .read, .clientError, .serverError]
                    : Set(words.compactMap(RetryReason.init))
            default: continue
            }
        }
    }
}
