import CallDomain
import TwilioAdapter

/// Whether calls to the number come to the gateway, and what becomes of them: judged by what the number has at Twilio.
///
/// Calls that we place bring their own URLs. So without an agent for callers only a number that points here is judged,
/// and nothing of it fails.
struct NumberWebhooks {
    private let number: OwnedPhoneNumber
    private let urls: WebhookURLs
    private let base: String
    private let hasAgent: Bool

    init(_ number: OwnedPhoneNumber, urls: WebhookURLs, publicBaseURL: String, hasAgent: Bool) {
        self.number = number
        self.urls = urls
        base = String(Self.comparable(publicBaseURL).reversed().drop { $0 == "/" }.reversed())
        self.hasAgent = hasAgent
    }

    static let name = "webhooks"

    /// One finding for each thing that is wrong; one in all if nothing is.
    var findings: [Finding] {
        let isMeant = hasAgent || number.voice.url.map(isOurs) == true
        guard isMeant else {
            return [
                Finding(Self.name, .ok, "calls to the number do not come here, and INBOUND_AGENT_ID is not set")
            ]
        }
        if let detour { return [detour] }
        let faults = [voice, fallback, status].compactMap(\.self)
        guard faults.isEmpty else { return faults }
        let fate = hasAgent ? "" : "; they are rejected, because INBOUND_AGENT_ID is not set"
        return [Finding(Self.name, .ok, "calls to the number come here, with their fallback and their status\(fate)")]
    }

    /// Failed where callers are meant to reach an agent; otherwise calls that we place work all the same.
    private func fault(_ text: String, _ outcome: Finding.Outcome = .failed) -> Finding {
        Finding(Self.name, hasAgent ? outcome : .warning, text)
    }

    /// What takes calls away before the number's URLs are asked.
    private var detour: Finding? {
        if let trunk = number.trunkSid {
            return fault(
                "the number belongs to SIP trunk \(trunk), which takes all its calls: remove it from the trunk, or set "
                    + "Voice Configuration of the number to Webhook"
            )
        }
        if let application = number.applicationSid {
            return fault(
                "TwiML app \(application) counts instead of the number's URLs: set Voice Configuration of the number to "
                    + "Webhook, with \(cure(.voice, "A call comes in"))"
            )
        }
        guard number.receiveMode == "voice" else {
            return fault(
                "the number receives \(number.receiveMode), not calls: set Accept Incoming of the number to Voice Calls"
            )
        }
        return nil
    }

    private var voice: Finding? {
        guard let url = number.voice.url else {
            return fault("the number has no URL for calls: set \(cure(.voice, "A call comes in"))")
        }
        guard isOurs(url) else {
            return fault("calls to the number go to \(Self.origin(of: url)): set \(cure(.voice, "A call comes in"))")
        }
        guard isExactly(url, .voice) else {
            return fault("A call comes in leads to a wrong path here: set it to \(urls.number(.voice)), HTTP POST")
        }
        guard isPost(number.voice) else {
            return fault(
                "A call comes in works with HTTP GET, but writes the caller's number into every log on the way: set it to "
                    + "HTTP POST",
                .warning
            )
        }
        return nil
    }

    private var fallback: Finding? {
        guard let url = number.fallback.url else {
            return fault(
                "without a fallback callers hear Twilio's error message when the gateway is down: set "
                    + cure(.fallback, "Primary handler fails"),
                .warning
            )
        }
        // A document elsewhere is a good fallback: it works while the gateway does not.
        guard isOurs(url) else { return nil }
        guard isExactly(url, .fallback) else {
            return fault("Primary handler fails leads to a wrong path here: set \(cure(.fallback, "it"))")
        }
        guard isPost(number.fallback) else {
            return fault("the gateway refuses HTTP GET for Primary handler fails: set it to HTTP POST")
        }
        return nil
    }

    private var status: Finding? {
        let consequence = "the end of calls to the number is not reported"
        guard let url = number.status.url else {
            return fault("\(consequence): set \(cure(.status, "Call status changes"))")
        }
        guard isOurs(url) else {
            return fault(
                "\(consequence) here, but to \(Self.origin(of: url)): set \(cure(.status, "Call status changes"))"
            )
        }
        guard isExactly(url, .status) else {
            return fault("\(consequence): Call status changes leads to a wrong path here; set \(cure(.status, "it"))")
        }
        guard isPost(number.status) else {
            return fault("\(consequence): the gateway refuses HTTP GET for Call status changes; set it to HTTP POST")
        }
        return nil
    }

    /// What to set a field of Twilio's console to.
    private func cure(_ kind: TwilioWebhook.Kind, _ field: String) -> String {
        "\(field) to \(urls.number(kind)), HTTP POST (Phone Numbers > Active numbers in Twilio's console)"
    }

    private func isPost(_ webhook: OwnedPhoneNumber.Webhook) -> Bool { webhook.method.uppercased() == "POST" }

    private func isOurs(_ url: String) -> Bool {
        let url = Self.comparable(url)
        return url == base || url.hasPrefix(base + "/")
    }

    /// Connection overrides in the fragment are Twilio's business, and a query does not hinder; but `call` would name one
    /// call for all.
    private func isExactly(_ url: String, _ kind: TwilioWebhook.Kind) -> Bool {
        let url = Self.comparable(url)
        let query = url.drop { $0 != "?" }.dropFirst().split(separator: "&")
        return url.prefix { $0 != "?" } == Self.comparable(urls.number(kind))
            && !query.contains { $0 == "call" || $0.hasPrefix("call=") }
    }

    /// Without the fragment, scheme and host in small letters, no default port.
    private static func comparable(_ url: String) -> String {
        let bare = String(url.prefix { $0 != "#" })
        guard let start = bare.firstRange(of: "://")?.upperBound else { return bare }
        let end = bare[start...].firstIndex { "/?".contains($0) } ?? bare.endIndex
        var origin = bare[..<end].lowercased()
        for (scheme, port) in [("https://", ":443"), ("http://", ":80")]
        where origin.hasPrefix(scheme) && origin.hasSuffix(port) {
            origin.removeLast(port.count)
        }
        return origin + bare[end...]
    }

    /// Enough of a foreign URL to know whose it is; the rest may hold secrets.
    private static func origin(of url: String) -> String {
        guard let start = url.firstRange(of: "://")?.upperBound else { return "something that is no URL" }
        let host = url[start...].prefix { !"/?#".contains($0) }
        return "\(url[..<start])\(host.split(separator: "@").last ?? host)"
    }
}
